// The paragraph on what was measured beyond the figures that chose a depth: external sets,
// corruptions, calibration, probe, similarity. The other paragraphs: methods.cpp.
#pragma once

#include <string>

#include "fathom/report/report.h"

namespace fathom::report {

/// "" where nothing of the kind was done.
std::string diagnostics_sentences(const Study& study);

}  // namespace fathom::report
