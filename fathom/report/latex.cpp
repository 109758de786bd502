// Tables and paragraphs for a paper, in LaTeX.
#include <fmt/format.h>

#include "fathom/report/latex_levels.h"
#include "fathom/report/latex_table.h"
#include "fathom/report/methods.h"
#include "fathom/report/report.h"
#include "fathom/report/transfer.h"

namespace fathom::report {
namespace {

/// Lines may be as loose as they must: DOIs cannot be broken.
std::string paragraph(const std::string& title, const std::string& text) {
  return fmt::format("{{\\sloppy\\paragraph{{{}.}} {}\\par}}\n\n", escaped(title), escaped(text));
}

/// What is recommended and why.
std::string decision(const Study& study, std::size_t architecture) {
  const results::Recommendation& answer = study.recommendations[architecture];
  std::string text = answer.headline;
  for (const std::string& reason : answer.reasons) text += " " + reason;
  return paragraph("Depth of " + study.content.study->architectures[architecture].title, text);
}

}  // namespace

std::string latex_report(const Study& study) {
  std::string text;
  for (std::size_t i = 0; i < study.comparisons.size(); ++i) {
    for (const std::string& table :
         {level_table(study, i), differences_table(study, i), test_table(study, i),
          gaps_table(study, i), external_tables(study, i), corruptions_table(study, i),
          robustness_differences_table(study, i), calibration_table(study, i),
          probe_table(study, i), similarity_tables(study, i)}) {
      if (!table.empty()) text += table + "\n";
    }
    text += decision(study, i);
  }
  for (const MethodsParagraph& one : methods_paragraphs(study)) {
    text += paragraph(one.title, one.text);
  }
  return text;
}

}  // namespace fathom::report
