// Tables and paragraphs on methods for a paper, in LaTeX.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "fathom/report/generalization.h"
#include "fathom/report/latex_table.h"
#include "fathom/report/methods.h"
#include "fathom/report/report.h"
#include "fathom/report/transfer.h"
#include "fathom/results/calibration.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::Comparison;
using results::LevelSummary;

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

std::string p_in_words(double p) { return p < 0.001 ? "$<0.001$" : fmt::format("{:.2g}", p); }

/// Whether any training of a level has finished.
bool is_trained(const LevelSummary& level) { return !level.units.empty(); }

/// The indices of an architecture's levels in the study's summaries.
std::vector<std::size_t> levels_at(const Study& study, std::size_t architecture) {
  const std::string& name = study.content.study->architectures[architecture].name;
  std::vector<std::size_t> levels;
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    if (study.summaries[i].architecture == name) levels.push_back(i);
  }
  return levels;
}

/// The level's name, bold where it is recommended.
std::string name_cell(const Study& study, std::size_t architecture, std::size_t index) {
  const results::Recommendation& answer = study.recommendations[architecture];
  const bool chosen = answer.kind == results::Recommendation::Kind::depth && answer.chosen == index;
  const std::string name = escaped(level_name(study.summaries[index]));
  return chosen ? "\\textbf{" + name + "}" : name;
}

std::vector<std::string> depth_row(const Study& study, std::size_t architecture,
                                   std::size_t index) {
  const LevelSummary& level = study.summaries[index];
  const Comparison& comparison = study.comparisons[architecture];
  const auto position = comparison.position_of(index);
  std::string validation = "--", test = "--", p_value = "--";
  if (position) {
    const bool is_best = *position == comparison.best;
    validation = is_best ? "best" : difference(comparison.valid.at(*position, comparison.best));
    test = is_best ? "best" : difference(comparison.test.at(*position, comparison.best));
    if (comparison.levels.size() > 1) p_value = p_in_words(comparison.p_values[*position]);
  }
  const auto or_dash = [&](std::string text) { return is_trained(level) ? std::move(text) : "--"; };
  return {name_cell(study, architecture, index),
          or_dash(results::human_count(static_cast<double>(level.trainable_parameters))),
          mean_and_error(level.valid_auc),
          validation,
          p_value,
          or_dash(results::test_auc_in_words(level, study.precisions[index], 3)),
          test,
          or_dash(fmt::format("{:.0f}", level.seconds.mean))};
}

std::string depth_table(const Study& study, std::size_t architecture) {
  std::vector<std::vector<std::string>> rows;
  for (const std::size_t index : levels_at(study, architecture)) {
    rows.push_back(depth_row(study, architecture, index));
  }
  return latex_table(
      fmt::format(
          "Fine-tuning depth of {}. Validation AUC: mean $\\pm$ standard error over "
          "trainings; test AUC: mean with 95\\,\\% interval over trainings and images. $\\Delta$: "
          "difference to the level with the highest validation AUC, with 95\\,\\% interval; $p$: "
          "that another level is better by {:g} or more, Holm-corrected. {} Bold: recommended.",
          escaped(study.content.study->architectures[architecture].title),
          study.comparisons[architecture].rule.margin, escaped(results::kTimeInWords)),
      {"Level", "Parameters", "Validation AUC", "$\\Delta$ validation", "$p$", "Test AUC",
       "$\\Delta$ test", "Time (s)"},
      rows);
}

/// "$0.931$ [$0.913$, $0.945$]"
std::string measured(const results::Measured& one) {
  if (std::isnan(one.mean)) return "--";
  if (std::isnan(one.interval.low)) return fmt::format("${:.3f}$", one.mean);
  return fmt::format("${:.3f}$ [${:.3f}$, ${:.3f}$]", one.mean, one.interval.low,
                     one.interval.high);
}

std::vector<std::string> robustness_row(const Study& study, std::size_t index) {
  const results::LevelGeneralization found = generalization_of(study).of(study.summaries[index]);
  const results::LevelCalibration calibration =
      results::level_calibration(study.summaries[index], study.evidence);
  std::vector<results::Measured> beyond{found.train_to_valid, found.valid_to_test};
  for (const auto& [name, auc] : found.external) beyond.push_back(auc);
  if (!found.corruptions.empty()) {
    beyond.insert(beyond.end(), {found.uncorrupted, found.corrupted, found.drop});
  }
  std::vector<std::string> cells;
  for (const results::Measured& one : beyond) cells.push_back(measured(one));
  for (const results::Mean& mean :
       {calibration.error, calibration.temperature, calibration.calibrated_error}) {
    cells.push_back(mean_and_error(mean));
  }
  return cells;
}

/// What the levels of which trainings have finished do beyond the images that chose them; "" where
/// there are none.
std::string robustness_table(const Study& study, std::size_t architecture) {
  std::vector<std::vector<std::string>> rows;
  results::LevelGeneralization any;
  for (const std::size_t index : levels_at(study, architecture)) {
    if (!is_trained(study.summaries[index])) continue;
    any = generalization_of(study).of(study.summaries[index]);
    rows.push_back({name_cell(study, architecture, index)});
    std::ranges::move(robustness_row(study, index), std::back_inserter(rows.back()));
  }
  if (rows.empty()) return "";
  const bool corrupted = !any.corruptions.empty();
  std::vector<std::string> titles{"Level", "Training $-$ validation", "Validation $-$ test"};
  for (const auto& [name, auc] : any.external) titles.push_back(escaped(name));
  if (corrupted) titles.insert(titles.end(), {"Not corrupted", "Corrupted", "Drop"});
  titles.insert(titles.end(), {"ECE", "$T$", "ECE at $T$"});
  return latex_table(
      fmt::format(
          "Generalization{} and calibration of {} by level: means over trainings with 95\\,\\% "
          "intervals (of calibration: $\\pm$ standard error). Training $-$ validation and "
          "validation $-$ test: differences of AUCs.{}{} ECE: expected calibration error "
          "on test, as given and at the temperature $T$, which was fitted on validation. Bold: "
          "recommended.",
          corrupted ? ", robustness" : "",
          escaped(study.content.study->architectures[architecture].title),
          any.external.empty() ? "" : " Under the names of external sets: AUC on them.",
          corrupted ? " Corrupted: mean AUC over all corruptions and severities of some test "
                      "images; drop: how far it is below that of the same images as they are."
                    : ""),
      titles, rows);
}

}  // namespace

std::string latex_report(const Study& study) {
  std::string text;
  for (std::size_t i = 0; i < study.comparisons.size(); ++i) {
    text += depth_table(study, i) + "\n";
    for (const std::string& table :
         {robustness_table(study, i), probe_table(study, i), similarity_tables(study, i)}) {
      if (!table.empty()) text += table + "\n";
    }
  }
  for (const MethodsParagraph& paragraph : methods_paragraphs(study)) {
    text +=
        fmt::format("\\paragraph{{{}.}} {}\n\n", escaped(paragraph.title), escaped(paragraph.text));
  }
  return text;
}

}  // namespace fathom::report
