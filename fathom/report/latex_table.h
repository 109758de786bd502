// Text and tables in LaTeX, without packages. Knows nothing of studies.
#pragma once

#include <string>
#include <vector>

#include "fathom/stats/intervals.h"

namespace fathom::report {

/// Text in which nothing is a command of LaTeX, and hyphens before numbers are minus signs. Control
/// characters become '?'.
std::string escaped(const std::string& text);

/// "$0.931$ [$0.913$, $0.945$]"; "$0.931$" without an interval, "--" without a value.
std::string latex_figure(double value, const stats::Interval& interval);

/// A floating table in small print, with a caption above a tabular environment. Captions, titles
/// and cells are LaTeX. Rows have a cell for each title; the first column is aligned left, the
/// others right.
std::string latex_table(const std::string& caption, const std::vector<std::string>& titles,
                        const std::vector<std::vector<std::string>>& rows);

}  // namespace fathom::report
