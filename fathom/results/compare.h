// The levels of one architecture compared two by two, over the same images, seeds and folds: what
// the recommendation rests on. Chooses nothing: that is recommend().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fathom/results/evidence.h"
#include "fathom/results/summary.h"
#include "fathom/stats/contest.h"

namespace fathom::results {

inline constexpr double kSmallestMargin = 1e-4, kLargestMargin = 0.5;
inline constexpr double kLowestConfidence = 0.5, kHighestConfidence = 0.999;

/// When a level counts as good enough.
struct Rule {
  double margin = 0.01;      ///< AUC that one is willing to lose against the best level
  double confidence = 0.95;  ///< that no more than the margin is lost

  bool operator==(const Rule&) const = default;

  /// The rule in one sentence.
  std::string in_words() const;
};

/// That of the study's settings, [study] margin and confidence; the default of a study that is
/// older than these. Throws Error where they are not numbers in range.
Rule rule_of(const Json& settings);

/// A level minus the best on test over the seeds that both have, with the trainings as they are:
/// what other images alone could change. Errors are NaN where a class is in too few groups, and
/// where no image moves the difference.
struct ImagesAlone {
  double difference = 0;
  /// 95 %: by DeLong's covariance and Student's t with stats::variance_freedom(), and
  /// stats::percentile_interval() of the paired draws.
  stats::Interval by_delong, by_bootstrap;
  double p_value = 0;  ///< of no difference, as by_delong, Holm-corrected over the levels
};

struct Comparison {
  Rule rule;
  /// Indices into the summaries of the levels with two units or more to compare, shallow first; of
  /// one level the better strategy first.
  std::vector<std::size_t> levels;
  std::vector<std::size_t> missing;  ///< the other levels of the architecture
  std::size_t best = 0;              ///< position in `levels` of the highest mean validation AUC
  std::size_t folds = 1;
  stats::Contest valid, test;  ///< of the levels, in their order; `test` takes no part in a choice
  /// For each level the corrected p-value of "another level is better by the margin or more", on
  /// validation.
  std::vector<double> p_values;
  std::vector<ImagesAlone> test_images_alone;  ///< of each level; none with several folds
  /// Where no level is good enough because the error of a difference on validation is not known:
  /// why, and what to do; else empty.
  std::string no_error;
  std::vector<std::string> cautions;  ///< sentences on what the comparison rests on

  /// Against every other level of the study: of none where a level is missing or there is but one.
  bool is_good_enough(std::size_t level) const {
    return missing.empty() && levels.size() > 1 && p_values[level] <= 1 - rule.confidence;
  }

  /// In one sentence, whether test images had a say in the choice of a level.
  std::string say_of_test_in_words() const;

  /// The position in `levels` of an index into the summaries, if it was compared.
  std::optional<std::size_t> position_of(std::size_t index) const;
};

/// `summaries` are of the largest train_fraction. With one fold the units of a level are its seeds,
/// and errors are over seeds and groups of images (stats/seeds.h); with several, errors are over
/// folds, each the mean of its seeds, by the corrected resampled t-test. Units pair by fold and
/// seed.
Comparison compare_levels(const StudyRecord& study, const std::vector<LevelSummary>& summaries,
                          const std::string& architecture, const Evidence& evidence,
                          const Rule& rule = {});

/// All levels of an architecture as indices into the summaries, in the order of Comparison::levels.
std::vector<std::size_t> levels_of(const std::vector<LevelSummary>& summaries,
                                   const std::string& architecture);

}  // namespace fathom::results
