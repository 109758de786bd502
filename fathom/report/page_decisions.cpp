#include "fathom/report/page_decisions.h"

#include <cmath>

#include "fathom/base/error.h"
#include "fathom/report/level_json.h"
#include "fathom/results/class_figures.h"
#include "fathom/results/predictions.h"

namespace fathom::report {
namespace {

using results::LevelSummary;
using results::UnitRecord;

Json at_threshold_json(const UnitRecord& unit, const results::UnitEvidence& evidence) {
  using stats::Figure;
  const results::CaseScores& scores = evidence.test_scores.at(results::Cases::images);
  Json json{{"seed", std::to_string(unit.key.seed)},
            {"fold", unit.key.fold + 1},
            {"threshold", number_or_null(evidence.figures.threshold)}};
  for (const Figure figure : {Figure::sensitivity_at_threshold, Figure::specificity_at_threshold,
                              Figure::ppv_at_threshold, Figure::npv_at_threshold}) {
    json[std::string(stats::name_of(figure))] = {
        {"value", number_or_null(scores.values[figure])},
        {"interval", interval_json(scores.by_formula[figure])}};
  }
  return json;
}

Json positive_calibration_json(const results::Calibration& calibration) {
  Json bins = Json::array();
  for (const stats::ReliabilityBin& bin : calibration.positive_bins) {
    if (bin.images > 0) bins.push_back({bin.stated, bin.observed, bin.images});
  }
  return {{"intercept", number_or_null(calibration.line.intercept)},
          {"slope", number_or_null(calibration.line.slope)},
          {"bins", bins}};
}

Json calibration_of_positive_json(const UnitRecord& unit, const results::TestFigures& figures) {
  return {{"seed", std::to_string(unit.key.seed)},
          {"fold", unit.key.fold + 1},
          {"as_given", positive_calibration_json(figures.as_given)},
          {"calibrated", positive_calibration_json(figures.calibrated)}};
}

/// Trainings whose predictions cannot be read are left out.
Json classes_json(const Study& study, const LevelSummary& level) {
  const results::DataSummary& data = study.content.study->data;
  results::ClassFiguresOfLevel collected(data.classes.size());
  for (const UnitRecord* unit : level.units) {
    try {
      const results::PredictionsFile file = results::read_predictions(
          study.folder / "units" / unit->key.id() / "predictions.csv", unit->predictions_sha256);
      collected.add(unit->key.fold, file.test,
                    results::groups_of(file.test_groups, file.test.size()));
    } catch (const Error&) {
      continue;  // the ROC curves' place says why
    }
  }
  Json made = Json::array();
  const double to_train = scored_to_trained(data, &results::ClassCount::test, level.train_fraction);
  for (const results::ClassFigures& figures :
       collected.figures(to_train, study.evidence.one_test_part)) {
    made.push_back({{"auc", level_figure_json(figures.auc)},
                    {"sensitivity", level_figure_json(figures.sensitivity)},
                    {"specificity", level_figure_json(figures.specificity)}});
  }
  return made;
}

}  // namespace

Json decisions_json(const Study& study, const LevelSummary& level) {
  const bool binary = study.content.study->data.classes.size() == 2;
  Json trainings = Json::array(), calibration = Json::array();
  for (const UnitRecord* unit : level.units) {
    const auto found = study.evidence.units.find(unit);
    if (found == study.evidence.units.end() || !binary) continue;
    const results::TestFigures& figures = found->second.figures;
    if (!found->second.test_scores.contains(results::Cases::images)) continue;
    calibration.push_back(calibration_of_positive_json(*unit, figures));
    if (std::isnan(figures.threshold)) continue;
    trainings.push_back(at_threshold_json(*unit, found->second));
  }
  return {{"at_threshold", trainings},
          {"calibration", calibration},
          {"classes", binary ? Json::array() : classes_json(study, level)}};
}

}  // namespace fathom::report
