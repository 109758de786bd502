// What one training's AUC is under corruption: by kind, by severity and over all. Over the
// trainings of a level: generalization.h.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/corrupted_predictions.h"
#include "fathom/results/record.h"
#include "fathom/stats/delong.h"
#include "fathom/stats/groups.h"

namespace fathom::results {

/// AUCs as in stats::Scores, NaN where nothing was measured. Means are over the AUCs that are
/// defined; their influences are the means of the influences of these.
struct CorruptedAucs {
  stats::AucSample uncorrupted;              ///< of the same images as they are
  stats::AucSample mean;                     ///< over all kinds and severities
  std::vector<stats::AucSample> kinds;       ///< over severities, in the order of the kinds
  std::vector<stats::AucSample> severities;  ///< over kinds, from severity 1
};

/// As its record has them, without influences. `kinds`: those that count.
CorruptedAucs corrupted_aucs(const UnitRecord& unit, const std::vector<std::string>& kinds);

/// With influences. `labels` and `groups` are those of the corrupted images, in their order;
/// `positive`: the class that counts as positive when there are two. Throws Error where a kind or
/// severity is missing.
CorruptedAucs corrupted_aucs(const CorruptedPredictions& predictions,
                             const std::vector<int>& labels, std::size_t positive,
                             const stats::Groups& groups, const std::vector<std::string>& kinds);

/// The kinds under which all units were scored that were scored under any, in the order of the
/// first: those of a study begun before there was one leave it out.
std::vector<std::string> common_corruptions(const std::vector<const UnitRecord*>& units);

}  // namespace fathom::results
