// The depth to recommend for one architecture, in plain words with the numbers.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/compare.h"
#include "fathom/results/precision.h"

namespace fathom::results {

struct Recommendation {
  enum class Kind { depth, cannot_tell };
  Kind kind = Kind::cannot_tell;
  std::size_t chosen = 0;  ///< index into the summaries; when cannot_tell: the same as best
  std::size_t best = 0;    ///< the level with the highest mean validation AUC so far; the first of
                           ///< the architecture when no unit has finished
  std::string rule;        ///< the rule in words
  std::string headline;    ///< one sentence: the answer
  /// Plain sentences with numbers: why, what it saves, why not others, what to be careful about.
  std::vector<std::string> reasons;
};

/// The shallowest level that the comparison shows to be good enough (Comparison::is_good_enough):
/// the chance that it truly loses the margin or more against another level is at most 1 -
/// confidence. Of the test split: Comparison::say_of_test_in_words(). cannot_tell: no level is
/// shown to be good enough, and then how many more seeds or images would settle it; or a level of
/// the study has fewer than two units to compare; or the study has one level. `comparison` is of
/// `architecture`, which must be in the summaries; `precisions` are of the summaries, in their
/// order.
Recommendation recommend(const std::vector<LevelSummary>& summaries,
                         const std::vector<LevelPrecision>& precisions,
                         const std::string& architecture, const Comparison& comparison);

}  // namespace fathom::results
