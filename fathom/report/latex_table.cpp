#include "fathom/report/latex_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <cmath>
#include <string_view>

#include "fathom/base/error.h"

namespace fathom::report {
namespace {

/// What LaTeX would read as a command, or in its usual fonts show as something else.
struct Escape {
  std::string_view text, latex;
};
constexpr Escape kEscapes[] = {{"#", "\\#"},
                               {"$", "\\$"},
                               {"%", "\\%"},
                               {"&", "\\&"},
                               {"_", "\\_"},
                               {"{", "\\{"},
                               {"}", "\\}"},
                               {"\\", "\\textbackslash{}"},
                               {"^", "\\textasciicircum{}"},
                               {"~", "\\textasciitilde{}"},
                               {"<", "$<$"},
                               {">", "$>$"},
                               {"|", "$|$"},
                               {"\"", "''"},
                               {"--", "-{}-{}"},
                               {"±", "$\\pm$"}};

/// Whether the hyphen at `at` is the sign of a number.
bool is_minus(std::string_view text, std::size_t at) {
  const bool before = at == 0 || text[at - 1] == ' ' || text[at - 1] == '[';
  return before && at + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[at + 1]));
}

/// The escape that stands at the beginning of `text`, if any does.
const Escape* escape_at(std::string_view text) {
  for (const Escape& escape : kEscapes) {
    if (text.starts_with(escape.text)) return &escape;
  }
  return nullptr;
}

}  // namespace

std::string escaped(const std::string& text) {
  const std::string_view all = text;
  std::string out;
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at] == '-' && is_minus(all, at)) {
      out += "$-$";
    } else if (const Escape* escape = escape_at(all.substr(at))) {
      out += escape->latex;
      at += escape->text.size() - 1;
    } else {
      out += static_cast<unsigned char>(all[at]) < 0x20 || all[at] == 0x7F ? '?' : all[at];
    }
  }
  return out;
}

std::string latex_figure(double value, const stats::Interval& interval) {
  if (std::isnan(value)) return "--";
  if (std::isnan(interval.low)) return fmt::format("${:.3f}$", value);
  return fmt::format("${:.3f}$ [${:.3f}$, ${:.3f}$]", value, interval.low, interval.high);
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
