// Text and tables in LaTeX, without packages. Knows nothing of studies.
#pragma once

#include <string>
#include <vector>

namespace fathom::report {

/// Text in which nothing is a command of LaTeX. Characters that it has no simple way to write, and
/// control characters, become '?'.
std::string escaped(const std::string& text);

/// A floating table in small print, with a caption above a tabular environment. Captions, titles
/// and cells are LaTeX. Rows have a cell for each title; the first column is aligned left, the
/// others right.
std::string latex_table(const std::string& caption, const std::vector<std::string>& titles,
                        const std::vector<std::vector<std::string>>& rows);

}  // namespace fathom::report
