// A table and a methods paragraph for a paper, in LaTeX.
#include <fmt/format.h>

#include <cmath>

#include "fathom/report/methods.h"
#include "fathom/report/report.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::Comparison;
using results::LevelSummary;

/// Text in which nothing is a command of LaTeX. Characters that it has no simple way to write, and
/// control characters, become '?'.
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

/// "$-0.004$ [$-0.010$, $0.002$]"
std::string difference(const stats::Estimate& estimate) {
  if (std::isnan(estimate.standard_error)) return "--";
  const stats::Interval interval = estimate.interval();
  return fmt::format("${:+.3f}$ [${:+.3f}$, ${:+.3f}$]", estimate.value, interval.low,
                     interval.high);
}

std::string mean_and_error(const results::Mean& mean) {
  if (std::isnan(mean.mean)) return "--";
  if (mean.count < 2) return fmt::format("{:.3f}", mean.mean);
  return fmt::format("${:.3f} \\pm {:.3f}$", mean.mean, mean.standard_error);
}

std::string row(const Study& study, const Comparison& comparison, std::size_t index, bool chosen) {
  const LevelSummary& level = study.summaries[index];
  const auto position = comparison.position_of(index);
  const std::string name = escaped(level_name(level));
  std::string validation = "--", test = "--", p_value = "--";
  if (position) {
    const bool is_best = *position == comparison.best;
    validation = is_best ? "best" : difference(comparison.valid.at(*position, comparison.best));
    test = is_best ? "best" : difference(comparison.test.at(*position, comparison.best));
    p_value = fmt::format("{:.2g}", comparison.p_values[*position]);
  }
  return fmt::format(
      "{} & {} & {} & {} & {} & {} & {} & {} \\\\\n", chosen ? "\\textbf{" + name + "}" : name,
      level.units.empty() ? "--"
                          : results::human_count(static_cast<double>(level.trainable_parameters)),
      mean_and_error(level.valid_auc), validation, p_value,
      level.units.empty() ? "--" : results::test_auc_in_words(level, study.precisions[index], 3),
      test, level.units.empty() ? "--" : fmt::format("{:.0f}", level.seconds.mean));
}

std::string table(const Study& study, std::size_t architecture) {
  const results::ArchitectureSummary& studied = study.content.study->architectures[architecture];
  const results::Recommendation& answer = study.recommendations[architecture];
  const Comparison& comparison = study.comparisons[architecture];
  std::string rows;
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    if (study.summaries[i].architecture != studied.name) continue;
    const bool chosen = answer.kind == results::Recommendation::Kind::depth && answer.chosen == i;
    rows += row(study, comparison, i, chosen);
  }
  return fmt::format(
      "\\begin{{table}}\n\\centering\n"
      "\\caption{{Fine-tuning depth of {}. Validation AUC: mean $\\pm$ standard error over "
      "trainings; test AUC: mean with 95\\,\\% interval over trainings and images. $\\Delta$: "
      "difference to the level with the highest validation AUC, with 95\\,\\% interval; $p$: that "
      "another level is better by {:g} or more, Holm-corrected. {} Bold: recommended.}}\n"
      "\\begin{{tabular}}{{lrrrrrrr}}\n\\hline\n"
      "Level & Parameters & Validation AUC & $\\Delta$ validation & $p$ & Test AUC & $\\Delta$ "
      "test & "
      "Time (s) \\\\\n\\hline\n{}\\hline\n\\end{{tabular}}\n\\end{{table}}\n",
      escaped(studied.title), comparison.rule.margin, escaped(results::kTimeInWords), rows);
}

}  // namespace

std::string latex_report(const Study& study) {
  std::string text;
  for (std::size_t i = 0; i < study.comparisons.size(); ++i) text += table(study, i) + "\n";
  if (study.comparisons.empty()) return text;
  return text + "\\paragraph{Methods.} " + escaped(methods_paragraph(study)) + "\n";
}

}  // namespace fathom::report
