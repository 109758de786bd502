// How levels do beyond the images that chose them, as the page and the exports show it.
#pragma once

#include "fathom/report/report.h"
#include "fathom/results/generalization.h"

namespace fathom::report {

/// Refers to `study`, which must outlive it.
results::Generalization generalization_of(const Study& study);

/// The level `summary` minus the one that tunes everything (of its architecture and strategy), as
/// results::to_json(); null where that is the same level, or was not trained.
Json against_all_json(const Study& study, std::size_t summary);

/// Sentences beside an architecture's figures: the recommended level against full tuning, and what
/// could not be read.
std::vector<std::string> generalization_notes(const Study& study,
                                              const results::Recommendation& recommendation);

}  // namespace fathom::report
