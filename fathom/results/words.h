// How figures and levels are written for people, the same in the recommendation and in the report.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/precision.h"
#include "fathom/results/summary.h"
#include "fathom/stats/seeds.h"

namespace fathom::results {

/// "0.931"; "-" when not defined.
std::string fixed(double value, int decimals);

/// "0.931 ± 0.002" (mean and standard error); "0.931" of a single unit; "-" of none.
std::string mean_and_error(const Mean& mean, int decimals);

/// "0.931 [0.913, 0.945]": mean validation AUC and its widest interval; "0.931" without one.
std::string valid_auc_in_words(const LevelSummary& level, const LevelPrecision& precision);

/// "0.921 [0.899, 0.938]": test_auc_of() a level; "0.921" without an interval; "-" of no unit.
std::string test_auc_in_words(const LevelSummary& level, const LevelPrecision& precision,
                              int decimals);

/// What that interval is over: "3 seeds and other images", "2 seeds x 3 folds" where folds have
/// images of their own, "3 seeds on these images" without predictions.
std::string test_coverage_in_words(const LevelSummary& level, const LevelPrecision& precision);

/// "-0.001 [-0.004, 0.002]": a difference with its 95 % interval; "-" where it is not known.
std::string difference_in_words(const stats::Estimate& difference, int decimals);

/// A large number in three figures: "1026", "289 k", "1.24 M", "2.1 G".
std::string human_count(double value);

/// "46 %", "0.4 %" of a share; "-" when not defined.
std::string percent(double share);

/// What a level tunes: "the head only", "the normalization layers and the head", "the top block
/// (fire9)", "the top 3 blocks (from fire7)", "all 9 blocks".
std::string tuned_part(const Level& level);

/// "fire7", or with a strategy other than plain "fire7 (lp-ft)".
std::string level_name(const LevelSummary& summary);

/// "a", "a and b", "a, b and c".
std::string listed_in_words(const std::vector<std::string>& items);

/// What the time of a level is and what it is not.
inline constexpr const char* kTimeInWords =
    "Time is the wall time of one training with its validation and test scores, without the frozen "
    "pass that all trainings share and without what the study scores beyond (training images, "
    "external sets, corruptions). Heads are trained side by side: their time, and that of their "
    "frozen features, is a share of the joint run.";

/// What a mean is over: "3 seeds", "2 seeds x 5 folds", "1 seed".
std::string units_in_words(const LevelSummary& summary);

}  // namespace fathom::results
