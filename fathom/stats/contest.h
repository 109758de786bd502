// Several levels scored over the same trainings and images: their differences two by two, which of
// them are shown to be no worse than the others, and what it would take to show it. Pure numbers;
// which level is recommended is for results/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fathom/stats/seeds.h"

namespace fathom::stats {

/// Every difference between two levels. A difference that cannot be estimated (fewer than two
/// trainings in common) is NaN.
struct Contest {
  std::size_t levels = 0;
  std::vector<Estimate> differences;  ///< [a * levels + b]: a - b; of a level with itself zeros
  std::size_t trainings = 0;          ///< the fewest that two levels have in common
  /// Of a difference, pooled over the pairs of levels that have every training (over all pairs
  /// where that gives more degrees of freedom, as in studies that have just begun): the variance
  /// from training to training and its degrees of freedom, (levels - 1)(trainings - 1) of those;
  /// how much of it is due to the images; and the variance due to the images that trainings share.
  double between_trainings = 0, freedom = 0, trainings_by_images = 0, images = 0;
  std::size_t groups = 0;    ///< of images, independent of each other; over folds 0
  double test_to_train = 0;  ///< over folds, as in corrected_resampled_t(); else 0

  const Estimate& at(std::size_t a, std::size_t b) const { return differences[a * levels + b]; }
};

/// samples[level][training]; all over the same images and groups, and training t of every level of
/// the same seed. A sample whose AUC is NaN is a training that is missing. Each difference has the
/// error of over_seeds_and_images(). Its variance between trainings is the pair's own or the pooled
/// one, whichever is larger, with the pooled degrees of freedom: few seeds tell little of one
/// pair's variance, and the pooled one alone would be too sure of a pair that varies more than the
/// others.
Contest compare_over_seeds(const std::vector<std::vector<AucSample>>& samples);

/// The same where training t is of `folds[t]`: a difference is over folds, of each the mean over
/// the seeds that both levels have there, by the variance of corrected_resampled_t(), pooled as
/// above. Influences are given where all folds were scored on the same images.
Contest compare_over_folds(const std::vector<std::vector<AucSample>>& samples,
                           std::span<const int> folds, double test_to_train);

/// For each level the p-value of "some other level is better by `margin` or more". Small where the
/// level is shown to be no worse than every other within the margin. Of one level the largest
/// adjusted p-value of its pairs (intersection-union test: Berger 1982,
/// doi:10.1080/00401706.1982.10487790); over the levels that of the comparisons with the best,
/// whichever it is (Hsu 1981, doi:10.1214/aos/1176345580), by dunnett() step by step (Dunnett &
/// Tamhane 1991, doi:10.1002/sim.4780100614): at first for one less than all, as the best level is
/// worse than none.
std::vector<double> not_inferior(const Contest& contest, double margin);

/// What would let at least one level be shown to be no worse than the others.
struct Needed {
  /// Trainings of each level in all, with the images at hand; none: more than the most tried.
  std::optional<std::size_t> trainings;
  /// Times the images at hand, with the trainings at hand; none: more than the most tried.
  std::optional<double> images;
  /// Times the trainings and times the images, where more of one alone would not do.
  std::optional<double> both;
};

inline constexpr std::size_t kMostTrainingsTried = 50;
inline constexpr double kMostImagesTried = 20;

/// The least that suffices in 80 % of simulated studies, in which the levels differ truly as they
/// were seen to, with the variances of the contest; over folds with an error that folds share,
/// which more folds do not lower. Each simulated study is judged as a real one is: its variances
/// are estimated anew. Deterministic.
Needed enough_to_tell(const Contest& contest, double margin, double confidence);

}  // namespace fathom::stats
