#include "fathom/report/precision_json.h"

#include <fmt/format.h>

#include <cmath>

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

Json test_scores_json(const std::map<results::Cases, results::CaseScores>& scores) {
  Json made = Json::object();
  for (const auto& [cases, name] : results::kCases) {
    const auto found = scores.find(cases);
    if (found == scores.end()) continue;
    Json& json = made[name];
    json = {{"cases", found->second.cases},
            {"groups", found->second.groups},
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

Json images_alone_json(const results::ImagesAlone& alone) {
  return {{"difference", number_or_null(alone.difference)},
          {"delong", interval_json(alone.by_delong)},
          {"bootstrap", interval_json(alone.by_bootstrap)},
          {"p_value", number_or_null(alone.p_value)}};
}

}  // namespace fathom::report
