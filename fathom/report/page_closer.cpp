#include "fathom/report/page_closer.h"

#include <fmt/format.h>

#include <cmath>

#include "fathom/base/error.h"
#include "fathom/report/page_decisions.h"
#include "fathom/results/predictions.h"

namespace fathom::report {
namespace {

using results::LevelSummary;
using results::UnitRecord;

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

}  // namespace

Json rounded(double value) { return number_or_null(std::round(value * 1e6) / 1e6); }

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
          {"decisions", decisions_json(study, level)},
          {"missing", missing}};
}

}  // namespace fathom::report
