// How the levels do with fewer training images ([data] train_fractions). For looking at: levels are
// compared and one is recommended with the largest fraction alone (compare.h, recommend.h).
#pragma once

#include <string>
#include <vector>

#include "fathom/results/generalization.h"
#include "fathom/results/precision.h"

namespace fathom::results {

/// All levels of a study with one train_fraction.
struct CurvePoint {
  double train_fraction = 1;
  std::size_t images = 0;  ///< trained on, in fold 0
  std::vector<LevelSummary> summaries;
  // Of each summary; filled by the caller.
  std::vector<LevelPrecision> precisions;
  std::vector<LevelGeneralization> generalizations;
};

/// A point for every train_fraction of the study, ascending: at least one, and several where the
/// study has a learning curve. The summaries point into `units`, which must outlive them.
std::vector<CurvePoint> learning_curve(const StudyRecord& study,
                                       const std::vector<UnitRecord>& units);

/// The level of an architecture with the highest mean validation AUC at a point, of equal ones the
/// shallowest; null where none has finished.
const LevelSummary* best_level(const CurvePoint& point, const std::string& architecture);

/// How the best level of an architecture moves with the number of training images, and what the
/// last step gains, in plain sentences that say what this does not show. Empty where fewer than two
/// points have a finished unit.
std::string curve_in_words(const std::vector<CurvePoint>& curve, const std::string& architecture);

}  // namespace fathom::results
