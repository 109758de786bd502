// How well the probabilities of a level are calibrated on test, before and after the temperature
// that each of its trainings fitted on validation. Of one training: figures.h.
#pragma once

#include "fathom/results/evidence.h"

namespace fathom::results {

/// Means over the trainings whose predictions could be read.
struct LevelCalibration {
  Mean error, temperature, calibrated_error;  ///< expected calibration errors, see Calibration
};

LevelCalibration level_calibration(const LevelSummary& level, const Evidence& evidence);

/// {error, temperature, calibrated_error}, each as to_json(Mean).
Json to_json(const LevelCalibration& calibration);

}  // namespace fathom::results
