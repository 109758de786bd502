// How levels do beyond the images that chose them: what is said of it beside the figures
// (results/generalization.h).
#pragma once

#include <string>
#include <vector>

#include "fathom/report/report.h"

namespace fathom::report {

/// Sentences beside an architecture's figures: the recommended level against full tuning, and what
/// could not be read.
std::vector<std::string> generalization_notes(const Study& study,
                                              const results::Recommendation& recommendation);

/// What the intervals of the gaps between parts and of external sets cover, for a caption: "of
/// external sets over other trainings and other images; of training images over ...". Empty where
/// none has an interval.
std::string generalization_coverage(const Study& study, const std::string& architecture);

/// The same of figures under corruption and of their differences to full tuning: "over other
/// trainings and other images"; where it is not both, why.
std::string corruption_coverage(const Study& study, const std::string& architecture);

/// Why images have no part in the error of some trainings, "predictions were not kept or cannot be
/// used": on corrupted images, or on external sets. Empty where they have in all that were scored,
/// and where every fold has images of its own. `architecture`: empty for all.
std::string why_without_corrupted_images(const Study& study, const std::string& architecture = "");
std::string why_without_external_images(const Study& study, const std::string& architecture = "");

}  // namespace fathom::report
