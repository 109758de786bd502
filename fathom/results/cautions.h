// What makes a recommendation weaker than it looks, in plain sentences. The answer itself is
// recommend()'s.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/recommend.h"

namespace fathom::results {

/// Levels that were not compared, units that failed, learning rates that leave something open, what
/// the comparison says of itself, and what errors do not cover.
std::vector<std::string> cautions_on(const Recommendation& answer,
                                     const std::vector<LevelSummary>& summaries,
                                     const std::string& architecture, const Comparison& comparison);

}  // namespace fathom::results
