// results.json.
#include "fathom/report/level_json.h"
#include "fathom/report/probe.h"
#include "fathom/report/report.h"

namespace fathom::report {
namespace {

using results::LevelSummary;
using results::UnitRecord;

Json bins_json(const std::vector<stats::ReliabilityBin>& bins) {
  Json made = Json::array();
  for (const stats::ReliabilityBin& bin : bins) {
    made.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"images", bin.images},
                    {"stated", number_or_null(bin.stated)},
                    {"observed", number_or_null(bin.observed)}});
  }
  return made;
}

Json calibration_json(const results::Calibration& calibration) {
  return {{"error", number_or_null(calibration.error)},
          {"log_loss", number_or_null(calibration.log_loss)},
          {"bins", bins_json(calibration.bins)},
          {"intercept", number_or_null(calibration.line.intercept)},
          {"slope", number_or_null(calibration.line.slope)},
          {"positive_bins", bins_json(calibration.positive_bins)}};
}

Json figures_json(const results::TestFigures& figures) {
  Json json;
  for (const auto& [name, figure] : results::kTestFigures)
    json[name] = number_or_null(figures.*figure);
  json["calibration"] = calibration_json(figures.as_given);
  json["calibrated"] = calibration_json(figures.calibrated);
  return json;
}

Json results_level_json(const Study& study, const LevelSummary& summary,
                        const results::LevelPrecision& precision,
                        const results::LevelGeneralization& generalization) {
  Json units = Json::array();
  for (const UnitRecord* unit : summary.units) units.push_back(unit->key.id());
  Json json{{"architecture", summary.architecture},
            {"level", summary.level.name},
            {"train_fraction", summary.train_fraction},
            {"units", units}};
  json.update(level_json(study, summary, precision, generalization));
  json["train_seconds"] = to_json(summary.train_seconds);
  json["flops"] = number_or_null(summary.flops);
  json["trainable_parameters"] = summary.trainable_parameters;
  json["peak_memory_bytes"] = summary.peak_memory_bytes;
  return json;
}

Json recommendation_json(const Study& study, const results::Recommendation& recommendation) {
  const LevelSummary& chosen = study.summaries[recommendation.chosen];
  const LevelSummary& best = study.summaries[recommendation.best];
  const bool told = recommendation.kind == results::Recommendation::Kind::depth;
  Json json = answer_json(recommendation);
  json["architecture"] = chosen.architecture;
  json["level"] = told ? Json(chosen.level.name) : Json(nullptr);
  json["strategy"] = told ? Json(chosen.strategy) : Json(nullptr);
  json["best_level"] = best.units.empty() ? Json(nullptr) : Json(best.level.name);
  json["chosen"] = recommendation.chosen;
  json["best"] = recommendation.best;
  json["against_all"] = told ? against_all_json(study, recommendation.chosen) : Json(nullptr);
  return json;
}

/// One architecture's levels at every train_fraction.
Json learning_curve_json(const Study& study, const std::string& architecture) {
  Json points = Json::array();
  for (const results::CurvePoint& point : study.curve) {
    for (std::size_t i = 0; i < point.summaries.size(); ++i) {
      if (point.summaries[i].architecture != architecture) continue;
      points.push_back(results_level_json(study, point.summaries[i], point.precisions[i],
                                          point.generalizations[i]));
      points.back()["images"] = point.images;
    }
  }
  return {{"architecture", architecture},
          {"in_words", results::curve_in_words(study.curve, architecture)},
          {"points", points}};
}

Json variances_json(const stats::Contest& contest) {
  return {{"between_trainings", number_or_null(contest.between_trainings)},
          {"freedom", number_or_null(contest.freedom)},
          {"trainings_by_images", number_or_null(contest.trainings_by_images)},
          {"images", number_or_null(contest.images)}};
}

/// Every level against the best.
Json comparison_json(const std::string& architecture, const results::Comparison& comparison) {
  const bool any = !comparison.levels.empty();
  return {{"architecture", architecture},
          {"margin", comparison.rule.margin},
          {"confidence", comparison.rule.confidence},
          {"folds", comparison.folds},
          {"best", any ? Json(comparison.levels[comparison.best]) : Json(nullptr)},
          {"levels", compared_levels_json(comparison, 0)},
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
    json["levels"].push_back(results_level_json(study, study.summaries[i], study.precisions[i],
                                                study.generalizations[i]));
    json["levels"].back()["against_all"] = against_all_json(study, i);
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
  for (const results::ProbeSummary& probe : study.probes) {
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
