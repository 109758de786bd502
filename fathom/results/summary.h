// From the records of units to one line per depth, and the depth to recommend.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/record.h"

namespace fathom::results {

/// A mean over the units (seeds x folds) of one level.
struct Mean {
  double mean = 0;
  double standard_error = 0;  ///< sd / sqrt(n); NaN when n < 2
  double low = 0, high = 0;   ///< 95 % interval of the mean by Student's t; NaN when n < 2
};

/// All finished units of one architecture, strategy and level at the learning rate that validation
/// chose (highest mean validation AUC; the smaller rate when equal).
struct LevelSummary {
  std::string architecture;
  std::string strategy;
  Level level;
  double learning_rate = 0;
  std::vector<const UnitRecord*>
      units;               ///< of the chosen rate, finished; owned by the journal content
  std::size_t failed = 0;  ///< units of this level that failed, at any rate
  Mean valid_auc, test_auc, test_accuracy, test_balanced_accuracy, test_sensitivity,
      test_specificity, test_f1, test_log_loss;
  Mean seconds;  ///< wall time per unit
  Mean train_seconds;
  double flops = 0;  ///< per image and training step: prefix + forward + backward
  std::int64_t trainable_parameters = 0;
  std::int64_t peak_memory_bytes = 0;  ///< largest
  bool on_pareto_front =
      false;  ///< no other level of the study has both more test AUC and less time
};

/// The recommendation for one architecture, or for the study over all of them.
struct Recommendation {
  enum class Kind { depth, cannot_tell };
  Kind kind = Kind::cannot_tell;
  std::size_t chosen = 0;  ///< index into the summaries
  std::size_t best = 0;    ///< the level with the highest mean validation AUC
  std::string rule;        ///< the rule in words
  std::string headline;    ///< one sentence: the answer
  std::vector<std::string>
      reasons;  ///< plain sentences with numbers: why, what it saves, why not others
};

/// Levels of one architecture next to each other, shallow first; norm-only after head.
std::vector<LevelSummary> summarize(const StudyRecord& study, const std::vector<UnitRecord>& units);

/// The shallowest level of `architecture` whose mean validation AUC is within one standard error of
/// the best level's (Breiman et al. 1984, CART, section 3.4.3, the 1-SE rule). The test split takes
/// no part in the choice. cannot_tell: no finished units, or one seed and fold only.
Recommendation recommend(const std::vector<LevelSummary>& summaries,
                         const std::string& architecture);

}  // namespace fathom::results
