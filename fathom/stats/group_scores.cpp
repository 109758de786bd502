#include "fathom/stats/group_scores.h"

#include <algorithm>
#include <numeric>

#include "fathom/base/error.h"

namespace fathom::stats {

std::size_t groups_of_several_classes(std::span<const int> labels, const Groups& groups) {
  FATHOM_CHECK(labels.size() == groups.of_image.size());
  std::vector<int> first(groups.count, -1);
  std::vector<bool> several(groups.count);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint32_t group = groups.of_image[i];
    if (first[group] < 0) first[group] = labels[i];
    if (first[group] != labels[i]) several[group] = true;
  }
  return static_cast<std::size_t>(std::count(several.begin(), several.end(), true));
}

Predictions by_group(const Predictions& predictions, const Groups& groups, GroupRule rule,
                     std::size_t positive) {
  FATHOM_CHECK(groups_of_several_classes(predictions.labels, groups) == 0);
  const std::size_t classes = predictions.classes;
  Predictions made{classes, std::vector<double>(groups.count * classes),
                   std::vector<int>(groups.count)};
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::uint32_t group = groups.of_image[i];
    made.labels[group] = predictions.labels[i];
    for (std::size_t c = 0; c < classes; ++c) {
      const double p = predictions.probabilities[i * classes + c];
      double& known = made.probabilities[group * classes + c];
      known = rule == GroupRule::max ? std::max(known, p) : known + p;
    }
  }
  for (std::size_t g = 0; g < groups.count; ++g) {
    const auto row = std::span(made.probabilities).subspan(g * classes, classes);
    if (rule == GroupRule::max && classes == 2) {
      row[1 - positive] = 1 - row[positive];
      continue;
    }
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    for (double& p : row) p /= sum;  // of a mean the sum is the number of images
  }
  return made;
}

}  // namespace fathom::stats
