// How levels do beyond the images that chose them, as the page and the exports show it.
#pragma once

#include "fathom/report/report.h"
#include "fathom/results/generalization.h"

namespace fathom::report {

/// Refers to `study`, which must outlive it.
results::Generalization generalization_of(const Study& study);

/// The level of the same architecture and strategy that tunes everything; null where that is the
/// same level, or was not trained.
const results::LevelSummary* full_tuning(const Study& study, const results::LevelSummary& level);

/// The level `summary` minus the one that tunes everything, as results::to_json(); null where there
/// is none: full_tuning().
Json against_all_json(const Study& study, std::size_t summary);

/// Sentences beside an architecture's figures: the recommended level against full tuning, and what
/// could not be read.
std::vector<std::string> generalization_notes(const Study& study,
                                              const results::Recommendation& recommendation);

}  // namespace fathom::report
