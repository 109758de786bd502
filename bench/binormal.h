// Prediction sets whose true AUC is known: binormal scores of several trainings over the same
// images. How levels, seeds and epochs differ is for the simulation that uses them.
#pragma once

#include <cmath>
#include <vector>

#include "fathom/base/random.h"
#include "fathom/stats/groups.h"
#include "fathom/stats/intervals.h"

namespace fathom::bench {

/// Standard deviation of what a training adds to the score of an image, where what is hard of the
/// image itself, the same for every training, has 1.
inline constexpr double kOwnNoise = 0.5;

/// Images that trainings are scored on. With fewer groups than images, half of the variance of what
/// is hard of an image is its group's, and a group is of one class.
struct BinormalImages {
  std::vector<double> hard;
  std::vector<int> labels;  ///< of every `one_positive_in` groups one is positive
  stats::Groups groups;

  BinormalImages(std::size_t images, std::size_t group_count, std::size_t one_positive_in,
                 Random& random) {
    std::vector<double> of_group(group_count);
    for (double& value : of_group) value = random.normal();
    for (std::size_t i = 0; i < images; ++i) {
      const std::size_t group = i % group_count;
      labels.push_back(static_cast<int>(group % one_positive_in == 0));
      const double shared = group_count < images ? of_group[group] : random.normal();
      hard.push_back((shared + random.normal()) / std::sqrt(2.0));
      groups.of_image.push_back(static_cast<std::uint32_t>(group));
    }
    groups.count = group_count;
  }

  /// The scores of a training whose classes are this far apart, halfway between them at zero.
  std::vector<double> score(double distance, double noise, Random& random) const {
    std::vector<double> scores(hard.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = hard[i] + noise * random.normal() + (labels[i] ? distance : -distance) / 2;
    }
    return scores;
  }
};

/// The distance that gives this AUC with kOwnNoise, as the mean over trainings whose distances have
/// this standard deviation.
inline double distance_of(double auc, double spread) {
  return stats::normal_quantile(auc) * std::sqrt(2 * (1 + kOwnNoise * kOwnNoise) + spread * spread);
}

}  // namespace fathom::bench
