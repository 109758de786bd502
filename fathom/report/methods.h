// The paragraph on methods: what was done with the data and the statistics, from the study's
// record. Plain text; the page and LaTeX show the same.
#pragma once

#include <string>

#include "fathom/report/report.h"

namespace fathom::report {

/// Complete sentences, without markup. Says only what the record and the evidence hold.
std::string methods_paragraph(const Study& study);

}  // namespace fathom::report
