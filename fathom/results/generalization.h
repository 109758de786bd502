// How a level does beyond the images that chose it: from training to validation to test, on
// external sets, under corruptions. Means over its units. Not for choosing a level.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fathom/results/summary.h"

namespace fathom::results {

struct LevelGeneralization {
  /// Validation loss minus training loss, at the epoch that validation chose.
  Mean loss_gap;
  Mean auc_gap;                                        ///< validation AUC minus test AUC
  std::vector<std::pair<std::string, Mean>> external;  ///< AUC by set, in the study's order
  /// Of the test images that were corrupted: the AUC as they are, the mean AUC over all corruptions
  /// and severities (after Hendrycks & Dietterich 2019, arXiv:1903.12261, with the AUC in place of
  /// the error), and their difference. Undefined where no images were corrupted.
  Mean uncorrupted, corrupted, drop;
  std::vector<std::pair<std::string, Mean>> corruptions;  ///< mean AUC over severities, by kind
  std::vector<Mean> severities;                           ///< mean AUC over kinds, from severity 1
};

LevelGeneralization generalization_of(const LevelSummary& level);

/// Every Mean as to_json(Mean); external and corruptions as lists of {name, auc}.
Json to_json(const LevelGeneralization& level);

}  // namespace fathom::results
