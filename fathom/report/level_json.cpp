#include "fathom/report/level_json.h"

#include <fmt/format.h>

#include <cmath>

#include "fathom/results/calibration.h"
#include "fathom/stats/clustered.h"

namespace fathom::report {

Json interval_json(const stats::Interval& interval) {
  if (std::isnan(interval.low) || std::isnan(interval.high)) return nullptr;
  return {{"low", number_or_null(interval.low)}, {"high", number_or_null(interval.high)}};
}

Json level_figure_json(const results::LevelFigure& figure) {
  return {{"mean", number_or_null(figure.mean)},
          {"over_images", interval_json(figure.over_images)},
          {"over_all", interval_json(figure.over_all)},
          {"variance",
           {{"seeds", number_or_null(figure.seeds)},
            {"seeds_by_images", number_or_null(figure.seeds_by_images)},
            {"images", number_or_null(figure.images)}}}};
}

namespace {

/// valid_auc and test.CASES.FIGURE (results::kCases, stats::kFigureKinds), each a
/// level_figure_json().
Json precision_json(const results::LevelPrecision& precision) {
  Json test = Json::object();
  for (const auto& [cases, name] : results::kCases) {
    const auto found = precision.test.find(cases);
    if (found == precision.test.end()) continue;
    for (const stats::FigureKind& kind : stats::kFigureKinds) {
      test[name][std::string(kind.name)] = level_figure_json(found->second[kind.figure]);
    }
  }
  return {{"valid_auc", level_figure_json(precision.valid_auc)}, {"test", test}};
}

Json images_alone_json(const results::ImagesAlone& alone) {
  return {{"difference", number_or_null(alone.difference)},
          {"delong", interval_json(alone.by_delong)},
          {"bootstrap", interval_json(alone.by_bootstrap)},
          {"p_value", number_or_null(alone.p_value)}};
}

Json estimate_json(const stats::Estimate& estimate) {
  const stats::Interval interval = estimate.interval();
  return {{"difference", number_or_null(estimate.value)},
          {"standard_error", number_or_null(estimate.standard_error)},
          {"freedom", number_or_null(estimate.freedom)},
          {"low", number_or_null(interval.low)},
          {"high", number_or_null(interval.high)}};
}

}  // namespace

Json level_json(const Study& study, const results::LevelSummary& level,
                const results::LevelPrecision& precision,
                const results::LevelGeneralization& generalization) {
  Json similarity = Json::array();
  for (const double cka : level.similarity) similarity.push_back(number_or_null(cka));
  return {{"strategy", level.strategy},
          {"depth", level.level.depth},
          {"norm_only", level.level.norm_only},
          {"learning_rate", number_or_null(level.learning_rate)},
          {"failed", level.failed},
          {"valid_auc", to_json(level.valid_auc)},
          {"test_auc", to_json(level.test_auc)},
          {"test_accuracy", to_json(level.test_accuracy)},
          {"test_balanced_accuracy", to_json(level.test_balanced_accuracy)},
          {"test_sensitivity", to_json(level.test_sensitivity)},
          {"test_specificity", to_json(level.test_specificity)},
          {"test_f1", to_json(level.test_f1)},
          {"test_log_loss", to_json(level.test_log_loss)},
          {"seconds", to_json(level.seconds)},
          {"precision", precision_json(precision)},
          {"generalization", to_json(generalization)},
          {"calibration", to_json(results::level_calibration(level, study.evidence))},
          {"similarity", similarity},
          {"on_pareto_front", level.on_pareto_front}};
}

Json against_all_json(const Study& study, std::size_t summary) {
  const auto& difference = study.against_all[summary];
  return difference ? to_json(*difference) : Json(nullptr);
}

Json compared_levels_json(const results::Comparison& comparison, std::size_t first) {
  Json levels = Json::array();
  for (std::size_t k = 0; k < comparison.levels.size(); ++k) {
    levels.push_back(
        {{"level", comparison.levels[k] - first},
         {"good_enough", comparison.is_good_enough(k)},
         {"p_value", comparison.p_values[k]},
         {"valid", estimate_json(comparison.valid.at(k, comparison.best))},
         {"test", estimate_json(comparison.test.at(k, comparison.best))},
         {"test_images_alone", comparison.test_images_alone.empty()
                                   ? Json(nullptr)
                                   : images_alone_json(comparison.test_images_alone[k])}});
  }
  return levels;
}

Json answer_json(const results::Recommendation& recommendation) {
  const bool told = recommendation.kind == results::Recommendation::Kind::depth;
  return {{"kind", told ? "depth" : "cannot_tell"},
          {"headline", recommendation.headline},
          {"reasons", recommendation.reasons},
          {"rule", recommendation.rule}};
}

Json test_scores_json(const std::map<results::Cases, results::CaseScores>& scores) {
  Json made = Json::object();
  for (const auto& [cases, name] : results::kCases) {
    const auto found = scores.find(cases);
    if (found == scores.end()) continue;
    Json& json = made[name];
    json = {{"cases", found->second.cases},
            {"groups", found->second.groups},
            {"threshold", number_or_null(found->second.threshold)},
            {"formula", fmt::format("AUC: DeLong over groups (Obuchowski 1997); proportions: {}",
                                    stats::kWilsonByGroups)}};
    for (const stats::FigureKind& kind : stats::kFigureKinds) {
      json[std::string(kind.name)] = {
          {"value", number_or_null(found->second.values[kind.figure])},
          {"formula", interval_json(found->second.by_formula[kind.figure])},
          {"bootstrap", interval_json(found->second.by_bootstrap(kind.figure))}};
    }
  }
  return made;
}

}  // namespace fathom::report
