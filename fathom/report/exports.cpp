// results.csv and results.json.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/report/generalization.h"
#include "fathom/report/precision_json.h"
#include "fathom/report/probe.h"
#include "fathom/report/report.h"

namespace fathom::report {
namespace {

using results::LevelSummary;
using results::UnitRecord;
using stats::Scores;

/// The figures made from predictions that are one number.
const std::vector<std::pair<const char*, double results::TestFigures::*>> kFigures{
    {"average_precision", &results::TestFigures::average_precision},
    {"ppv", &results::TestFigures::ppv},
    {"npv", &results::TestFigures::npv},
    {"matthews_correlation", &results::TestFigures::matthews_correlation},
    {"cohen_kappa", &results::TestFigures::cohen_kappa},
    {"brier_score", &results::TestFigures::brier_score},
    {"sensitivity_at_95_specificity", &results::TestFigures::sensitivity_at_specificity},
    {"threshold", &results::TestFigures::threshold},
    {"temperature", &results::TestFigures::temperature}};

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
  for (const auto& [name, figure] : kFigures) {
    row.add(std::string("test_") + name, figures ? figures->*figure : NAN);
  }
  const stats::Decisions* made = figures ? &figures->at_threshold : nullptr;
  row.add("test_sensitivity_at_threshold", made ? made->sensitivity().value() : NAN);
  row.add("test_specificity_at_threshold", made ? made->specificity().value() : NAN);
  row.add("test_calibration_error", figures ? figures->as_given.error : NAN);
  row.add("test_calibrated_error", figures ? figures->calibrated.error : NAN);
  row.add("test_calibrated_log_loss", figures ? figures->calibrated.log_loss : NAN);
}

/// The figures that have an interval by a formula, with it and with the bootstrap's; of groups also
/// the values, which for images stand among the scores. `evidence` as in add_figures().
void add_intervals(Row& row, const results::UnitEvidence* evidence) {
  using stats::Figure;
  for (const auto& [cases, name] : results::kCases) {
    const results::CaseScores* scores = nullptr;
    if (evidence && evidence->test_scores.contains(cases))
      scores = &evidence->test_scores.at(cases);
    const bool of_images = cases == results::Cases::images;
    const std::string prefix = of_images ? "test_" : fmt::format("test_{}_", name);
    for (const Figure figure : {Figure::auc, Figure::accuracy, Figure::sensitivity,
                                Figure::specificity, Figure::ppv, Figure::npv}) {
      const std::string column =
          prefix + std::string(stats::kFigureKinds[static_cast<std::size_t>(figure)].name);
      if (!of_images) row.add(column, scores ? scores->values[figure] : NAN);
      const auto add = [&](const char* kind, const stats::Interval& interval) {
        row.add(column + kind + "_low", interval.low);
        row.add(column + kind + "_high", interval.high);
      };
      constexpr stats::Interval kNone{NAN, NAN};
      add("", scores ? scores->by_formula[figure] : kNone);
      add("_bootstrap", scores ? scores->by_bootstrap(figure) : kNone);
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
  for (const auto& [name, figure] : figures_beyond_test(unit, study)) row.add(name, figure);
  add_similarity(row, unit, study);
  add_cost(row, unit.cost);
  row.add("frozen_hash", unit.frozen_hash);
  row.add("predictions_sha256", unit.predictions_sha256);
  row.add("finished_at", unit.finished_at);
  return row;
}

Json proportion_json(const stats::Proportion& proportion) {
  const stats::Interval interval = proportion.wilson();
  return {{"value", number_or_null(proportion.value())},
          {"low", number_or_null(interval.low)},
          {"high", number_or_null(interval.high)}};
}

Json calibration_json(const results::Calibration& calibration) {
  Json bins = Json::array();
  for (const stats::ReliabilityBin& bin : calibration.bins) {
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"images", bin.images},
                    {"stated", number_or_null(bin.stated)},
                    {"observed", number_or_null(bin.observed)}});
  }
  return {{"error", number_or_null(calibration.error)},
          {"log_loss", number_or_null(calibration.log_loss)},
          {"bins", bins}};
}

Json figures_json(const results::TestFigures& figures) {
  Json json;
  for (const auto& [name, figure] : kFigures) json[name] = number_or_null(figures.*figure);
  json["at_threshold"] = {{"sensitivity", proportion_json(figures.at_threshold.sensitivity())},
                          {"specificity", proportion_json(figures.at_threshold.specificity())},
                          {"ppv", proportion_json(figures.at_threshold.ppv())},
                          {"npv", proportion_json(figures.at_threshold.npv())}};
  json["calibration"] = calibration_json(figures.as_given);
  json["calibrated"] = calibration_json(figures.calibrated);
  return json;
}

Json level_json(const Study& study, const LevelSummary& summary,
                const results::LevelPrecision& precision) {
  Json units = Json::array();
  for (const UnitRecord* unit : summary.units) units.push_back(unit->key.id());
  Json similarity = Json::array();
  for (const double cka : summary.similarity) similarity.push_back(number_or_null(cka));
  return {{"architecture", summary.architecture},
          {"strategy", summary.strategy},
          {"level", summary.level.name},
          {"depth", summary.level.depth},
          {"norm_only", summary.level.norm_only},
          {"train_fraction", summary.train_fraction},
          {"learning_rate", number_or_null(summary.learning_rate)},
          {"units", units},
          {"failed", summary.failed},
          {"valid_auc", to_json(summary.valid_auc)},
          {"test_auc", to_json(summary.test_auc)},
          {"test_accuracy", to_json(summary.test_accuracy)},
          {"test_balanced_accuracy", to_json(summary.test_balanced_accuracy)},
          {"test_sensitivity", to_json(summary.test_sensitivity)},
          {"test_specificity", to_json(summary.test_specificity)},
          {"test_f1", to_json(summary.test_f1)},
          {"test_log_loss", to_json(summary.test_log_loss)},
          {"precision", precision_json(precision)},
          {"generalization", to_json(generalization_of(study).of(summary))},
          {"similarity", similarity},
          {"seconds", to_json(summary.seconds)},
          {"train_seconds", to_json(summary.train_seconds)},
          {"flops", number_or_null(summary.flops)},
          {"trainable_parameters", summary.trainable_parameters},
          {"peak_memory_bytes", summary.peak_memory_bytes},
          {"on_pareto_front", summary.on_pareto_front}};
}

Json recommendation_json(const Study& study, const results::Recommendation& recommendation) {
  const LevelSummary& chosen = study.summaries[recommendation.chosen];
  const LevelSummary& best = study.summaries[recommendation.best];
  const bool told = recommendation.kind == results::Recommendation::Kind::depth;
  return {{"architecture", chosen.architecture},
          {"kind", told ? "depth" : "cannot_tell"},
          {"level", told ? Json(chosen.level.name) : Json(nullptr)},
          {"strategy", told ? Json(chosen.strategy) : Json(nullptr)},
          {"best_level", best.units.empty() ? Json(nullptr) : Json(best.level.name)},
          {"headline", recommendation.headline},
          {"reasons", recommendation.reasons},
          {"rule", recommendation.rule},
          {"against_all", told ? against_all_json(study, recommendation.chosen) : Json(nullptr)},
          {"chosen", recommendation.chosen},
          {"best", recommendation.best}};
}

/// One architecture's levels at every train_fraction.
Json learning_curve_json(const Study& study, const std::string& architecture) {
  Json points = Json::array();
  for (const results::CurvePoint& point : study.curve) {
    for (std::size_t i = 0; i < point.summaries.size(); ++i) {
      if (point.summaries[i].architecture != architecture) continue;
      points.push_back(level_json(study, point.summaries[i], point.precisions[i]));
      points.back()["images"] = point.images;
    }
  }
  return {{"architecture", architecture},
          {"in_words", results::curve_in_words(study.curve, architecture)},
          {"points", points}};
}

Json estimate_json(const stats::Estimate& estimate) {
  const stats::Interval interval = estimate.interval();
  return {{"difference", number_or_null(estimate.value)},
          {"standard_error", number_or_null(estimate.standard_error)},
          {"freedom", number_or_null(estimate.freedom)},
          {"low", number_or_null(interval.low)},
          {"high", number_or_null(interval.high)}};
}

Json variances_json(const stats::Contest& contest) {
  return {{"between_trainings", number_or_null(contest.between_trainings)},
          {"freedom", number_or_null(contest.freedom)},
          {"trainings_by_images", number_or_null(contest.trainings_by_images)},
          {"images", number_or_null(contest.images)}};
}

/// Every level against the best.
Json comparison_json(const std::string& architecture, const results::Comparison& comparison) {
  Json levels = Json::array();
  for (std::size_t k = 0; k < comparison.levels.size(); ++k) {
    levels.push_back({{"level", comparison.levels[k]},
                      {"good_enough", comparison.is_good_enough(k)},
                      {"p_value", comparison.p_values[k]},
                      {"valid", estimate_json(comparison.valid.at(k, comparison.best))},
                      {"test", estimate_json(comparison.test.at(k, comparison.best))}});
    if (!comparison.test_images_alone.empty()) {
      levels.back()["test_images_alone"] = images_alone_json(comparison.test_images_alone[k]);
    }
  }
  const bool any = !comparison.levels.empty();
  return {{"architecture", architecture},
          {"margin", comparison.rule.margin},
          {"confidence", comparison.rule.confidence},
          {"folds", comparison.folds},
          {"best", any ? Json(comparison.levels[comparison.best]) : Json(nullptr)},
          {"levels", levels},
          {"valid_variances", variances_json(comparison.valid)},
          {"test_variances", variances_json(comparison.test)},
          {"cautions", comparison.cautions}};
}

Json progress_json(const results::JournalContent& content) {
  std::size_t finished = 0;
  for (const UnitRecord& unit : content.units) finished += unit.finished ? 1 : 0;
  return {{"finished", finished},
          {"failed", content.units.size() - finished},
          {"damaged_lines", content.damaged_lines}};
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

Json results_json(const Study& study) {
  Json json;
  json["study"] = to_json(*study.content.study);
  json["study"]["progress"] = progress_json(study.content);
  json["study"]["no_group_scores"] = study.evidence.no_group_scores;
  for (const char* list : {"recommendations", "comparisons", "levels", "learning_curves",
                           "estimates", "prefixes", "probes", "units"}) {
    json[list] = Json::array();
  }
  for (const auto& recommendation : study.recommendations) {
    json["recommendations"].push_back(recommendation_json(study, recommendation));
  }
  for (std::size_t i = 0; i < study.comparisons.size(); ++i) {
    json["comparisons"].push_back(
        comparison_json(study.content.study->architectures[i].name, study.comparisons[i]));
  }
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    json["levels"].push_back(level_json(study, study.summaries[i], study.precisions[i]));
  }
  for (const results::ArchitectureSummary& architecture : study.content.study->architectures) {
    if (study.curve.size() < 2) break;
    json["learning_curves"].push_back(learning_curve_json(study, architecture.name));
  }
  for (const results::EstimateRecord& estimate : study.content.estimates) {
    json["estimates"].push_back(to_json(estimate));
  }
  for (const results::PrefixRecord& prefix : study.content.prefixes) {
    json["prefixes"].push_back(to_json(prefix));
  }
  for (const results::ProbeRecord& probe : study.content.probes) {
    json["probes"].push_back(probe_json(study, probe));
  }
  for (const UnitRecord& unit : study.content.units) {
    Json with_id{{"id", unit.key.id()}};
    with_id.update(to_json(unit));
    const auto found = study.evidence.units.find(&unit);
    if (found != study.evidence.units.end()) {
      with_id["test_figures"] = figures_json(found->second.figures);
      with_id["test_intervals"] = test_scores_json(found->second.test_scores);
    }
    json["units"].push_back(std::move(with_id));
  }
  return json;
}

}  // namespace fathom::report
