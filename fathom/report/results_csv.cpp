// results.csv.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/report/report.h"
#include "fathom/results/generalization.h"

namespace fathom::report {
namespace {

using results::LevelSummary;
using results::UnitRecord;
using stats::Scores;

std::string cell(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

/// The columns of a table and the row that is being written, filled by the same calls.
class Row {
 public:
  void add(const std::string& column, std::string text) {
    columns.push_back(column);
    cells.push_back(std::move(text));
  }
  void add(const std::string& column, double value) { add(column, cell(value)); }

  std::vector<std::string> columns, cells;
};

/// `scores` is null where there are none: the columns stay, empty.
void add_scores(Row& row, const std::string& prefix, const Scores* scores,
                const std::vector<results::ClassCount>& classes) {
  const auto add = [&](const char* name, double Scores::*figure) {
    row.add(prefix + name, scores ? scores->*figure : NAN);
  };
  add("auc", &Scores::auc);
  add("accuracy", &Scores::accuracy);
  add("balanced_accuracy", &Scores::balanced_accuracy);
  add("sensitivity", &Scores::sensitivity);
  add("specificity", &Scores::specificity);
  add("f1", &Scores::f1);
  add("log_loss", &Scores::log_loss);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto add_of_class = [&](const char* name, std::vector<double> Scores::*figures) {
      const bool known = scores && c < (scores->*figures).size();
      row.add(prefix + name + classes[c].name, known ? (scores->*figures)[c] : NAN);
    };
    add_of_class("auc_", &Scores::class_auc);
    add_of_class("sensitivity_", &Scores::class_sensitivity);
    add_of_class("specificity_", &Scores::class_specificity);
    add_of_class("f1_", &Scores::class_f1);
  }
}

void add_key(Row& row, const results::UnitKey& key) {
  row.add("unit", key.id());
  row.add("architecture", key.architecture);
  row.add("strategy", key.strategy);
  row.add("level", key.level.name);
  row.add("depth", std::to_string(key.level.depth));
  row.add("norm_only", key.level.norm_only ? "yes" : "no");
  row.add("train_fraction", key.train_fraction);
  row.add("fold", std::to_string(key.fold));
  row.add("seed", std::to_string(key.seed));
  row.add("learning_rate", key.learning_rate);
}

void add_cost(Row& row, const results::Cost& cost) {
  row.add("prefix_seconds", cost.prefix_seconds);
  row.add("train_seconds", cost.train_seconds);
  row.add("evaluate_seconds", cost.evaluate_seconds);
  row.add("total_seconds", cost.total_seconds);
  row.add("prefix_flops", cost.prefix_flops);
  row.add("forward_flops", cost.forward_flops);
  row.add("backward_flops", cost.backward_flops);
  row.add("trainable_parameters", std::to_string(cost.trainable_parameters));
  row.add("total_parameters", std::to_string(cost.total_parameters));
  row.add("peak_memory_bytes", std::to_string(cost.peak_memory_bytes));
  row.add("extra_seconds", cost.extra_seconds.value_or(NAN));
}

/// `figures` is null where there are no predictions: the columns stay, empty.
void add_figures(Row& row, const results::TestFigures* figures) {
  for (const auto& [name, figure] : results::kTestFigures) {
    row.add(std::string("test_") + name, figures ? figures->*figure : NAN);
  }
  row.add("test_calibration_error", figures ? figures->as_given.error : NAN);
  row.add("test_calibrated_error", figures ? figures->calibrated.error : NAN);
  row.add("test_calibrated_log_loss", figures ? figures->calibrated.log_loss : NAN);
}

/// Figures of which the table has intervals.
struct IntervalFigure {
  stats::Figure figure;
  bool by_formula = true;  ///< else by the bootstrap alone
  bool at_threshold = false;
};
constexpr IntervalFigure kIntervalFigures[] = {
    {stats::Figure::auc},
    {stats::Figure::accuracy},
    {stats::Figure::sensitivity},
    {stats::Figure::specificity},
    {stats::Figure::ppv},
    {stats::Figure::npv},
    {.figure = stats::Figure::sensitivity_at_95_specificity, .by_formula = false},
    {.figure = stats::Figure::sensitivity_at_threshold, .at_threshold = true},
    {.figure = stats::Figure::specificity_at_threshold, .at_threshold = true},
    {.figure = stats::Figure::ppv_at_threshold, .at_threshold = true},
    {.figure = stats::Figure::npv_at_threshold, .at_threshold = true}};

/// Of groups also the values, which for images stand among the scores unless they are at the
/// threshold. `evidence` as in add_figures().
void add_intervals(Row& row, const results::UnitEvidence* evidence) {
  for (const auto& [cases, name] : results::kCases) {
    const results::CaseScores* scores = nullptr;
    if (evidence && evidence->test_scores.contains(cases))
      scores = &evidence->test_scores.at(cases);
    const bool of_images = cases == results::Cases::images;
    const std::string prefix = of_images ? "test_" : fmt::format("test_{}_", name);
    if (!of_images) row.add(prefix + "threshold", scores ? scores->threshold : NAN);
    for (const IntervalFigure& kind : kIntervalFigures) {
      const std::string column = prefix + std::string(stats::name_of(kind.figure));
      if (kind.at_threshold || !of_images)
        row.add(column, scores ? scores->values[kind.figure] : NAN);
      const auto add = [&](const char* by, const stats::Interval& interval) {
        row.add(column + by + "_low", interval.low);
        row.add(column + by + "_high", interval.high);
      };
      constexpr stats::Interval kNone{NAN, NAN};
      if (kind.by_formula) add("", scores ? scores->by_formula[kind.figure] : kNone);
      add("_bootstrap", scores ? scores->by_bootstrap(kind.figure) : kNone);
    }
  }
}

/// One column for each block name of any architecture of the study; those of others stay empty.
void add_similarity(Row& row, const UnitRecord& unit, const results::StudyRecord& study) {
  std::vector<std::string> names;
  std::map<std::string, double> of_unit;
  for (const results::ArchitectureSummary& architecture : study.architectures) {
    for (std::size_t b = 0; b < architecture.blocks.size(); ++b) {
      const std::string& block = architecture.blocks[b];
      if (std::ranges::find(names, block) == names.end()) names.push_back(block);
      if (architecture.name == unit.key.architecture && b < unit.similarity.size()) {
        of_unit[block] = unit.similarity[b];
      }
    }
  }
  for (const std::string& name : names) {
    row.add("cka_" + name, of_unit.contains(name) ? of_unit[name] : NAN);
  }
}

Row row_of(const UnitRecord& unit, bool in_summary, const results::UnitEvidence* evidence,
           const results::StudyRecord& study) {
  const std::vector<results::ClassCount>& classes = study.data.classes;
  Row row;
  add_key(row, unit.key);
  row.add("status", unit.finished ? "finished" : "failed");
  row.add("failure", unit.failure);
  row.add("in_summary", in_summary ? "yes" : "no");
  row.add("best_epoch", unit.finished ? std::to_string(unit.best_epoch) : "");
  row.add("epochs", std::to_string(unit.history.size()));
  add_scores(row, "valid_", unit.finished ? &unit.validation : nullptr, classes);
  add_scores(row, "test_", unit.finished && unit.test ? &*unit.test : nullptr, classes);
  add_figures(row, evidence ? &evidence->figures : nullptr);
  add_intervals(row, evidence);
  for (const auto& [name, figure] : results::figures_beyond_test(unit, study)) {
    row.add(name, figure);
  }
  add_similarity(row, unit, study);
  add_cost(row, unit.cost);
  row.add("frozen_hash", unit.frozen_hash);
  row.add("predictions_sha256", unit.predictions_sha256);
  row.add("finished_at", unit.finished_at);
  return row;
}

}  // namespace

std::string results_csv(const Study& study) {
  std::set<const UnitRecord*> in_summary;
  for (const results::CurvePoint& point : study.curve) {
    for (const LevelSummary& summary : point.summaries) {
      in_summary.insert(summary.units.begin(), summary.units.end());
    }
  }
  const results::StudyRecord& record = *study.content.study;
  std::string text = csv_line(row_of(UnitRecord(), false, nullptr, record).columns);
  for (const UnitRecord& unit : study.content.units) {
    const auto found = study.evidence.units.find(&unit);
    const bool known = found != study.evidence.units.end();
    text += csv_line(
        row_of(unit, in_summary.contains(&unit), known ? &found->second : nullptr, record).cells);
  }
  return text;
}

}  // namespace fathom::report
