#include "fathom/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fathom/base/error.h"
#include "fathom/report/cost_json.h"
#include "fathom/report/coverage.h"
#include "fathom/report/generalization.h"
#include "fathom/report/level_json.h"
#include "fathom/report/methods.h"
#include "fathom/report/page_closer.h"
#include "fathom/report/probe.h"
#include "fathom/results/input_sizes.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::ArchitectureSummary;
using results::LevelSummary;
using results::Recommendation;
using results::UnitRecord;

template <class Items, class Convert>
Json list(const Items& items, Convert convert) {
  Json made = Json::array();
  for (const auto& item : items) made.push_back(convert(item));
  return made;
}

Json rounded_list(const std::vector<double>& values) { return list(values, rounded); }

Json confusion_json(const stats::ConfusionMatrix& matrix) {
  Json rows = Json::array();
  for (std::size_t truth = 0; truth < matrix.classes; ++truth) {
    Json row = Json::array();
    for (std::size_t c = 0; c < matrix.classes; ++c) row.push_back(matrix.at(truth, c));
    rows.push_back(row);
  }
  return rows;
}

Json scores_json(const stats::Scores& scores) {
  return {{"auc", rounded(scores.auc)},
          {"class_auc", rounded_list(scores.class_auc)},
          {"class_sensitivity", rounded_list(scores.class_sensitivity)},
          {"class_specificity", rounded_list(scores.class_specificity)},
          {"class_f1", rounded_list(scores.class_f1)},
          {"confusion", confusion_json(scores.confusion)}};
}

Json history_json(const std::vector<results::EpochRecord>& history) {
  using results::EpochRecord;
  const auto column = [&](double EpochRecord::*figure) {
    return list(history, [&](const EpochRecord& epoch) { return rounded(epoch.*figure); });
  };
  return {{"epoch", list(history, [](const EpochRecord& epoch) { return epoch.epoch; })},
          {"train_loss", column(&EpochRecord::train_loss)},
          {"valid_loss", column(&EpochRecord::valid_loss)},
          {"valid_auc", column(&EpochRecord::valid_auc)}};
}

Json unit_json(const UnitRecord* unit) {
  return {{"id", unit->key.id()},
          // JavaScript's numbers end at 2^53.
          {"seed", std::to_string(unit->key.seed)},
          {"fold", fold_of(*unit)},
          {"best_epoch", unit->best_epoch},
          {"validation", scores_json(unit->validation)},
          {"test", unit->test ? scores_json(*unit->test) : Json(nullptr)},
          {"history", history_json(unit->history)}};
}

Json page_level_json(const Study& study, std::size_t index) {
  const LevelSummary& level = study.summaries[index];
  Json json = level_json(study, level, study.precisions[index], study.generalizations[index]);
  json["against_all"] = against_all_json(study, index);
  json["label"] = results::level_name(level);
  json["predicted_seconds"] = predicted_seconds(study.content, level);
  json["cost"] = cost_json(level);
  json["units"] = list(level.units, unit_json);
  return json;
}

Json recommendation_json(const Recommendation& recommendation, std::size_t first) {
  const bool known = recommendation.kind == Recommendation::Kind::depth;
  Json json = answer_json(recommendation);
  json["chosen"] = known ? Json(recommendation.chosen - first) : Json(nullptr);
  return json;
}

/// Null when there is nothing to compare. `first` is the architecture's first summary.
Json comparison_json(const results::Comparison& comparison, std::size_t first) {
  if (comparison.levels.empty()) return nullptr;
  return {{"margin", comparison.rule.margin},
          {"best", comparison.levels[comparison.best] - first},
          {"rows", compared_levels_json(comparison, first)}};
}

/// Test AUC of an architecture's levels by training images; null with one train_fraction.
Json images_curve_json(const Study& study, const std::string& architecture) {
  if (study.curve.size() < 2) return nullptr;
  Json points = Json::array();
  std::set<Coverage> coverage;
  for (const results::CurvePoint& point : study.curve) {
    const LevelSummary* best = best_level(point, architecture);
    coverage.merge(coverage_of(point.summaries, point.precisions, architecture));
    for (std::size_t i = 0; i < point.summaries.size(); ++i) {
      const LevelSummary& level = point.summaries[i];
      if (level.architecture != architecture || level.test_auc.count == 0) continue;
      const auto [mean, interval] = test_auc_of(level, point.precisions[i]);
      points.push_back({{"level", results::level_name(level)},
                        {"train_fraction", point.train_fraction},
                        {"images", point.images},
                        {"trainings", level.units.size()},
                        {"mean", rounded(mean)},
                        {"low", rounded(interval.low)},
                        {"high", rounded(interval.high)},
                        {"best", &level == best}});
    }
  }
  return {{"in_words", curve_in_words(study.curve, architecture)},
          {"mean_in_words", mean_in_words(coverage)},
          {"points", points}};
}

Json architecture_json(const Study& study, std::size_t index) {
  const ArchitectureSummary& architecture = study.content.study->architectures[index];
  const Recommendation& recommendation = study.recommendations[index];
  const auto mine = [&](const LevelSummary& level) {
    return level.architecture == architecture.name;
  };
  // summarize() keeps the levels of an architecture next to each other.
  const auto begin = std::find_if(study.summaries.begin(), study.summaries.end(), mine);
  const auto end = std::find_if_not(begin, study.summaries.end(), mine);
  const auto first = static_cast<std::size_t>(begin - study.summaries.begin());
  Json levels = Json::array();
  for (auto level = begin; level != end; ++level) {
    levels.push_back(
        page_level_json(study, static_cast<std::size_t>(level - study.summaries.begin())));
  }
  const results::ProbeSummary* probe = probe_of(study, architecture.name);
  return {{"name", architecture.name},
          {"title", architecture.title},
          {"blocks", architecture.blocks},
          {"input", results::inputs_in_words({architecture})},
          {"weights_card", architecture.weights_card},
          {"recommendation", recommendation_json(recommendation, first)},
          {"comparison", comparison_json(study.comparisons[index], first)},
          {"levels", levels},
          {"mean_in_words",
           mean_in_words(coverage_of(study.summaries, study.precisions, architecture.name))},
          {"generalization_notes", generalization_notes(study, recommendation)},
          {"generalization_coverage", generalization_coverage(study, architecture.name)},
          {"corruption_coverage", corruption_coverage(study, architecture.name)},
          {"images_curve", images_curve_json(study, architecture.name)},
          {"probe", probe ? probe_json(study, *probe) : Json(nullptr)},
          {"closer", closer_json(study, recommendation.chosen, first)}};
}

Json architectures_json(const Study& study) {
  const std::vector<ArchitectureSummary>& architectures = study.content.study->architectures;
  FATHOM_CHECK(architectures.size() == study.recommendations.size());
  Json made = Json::array();
  for (std::size_t i = 0; i < architectures.size(); ++i)
    made.push_back(architecture_json(study, i));
  return made;
}

Json data_json(const results::DataSummary& data) {
  return {{"path", data.path},
          {"source", data.source},
          {"fingerprint", data.fingerprint},
          {"sizes", data.sizes ? results::sizes_in_words(*data.sizes) : ""},
          {"positive", data.positive},
          {"images", data.images},
          {"groups", data.groups},
          {"classes", list(data.classes,
                           [](const results::ClassCount& count) {
                             return Json{{"name", count.name},
                                         {"train", count.train},
                                         {"valid", count.valid},
                                         {"test", count.test}};
                           })},
          {"external", list(data.external,
                            [](const results::ExternalSummary& set) {
                              return Json{{"name", set.name},
                                          {"path", set.path},
                                          {"images", set.images},
                                          {"classes", set.classes}};
                            })},
          {"warnings", data.warnings},
          {"skipped", data.skipped},
          {"samples", list(data.samples, [](const std::pair<std::string, std::string>& sample) {
             return Json{{"class", sample.first}, {"png", sample.second}};
           })}};
}

Json study_json(const results::JournalContent& content) {
  const results::StudyRecord& study = *content.study;
  const auto finished = std::count_if(content.units.begin(), content.units.end(),
                                      [](const UnitRecord& unit) { return unit.finished; });
  return {{"name", study.name},
          {"command", study.command},
          {"created_at", study.created_at},
          {"settings", study.settings},
          {"versions", study.versions},
          {"units_planned", study.units},
          {"units_finished", finished},
          {"damaged_lines", content.damaged_lines}};
}

Json failures_json(const results::JournalContent& content) {
  Json failures = Json::array();
  for (const UnitRecord& unit : content.units) {
    if (unit.finished) continue;
    failures.push_back({{"architecture", unit.key.architecture},
                        {"level", unit.key.level.name},
                        {"train_fraction", unit.key.train_fraction},
                        {"seed", std::to_string(unit.key.seed)},
                        {"fold", fold_of(unit)},
                        {"learning_rate", number_or_null(unit.key.learning_rate)},
                        {"failure", unit.failure}});
  }
  return failures;
}

}  // namespace

Json page_data(const Study& study) {
  return {{"study", study_json(study.content)},
          {"data", data_json(study.content.study->data)},
          {"architectures", architectures_json(study)},
          {"failures", failures_json(study.content)},
          {"no_group_scores", study.evidence.no_group_scores},
          {"time_in_words", results::kTimeInWords},
          {"trainings_in_words", trainings_in_words(study.folds)},
          {"methods", list(methods_paragraphs(study), [](const MethodsParagraph& paragraph) {
             return Json{{"title", paragraph.title}, {"text", paragraph.text}};
           })}};
}

std::string script_safe(const Json& data) {
  // Bytes that are not UTF-8 (file names may hold any) are replaced.
  const std::string text = data.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    // These stand only inside JSON strings, where an escape means the same.
    if (c == '<' || c == '>' || c == '&') {
      safe += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace fathom::report
