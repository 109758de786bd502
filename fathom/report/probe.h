// A probe of frozen features as people and programs read it. Not its place on the page:
// page_data.h.
#pragma once

#include <span>
#include <string>

#include "fathom/report/report.h"

namespace fathom::report {

/// "0.872 [0.841, 0.903]"; without an interval where none is defined.
std::string probed_auc_in_words(const results::ProbedAuc& auc);

/// A line on what was probed and a table of its boundaries, bottom first, no line longer than
/// `width` columns as far as that can be.
std::string probe_text(const results::ProbeSummary& probe, int width);

/// One row per fold and boundary: architecture, boundary, level, features, strength,
/// validation_auc, _low, _high, test_auc, _low, _high, logme, fold (from 0). An empty cell is a
/// figure that is not defined.
std::string probe_csv(std::span<const results::ProbeRecord> probes);

/// As "probes" of report::results_json().
Json probe_json(const Study& study, const results::ProbeSummary& probe);

/// Null where the architecture was not probed.
const results::ProbeSummary* probe_of(const Study& study, const std::string& architecture);

}  // namespace fathom::report
