// What the decisions and probabilities of one level are worth, for the page: of two classes the
// positive one, training by training; of several class by class.
#pragma once

#include "fathom/base/json.h"
#include "fathom/report/report.h"

namespace fathom::report {

/// {at_threshold: one of every training with test images, of two classes: {seed, fold, threshold,
/// FIGURE: {value, interval}}, calibration: of the same trainings, also without a threshold, that
/// of the positive class's probability: {seed, fold, as_given, calibrated: {intercept, slope, bins:
/// [stated, observed, images]}}, classes: one of every class, of several: {FIGURE: as in
/// level_figure_json()}}.
Json decisions_json(const Study& study, const results::LevelSummary& level);

}  // namespace fathom::report
