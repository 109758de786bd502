// A probe of frozen features as text: a table for a terminal, and CSV. Not its place on the page:
// page_data.h.
#pragma once

#include <span>
#include <string>

#include "fathom/results/record.h"

namespace fathom::report {

/// A line on what was probed and a table of its boundaries, bottom first, no line longer than
/// `width` columns as far as that can be.
std::string probe_text(const results::ProbeRecord& probe, int width);

/// One row per boundary: architecture, boundary, level, features, strength, validation_auc, _low,
/// _high, test_auc, _low, _high, logme. An empty cell is a figure that is not defined.
std::string probe_csv(std::span<const results::ProbeRecord> probes);

}  // namespace fathom::report
