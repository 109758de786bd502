#include "fathom/report/latex_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "fathom/base/error.h"

namespace fathom::report {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("#$%&_{}").find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else if (c == '\\') {
      out += "\\textbackslash{}";
    } else if (c == '^') {
      out += "\\textasciicircum{}";
    } else if (c == '~') {
      out += "\\textasciitilde{}";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
  }
  return out;
}

std::string latex_table(const std::string& caption, const std::vector<std::string>& titles,
                        const std::vector<std::vector<std::string>>& rows) {
  std::string lines;
  for (const std::vector<std::string>& row : rows) {
    FATHOM_CHECK(row.size() == titles.size());
    lines += fmt::format("{} \\\\\n", fmt::join(row, " & "));
  }
  return fmt::format(
      "\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\footnotesize\\setlength{{\\tabcolsep}}{{"
      "3pt}}\n"
      "\\begin{{tabular}}{{l{}}}\n\\hline\n{} \\\\\n\\hline\n{}\\hline\n"
      "\\end{{tabular}}\n\\end{{table}}\n",
      caption, std::string(titles.size() - 1, 'r'), fmt::join(titles, " & "), lines);
}

}  // namespace fathom::report
