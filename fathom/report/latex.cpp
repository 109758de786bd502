// A table and a methods paragraph for a paper, in LaTeX.
#include <fmt/format.h>

#include <cmath>

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
      mean_and_error(level.valid_auc), validation, p_value, mean_and_error(level.test_auc), test,
      level.units.empty() ? "--" : fmt::format("{:.0f}", level.seconds.mean));
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
      "\\caption{{Fine-tuning depth of {}. AUC: mean $\\pm$ standard error over trainings. "
      "$\\Delta$: "
      "difference to the level with the highest validation AUC, with 95\\,\\% interval; $p$: that "
      "another level is better by {:g} or more, Holm-corrected. Bold: recommended.}}\n"
      "\\begin{{tabular}}{{lrrrrrrr}}\n\\hline\n"
      "Level & Parameters & Validation AUC & $\\Delta$ validation & $p$ & Test AUC & $\\Delta$ "
      "test & "
      "Time (s) \\\\\n\\hline\n{}\\hline\n\\end{{tabular}}\n\\end{{table}}\n",
      escaped(studied.title), comparison.rule.margin, rows);
}

/// How many units a level has at most.
std::string trainings(const Study& study) {
  const LevelSummary* most = nullptr;
  for (const LevelSummary& level : study.summaries) {
    if (!most || level.units.size() > most->units.size()) most = &level;
  }
  return most ? units_in_words(*most) : "no training";
}

std::string errors_in_words(const Study& study, const Comparison& comparison) {
  if (comparison.folds > 1) {
    return "Differences were tested over folds, averaged over seeds, by the corrected resampled "
           "$t$-test (Nadeau and Bengio, 2003)";
  }
  return fmt::format(
      "Differences were paired over the same seeds and images; their standard errors cover both, "
      "with "
      "seeds as random readers and {} as cases (Obuchowski and Rockette, 1995), degrees of freedom "
      "after Hillis (2007), and the covariance over {} by the method of DeLong et al.\\ (1988){}. "
      "The "
      "variance between seeds was that of the pair or that pooled over all pairs, whichever was "
      "larger",
      study.evidence.grouped ? "groups of images" : "images",
      study.evidence.grouped ? "groups" : "images",
      study.evidence.grouped ? " for clustered data (Obuchowski, 1997)" : "");
}

std::string methods(const Study& study) {
  const results::StudyRecord& record = *study.content.study;
  std::string architectures;
  for (const results::ArchitectureSummary& one : record.architectures) {
    architectures += (architectures.empty() ? "" : ", ") + escaped(one.title);
  }
  const Comparison& comparison = study.comparisons.front();
  return fmt::format(
      "\\paragraph{{Statistical methods.}} {} images of {} classes were used. {} {} fine-tuned at "
      "several depths ({}); at each the head and the blocks above a cut were trained and "
      "everything "
      "below was frozen. The epoch and the learning rate were chosen on validation; the test part "
      "was "
      "scored once per training. AUC is the area under the ROC curve{}. {}. A depth was "
      "recommended if "
      "it was the shallowest shown, at {:g}\\,\\% confidence (one-sided), to lose less than {:g} "
      "of "
      "validation AUC against every other depth (intersection-union test; Holm's correction over "
      "the "
      "depths, of which all but one can be inferior). The test part took no part in the choice. "
      "Computed with Fathom.\n",
      record.data.images, record.data.classes.size(), architectures,
      record.architectures.size() == 1 ? "was" : "were", trainings(study),
      record.data.classes.size() == 2
          ? ", positive class " + escaped(record.data.positive)
          : " of each class against the others, averaged over the classes",
      errors_in_words(study, comparison), 100 * comparison.rule.confidence, comparison.rule.margin);
}

}  // namespace

std::string latex_report(const Study& study) {
  std::string text;
  for (std::size_t i = 0; i < study.comparisons.size(); ++i) text += table(study, i) + "\n";
  return study.comparisons.empty() ? text : text + methods(study);
}

}  // namespace fathom::report
