// What the decisions of one level are worth, for the page: with two classes at the threshold that
// validation chose, training by training; with several class by class.
#pragma once

#include "fathom/base/json.h"
#include "fathom/report/report.h"

namespace fathom::report {

/// {at_threshold: one of every training with test images, of two classes: {seed, fold, threshold,
/// FIGURE: {value, interval}}, classes: one of every class, of several: {FIGURE: as in
/// precision_json()}}.
Json decisions_json(const Study& study, const results::LevelSummary& level);

}  // namespace fathom::report
