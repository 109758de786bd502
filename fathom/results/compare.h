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

/// When a level counts as good enough.
struct Rule {
  double margin = 0.01;      ///< AUC that one is willing to lose against the best level, > 0
  double confidence = 0.95;  ///< that no more than the margin is lost, 0.5 to 1

  /// The rule in one sentence.
  std::string in_words() const;
};

struct Comparison {
  Rule rule;
  /// Indices into the summaries of the levels with two units or more to compare, shallow first; of
  /// one level the better strategy first.
  std::vector<std::size_t> levels;
  std::size_t best = 0;  ///< position in `levels` of the highest mean validation AUC
  std::size_t folds = 1;
  stats::Contest valid, test;  ///< of the levels, in their order; `test` takes no part in a choice
  /// For each level the corrected p-value of "another level is better by the margin or more", on
  /// validation.
  std::vector<double> p_values;
  std::vector<std::string> cautions;  ///< sentences on what the comparison rests on

  bool is_good_enough(std::size_t level) const { return p_values[level] <= 1 - rule.confidence; }

  /// The position in `levels` of an index into the summaries, if it was compared.
  std::optional<std::size_t> position_of(std::size_t index) const;
};

/// With one fold the units of a level are its seeds, and errors are over seeds and groups of images
/// (stats/seeds.h); with several, errors are over folds, each the mean of its seeds, by the
/// corrected resampled t-test. Units pair by fold and seed.
Comparison compare_levels(const StudyRecord& study, const std::vector<LevelSummary>& summaries,
                          const std::string& architecture, const Evidence& evidence,
                          const Rule& rule = {});

/// All levels of an architecture as indices into the summaries, in the order of Comparison::levels.
std::vector<std::size_t> levels_of(const std::vector<LevelSummary>& summaries,
                                   const std::string& architecture);

}  // namespace fathom::results
