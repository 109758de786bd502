#include "fathom/report/latex_levels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fathom/report/coverage.h"
#include "fathom/report/latex_table.h"
#include "fathom/results/calibration.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::Comparison;
using results::LevelSummary;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kSetsATable = 3;  // external sets that fit into the width of a page

/// "$-0.004$ [$-0.010$, $+0.002$]"
std::string difference_cell(const stats::Estimate& estimate) {
  if (std::isnan(estimate.standard_error)) return "--";
  const stats::Interval interval = estimate.interval();
  return fmt::format("${:+.3f}$ [${:+.3f}$, ${:+.3f}$]", estimate.value, interval.low,
                     interval.high);
}

std::string error_cell(const results::Mean& mean) {
  if (std::isnan(mean.mean)) return "--";
  if (mean.count < 2) return fmt::format("${:.3f}$", mean.mean);
  return fmt::format("${:.3f} \\pm {:.3f}$", mean.mean, mean.standard_error);
}

std::string p_cell(double p) { return p < 0.001 ? "$<0.001$" : fmt::format("{:.2g}", p); }

/// What an interval covers, and how it is marked in a table where others cover something else.
struct Covered {
  const char* mark;
  std::string in_words;
};

/// Cells of a table, and what their intervals cover.
class Cells {
 public:
  explicit Cells(const Study& study)
      : both_{"", "over other trainings and images"},
        trainings_{"$^*$", fmt::format("over other {} alone", study.folds > 1 ? "folds" : "seeds")},
        images_{"$^\\dagger$", "over other images alone, of one training"} {}

  std::string operator()(const results::Measured& one) {
    const bool known = !std::isnan(one.mean) && !std::isnan(one.interval.low);
    const Covered* covered = !known               ? nullptr
                             : !one.covers_images ? &trainings_
                             : one.trainings == 1 ? &images_
                                                  : &both_;
    if (covered) seen_.insert(covered);
    return latex_figure(one.mean, one.interval) + (covered ? covered->mark : "");
  }

  /// "means over trainings with 95 % intervals ...", once all cells are made. Takes the marks from
  /// the rows where all intervals cover the same.
  std::string in_words(Rows& rows) const {
    if (seen_.empty()) return "means over trainings.";
    std::vector<std::string> words;
    for (const Covered* one : {&both_, &trainings_, &images_}) {
      if (!seen_.contains(one)) continue;
      const bool marked = seen_.size() > 1 && *one->mark;
      words.push_back((marked ? std::string("with ") + one->mark + " " : "") + one->in_words);
      if (seen_.size() == 1) remove(rows, one->mark);
    }
    return fmt::format("means over trainings with 95\\,\\% intervals {}.", fmt::join(words, "; "));
  }

 private:
  static void remove(Rows& rows, const std::string& mark) {
    for (std::vector<std::string>& row : rows) {
      for (std::string& cell : row) {
        if (!mark.empty() && cell.ends_with(mark)) cell.resize(cell.size() - mark.size());
      }
    }
  }

  Covered both_, trainings_, images_;
  std::set<const Covered*> seen_;
};

std::string title_of(const Study& study, std::size_t architecture) {
  return escaped(study.content.study->architectures[architecture].title);
}

/// One row for each level of which a training has finished: its name and the cells of `of`.
template <class CellsOf>
Rows trained_rows(const Study& study, std::size_t architecture, CellsOf of) {
  Rows rows;
  for (const std::size_t index : levels_at(study, architecture)) {
    if (study.summaries[index].units.empty()) continue;
    std::vector<std::string> cells = of(index);
    cells.insert(cells.begin(), level_cell(study, architecture, index));
    rows.push_back(std::move(cells));
  }
  return rows;
}

/// Without predictions over trainings alone.
stats::Interval valid_interval(const LevelSummary& level,
                               const results::LevelPrecision& precision) {
  if (!std::isnan(precision.valid_auc.mean)) return precision.valid_auc.widest();
  return {std::max(level.valid_auc.low, 0.0), std::min(level.valid_auc.high, 1.0)};
}

std::vector<std::string> level_row(const Study& study, std::size_t architecture,
                                   std::size_t index) {
  const LevelSummary& level = study.summaries[index];
  const std::string name = level_cell(study, architecture, index);
  if (level.units.empty()) return {name, "--", "--", "--", "--"};
  const auto [test, test_interval] = test_auc_of(level, study.precisions[index]);
  const double seconds = level.seconds.mean;
  return {name, results::human_count(static_cast<double>(level.trainable_parameters)),
          latex_figure(level.valid_auc.mean, valid_interval(level, study.precisions[index])),
          latex_figure(test, test_interval),
          fmt::format("{:.{}f}", seconds, seconds < 9.95 ? 1 : 0)};
}

}  // namespace

std::vector<std::size_t> levels_at(const Study& study, std::size_t architecture) {
  const std::string& name = study.content.study->architectures[architecture].name;
  std::vector<std::size_t> levels;
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    if (study.summaries[i].architecture == name) levels.push_back(i);
  }
  return levels;
}

std::string level_cell(const Study& study, std::size_t architecture, std::size_t index) {
  const results::Recommendation& answer = study.recommendations[architecture];
  const bool chosen = answer.kind == results::Recommendation::Kind::depth && answer.chosen == index;
  const std::string name = escaped(level_name(study.summaries[index]));
  return chosen ? "\\textbf{" + name + "}" : name;
}

std::string level_table(const Study& study, std::size_t architecture) {
  Rows rows;
  for (const std::size_t index : levels_at(study, architecture)) {
    rows.push_back(level_row(study, architecture, index));
  }
  const std::string& name = study.content.study->architectures[architecture].name;
  return latex_table(
      fmt::format("Fine-tuning depth of {}: trained parameters and AUC, {}. {} Bold: recommended.",
                  title_of(study, architecture),
                  escaped(mean_in_words(coverage_of(study.summaries, study.precisions, name))),
                  escaped(results::kTimeInWords)),
      {"Level", "Parameters", "Validation AUC", "Test AUC", "Time (s)"}, rows);
}

std::string differences_table(const Study& study, std::size_t architecture) {
  const Comparison& comparison = study.comparisons[architecture];
  if (comparison.levels.size() < 2) return "";
  Rows rows;
  for (std::size_t k = 0; k < comparison.levels.size(); ++k) {
    const bool is_best = k == comparison.best;
    rows.push_back({level_cell(study, architecture, comparison.levels[k]),
                    is_best ? "best" : difference_cell(comparison.valid.at(k, comparison.best)),
                    p_cell(comparison.p_values[k]),
                    is_best ? "best" : difference_cell(comparison.test.at(k, comparison.best))});
  }
  return latex_table(
      fmt::format("Depths of {} compared over the same trainings and images. $\\Delta$: AUC minus "
                  "that of the level with the highest validation AUC, with two-sided 95\\,\\% "
                  "intervals that are not corrected for their number; $p$: on validation, "
                  "one-sided, that some other level is better by {:g} or more, corrected after "
                  "Dunnett; a level is good enough with at most {:g}. Bold: recommended.",
                  title_of(study, architecture), comparison.rule.margin,
                  1 - comparison.rule.confidence),
      {"Level", "$\\Delta$ validation", "$p$", "$\\Delta$ test"}, rows);
}

std::string gaps_table(const Study& study, std::size_t architecture) {
  Cells cell(study);
  Rows rows = trained_rows(study, architecture, [&](std::size_t level) {
    const results::LevelGeneralization& found = study.generalizations[level];
    return std::vector{cell(found.train_to_valid), cell(found.valid_to_test)};
  });
  if (rows.empty()) return "";
  const std::string intervals = cell.in_words(rows);
  return latex_table(fmt::format("Generalization of {}: differences of AUCs, {} Bold: recommended.",
                                 title_of(study, architecture), intervals),
                     {"Level", "Training $-$ validation", "Validation $-$ test"}, rows);
}

std::string external_tables(const Study& study, std::size_t architecture) {
  const auto& sets = study.content.study->data.external;
  std::string text;
  for (std::size_t start = 0; start < sets.size(); start += kSetsATable) {
    const std::size_t end = std::min(start + kSetsATable, sets.size());
    std::vector<std::string> titles{"Level"};
    for (std::size_t s = start; s < end; ++s) titles.push_back(escaped(sets[s].name));
    Cells cell(study);
    Rows rows = trained_rows(study, architecture, [&](std::size_t level) {
      const auto& found = study.generalizations[level].external;
      std::vector<std::string> cells;
      for (std::size_t s = start; s < end; ++s) cells.push_back(cell(found[s].second));
      return cells;
    });
    const std::string intervals = cell.in_words(rows);
    text += (start > 0 ? "\n" : "") +
            latex_table(fmt::format("External sets: AUC of {} on each, {} Bold: recommended.",
                                    title_of(study, architecture), intervals),
                        titles, rows);
  }
  return text;
}

std::string corruptions_table(const Study& study, std::size_t architecture) {
  if (study.evidence.corruptions.empty()) return "";
  Cells cell(study);
  Rows rows = trained_rows(study, architecture, [&](std::size_t level) {
    const results::LevelGeneralization& found = study.generalizations[level];
    return std::vector{cell(found.uncorrupted), cell(found.corrupted), cell(found.drop)};
  });
  const std::string intervals = cell.in_words(rows);
  return latex_table(
      fmt::format("Robustness of {}: test AUC of some images as they are, the mean over all "
                  "corruptions and severities of the same images, and how far that is below; {} "
                  "Bold: recommended.",
                  title_of(study, architecture), intervals),
      {"Level", "Not corrupted", "Corrupted", "Drop"}, rows);
}

std::string robustness_differences_table(const Study& study, std::size_t architecture) {
  const std::vector<std::size_t> levels = levels_at(study, architecture);
  const bool compared = std::ranges::any_of(
      levels, [&](std::size_t level) { return study.against_all[level].has_value(); });
  if (study.evidence.corruptions.empty() || !compared) return "";
  Cells cell(study);
  Rows rows = trained_rows(study, architecture, [&](std::size_t level) {
    const auto& found = study.against_all[level];
    if (!found) return std::vector<std::string>{"--", "--"};
    return std::vector{cell(found->corrupted), cell(found->drop)};
  });
  const std::string intervals = cell.in_words(rows);
  return latex_table(
      fmt::format("Robustness of {} against that of the level that tunes everything, over the same "
                  "trainings and images: differences of the mean AUC under corruption and of the "
                  "drop, {} Bold: recommended.",
                  title_of(study, architecture), intervals),
      {"Level", "Corrupted, $-$ all", "Drop, $-$ all"}, rows);
}

std::string calibration_table(const Study& study, std::size_t architecture) {
  const Rows rows = trained_rows(study, architecture, [&](std::size_t level) {
    const auto [error, temperature, calibrated] =
        results::level_calibration(study.summaries[level], study.evidence);
    return std::vector{error_cell(error), error_cell(temperature), error_cell(calibrated)};
  });
  const bool known = std::ranges::any_of(rows, [](const auto& row) { return row[1] != "--"; });
  if (!known) return "";
  return latex_table(
      fmt::format(
          "Calibration of {}: mean $\\pm$ standard error over {}. ECE: expected calibration "
          "error on test, as given and at the temperature $T$, which was fitted on "
          "validation. Bold: recommended.",
          title_of(study, architecture), trainings_in_words(study.folds)),
      {"Level", "ECE", "$T$", "ECE at $T$"}, rows);
}

}  // namespace fathom::report
