// From predictions of images to predictions of groups (patients, slides): one case per group.
#pragma once

#include "fathom/stats/groups.h"
#include "fathom/stats/scores.h"

namespace fathom::stats {

enum class GroupRule {
  mean,  ///< the mean of each class's probability over the group's images
  max    ///< with two classes the largest probability of the positive class: one image suffices to
         ///< make a patient positive; with several the largest of each class over their sum
};

/// Groups whose images are of several classes: they have no label of their own.
std::size_t groups_of_several_classes(std::span<const int> labels, const Groups& groups);

/// One row per group, in the order of the groups, labelled as its images are; there must be no
/// group of several classes. `positive`: the class that counts as positive when there are two.
Predictions by_group(const Predictions& predictions, const Groups& groups, GroupRule rule,
                     std::size_t positive);

}  // namespace fathom::stats
