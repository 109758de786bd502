#include "fathom/results/calibration.h"

#include <vector>

namespace fathom::results {

LevelCalibration level_calibration(const LevelSummary& level, const Evidence& evidence) {
  std::vector<double> errors, temperatures, calibrated;
  for (const UnitRecord* unit : level.units) {
    const auto found = evidence.units.find(unit);
    if (found == evidence.units.end()) continue;
    const TestFigures& figures = found->second.figures;
    errors.push_back(figures.as_given.error);
    temperatures.push_back(figures.temperature);
    calibrated.push_back(figures.calibrated.error);
  }
  return {mean_of(errors), mean_of(temperatures), mean_of(calibrated)};
}

Json to_json(const LevelCalibration& calibration) {
  return {{"error", to_json(calibration.error)},
          {"temperature", to_json(calibration.temperature)},
          {"calibrated_error", to_json(calibration.calibrated_error)}};
}

}  // namespace fathom::results
