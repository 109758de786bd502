#include "fathom/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/error.h"
#include "fathom/report/cost_json.h"
#include "fathom/report/generalization.h"
#include "fathom/report/methods.h"
#include "fathom/report/precision_json.h"
#include "fathom/report/probe.h"
#include "fathom/results/predictions.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::ArchitectureSummary;
using results::LevelSummary;
using results::Recommendation;
using results::UnitRecord;

/// Six decimals are more than any screen shows; whole digits would double the page.
Json rounded(double value) { return number_or_null(std::round(value * 1e6) / 1e6); }

template <class Items, class Convert>
Json list(const Items& items, Convert convert) {
  Json made = Json::array();
  for (const auto& item : items) made.push_back(convert(item));
  return made;
}

/// Folds are numbered from 1 where people read them.
int fold_of(const UnitRecord& unit) { return unit.key.fold + 1; }

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
  return {{"label", results::level_name(level)},
          {"strategy", level.strategy},
          {"depth", level.level.depth},
          {"norm_only", level.level.norm_only},
          {"learning_rate", number_or_null(level.learning_rate)},
          {"failed", level.failed},
          {"on_pareto_front", level.on_pareto_front},
          {"valid_auc", to_json(level.valid_auc)},
          {"test_auc", to_json(level.test_auc)},
          {"test_accuracy", to_json(level.test_accuracy)},
          {"test_balanced_accuracy", to_json(level.test_balanced_accuracy)},
          {"test_sensitivity", to_json(level.test_sensitivity)},
          {"test_specificity", to_json(level.test_specificity)},
          {"test_f1", to_json(level.test_f1)},
          {"test_log_loss", to_json(level.test_log_loss)},
          {"seconds", to_json(level.seconds)},
          {"predicted_seconds", predicted_seconds(study.content, level)},
          {"precision", precision_json(study.precisions[index])},
          {"generalization", to_json(generalization_of(study).of(level))},
          {"similarity", rounded_list(level.similarity)},
          {"cost", cost_json(level)},
          {"units", list(level.units, unit_json)}};
}

/// Points so near to the one before that no screen tells them apart are left out, which bounds a
/// curve to about a thousand points however many images there are.
Json curve_json(const std::vector<stats::RocPoint>& curve) {
  constexpr double kStep = 1.0 / 500;
  Json points = Json::array();
  const stats::RocPoint* last = nullptr;
  for (const stats::RocPoint& point : curve) {
    const bool far = !last || point.false_positive_rate - last->false_positive_rate +
                                      point.true_positive_rate - last->true_positive_rate >=
                                  kStep;
    if (!far && &point != &curve.back()) continue;
    points.push_back({rounded(point.false_positive_rate), rounded(point.true_positive_rate)});
    last = &point;
  }
  return points;
}

Json roc_json(const UnitRecord& unit, const results::PredictionsFile& file, std::size_t positive) {
  const stats::ClassScores one = stats::class_scores(file.test, positive);
  return {{"seed", std::to_string(unit.key.seed)},
          {"fold", fold_of(unit)},
          {"class", file.classes[positive]},
          {"auc", rounded(stats::auc(one.scores, one.is_positive))},
          {"points", curve_json(stats::roc_curve(one.scores, one.is_positive))}};
}

/// The curves of one unit: of the positive class when there are two, else of every class.
void add_curves(Json& curves, const Study& study, const UnitRecord& unit) {
  const std::filesystem::path path = study.folder / "units" / unit.key.id() / "predictions.csv";
  const results::PredictionsFile file = results::read_predictions(path, unit.predictions_sha256);
  for (std::size_t c = 0; c < file.classes.size(); ++c) {
    const bool other_side =
        file.classes.size() == 2 && file.classes[c] != study.content.study->data.positive;
    if (!other_side) curves.push_back(roc_json(unit, file, c));
  }
}

Json reliability_curve_json(const results::Calibration& calibration) {
  Json bins = Json::array();
  for (const stats::ReliabilityBin& bin : calibration.bins) {
    if (bin.images == 0) continue;
    bins.push_back({rounded(bin.stated), rounded(bin.observed), bin.images});
  }
  return {{"error", rounded(calibration.error)}, {"bins", bins}};
}

/// One entry per unit of a level whose test images were scored.
Json reliability_json(const Study& study, const LevelSummary& level) {
  Json made = Json::array();
  for (const UnitRecord* unit : level.units) {
    const auto found = study.evidence.units.find(unit);
    if (found == study.evidence.units.end()) continue;
    const results::TestFigures& figures = found->second.figures;
    if (std::isnan(figures.as_given.error)) continue;
    made.push_back({{"seed", std::to_string(unit->key.seed)},
                    {"fold", fold_of(*unit)},
                    {"temperature", rounded(figures.temperature)},
                    {"as_given", reliability_curve_json(figures.as_given)},
                    {"calibrated", reliability_curve_json(figures.calibrated)}});
  }
  return made;
}

/// The level at `index` (into all summaries) seen closer; `first` is the architecture's first one.
Json closer_json(const Study& study, std::size_t index, std::size_t first) {
  const LevelSummary& level = study.summaries[index];
  if (level.units.empty()) return nullptr;
  Json curves = Json::array(), missing = Json::array();
  for (const UnitRecord* unit : level.units) {
    try {
      add_curves(curves, study, *unit);
    } catch (const Error& error) {
      missing.push_back(fmt::format("No ROC curve of seed {}, fold {}: {}", unit->key.seed,
                                    fold_of(*unit), error.what()));
    }
  }
  return {{"level", index - first},
          {"roc", curves},
          {"reliability", reliability_json(study, level)},
          {"missing", missing}};
}

Json recommendation_json(const Recommendation& recommendation, std::size_t first) {
  const bool known = recommendation.kind == Recommendation::Kind::depth;
  return {{"kind", known ? "depth" : "cannot_tell"},
          {"chosen", known ? Json(recommendation.chosen - first) : Json(nullptr)},
          {"rule", recommendation.rule},
          {"headline", recommendation.headline},
          {"reasons", recommendation.reasons}};
}

Json difference_json(const stats::Estimate& difference) {
  const stats::Interval interval = difference.interval();
  return {{"difference", rounded(difference.value)},
          {"low", rounded(interval.low)},
          {"high", rounded(interval.high)}};
}

/// Null when there is nothing to compare. `first` is the architecture's first summary.
Json comparison_json(const results::Comparison& comparison, std::size_t first) {
  if (comparison.levels.empty()) return nullptr;
  Json rows = Json::array();
  for (std::size_t k = 0; k < comparison.levels.size(); ++k) {
    rows.push_back({{"level", comparison.levels[k] - first},
                    {"good_enough", comparison.is_good_enough(k)},
                    {"p_value", comparison.p_values[k]},
                    {"validation", difference_json(comparison.valid.at(k, comparison.best))},
                    {"test", difference_json(comparison.test.at(k, comparison.best))},
                    {"images_alone", comparison.test_images_alone.empty()
                                         ? Json(nullptr)
                                         : images_alone_json(comparison.test_images_alone[k])}});
  }
  return {{"margin", comparison.rule.margin},
          {"best", comparison.levels[comparison.best] - first},
          {"rows", rows}};
}

/// Test AUC of an architecture's levels by training images; null with one train_fraction.
Json images_curve_json(const Study& study, const std::string& architecture) {
  if (study.curve.size() < 2) return nullptr;
  Json points = Json::array();
  for (const results::CurvePoint& point : study.curve) {
    const LevelSummary* best = best_level(point, architecture);
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
  return {{"in_words", curve_in_words(study.curve, architecture)}, {"points", points}};
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
  return {{"name", architecture.name},
          {"title", architecture.title},
          {"blocks", architecture.blocks},
          {"weights_card", architecture.weights_card},
          {"recommendation", recommendation_json(recommendation, first)},
          {"comparison", comparison_json(study.comparisons[index], first)},
          {"levels", levels},
          {"generalization_notes", generalization_notes(study, recommendation)},
          {"images_curve", images_curve_json(study, architecture.name)},
          {"probe", probe_of_json(study, architecture.name)},
          {"closer", closer_json(study, recommendation.chosen, first)}};
}

Json architectures_json(const Study& study) {
  const std::vector<ArchitectureSummary>& architectures = study.content.study->architectures;
  FATHOM_CHECK(architectures.size() == study.recommendations.size());
  Json made = Json::array();
  for (std::size_t i = 0; i < architectures.size(); ++i) {
    made.push_back(architecture_json(study, i));
  }
  return made;
}

Json data_json(const results::DataSummary& data) {
  return {{"path", data.path},
          {"source", data.source},
          {"fingerprint", data.fingerprint},
          {"image_size", data.image_size},
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
          {"methods", study.comparisons.empty() ? "" : methods_paragraph(study)}};
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
