// What can leak from training into the test: groups, equal images and images that look alike in two
// parts. Not for finding look-alikes: scan() does.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fathom/data/split.h"

namespace fathom::data {

/// Sets of images that are equal, or look alike, by what they do. Examples are "a.png, b.png".
struct DuplicateSummary {
  std::size_t sets = 0;           ///< sets of such images
  std::size_t images = 0;         ///< images in them
  std::size_t across_parts = 0;   ///< sets with images in two of train, valid, test
  std::size_t across_labels = 0;  ///< sets whose images have different labels
  std::string example, across_parts_example, across_labels_example;
};

/// Of exact duplicates. Needs scan(). The parts are those of `assignment`; it may be empty (none
/// known).
DuplicateSummary summarize_duplicates(const Dataset& dataset, const Assignment& assignment);

/// The same of Dataset::look_alikes.
DuplicateSummary summarize_look_alikes(const Dataset& dataset, const Assignment& assignment);

/// The groups of which images are in two of train, valid and test, sorted.
std::vector<std::string> cut_groups(const Dataset& dataset, const Assignment& assignment);

/// What makes scores too good or labels wrong, as plain sentences: Dataset::leaks, group_doubts
/// about images in two parts (all doubts where no parts are known), groups in two parts, equal
/// images in two parts, equal images with different labels, look-alikes in two parts or with
/// different labels. Those of the first fold (there must be one), then what only later ones have
/// ("Fold 2 of 5: ...").
std::vector<std::string> find_leaks(const Dataset& dataset, const std::vector<Assignment>& folds);

/// Throws Error with the leaks and what to do, when there are any: DataOptions::strict.
void refuse_leaks(const std::vector<std::string>& leaks);

}  // namespace fathom::data
