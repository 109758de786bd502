// How levels do beyond the images that chose them: what is said of it beside the figures
// (results/generalization.h).
#pragma once

#include "fathom/report/report.h"

namespace fathom::report {

/// Sentences beside an architecture's figures: the recommended level against full tuning, and what
/// could not be read.
std::vector<std::string> generalization_notes(const Study& study,
                                              const results::Recommendation& recommendation);

/// What the intervals of figures under corruption cover, for a caption: "over other trainings and
/// other images"; where it is not both, why. Empty where none has an interval.
std::string corruption_coverage(const Study& study, const std::string& architecture);

}  // namespace fathom::report
