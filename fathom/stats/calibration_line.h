// Whether the probabilities given to the positive class come true, in two numbers. Reliability
// diagrams and temperature: calibration.h.
#pragma once

#include <cstddef>

#include "fathom/stats/scores.h"

namespace fathom::stats {

/// By logistic regression of "the image is of the class" on x, the logit of the probability that
/// the class was given (Cox 1958, doi:10.1093/biomet/45.3-4.562), without a penalty; as Van Calster
/// et al. 2019 (doi:10.1186/s12916-019-1466-7) report them. NaN where there is no finite one.
struct CalibrationLine {
  /// Of ln odds = intercept + x: 0 is right on the whole, below 0 the class is stated too likely.
  double intercept = 0;
  /// Of ln odds = a + slope x, a free: 1 is right, below 1 stated probabilities are too extreme.
  double slope = 0;
};

/// Of class c against the others. Its probability and that of all others are taken as at least
/// 1e-15. Both are NaN
/// without images of one side and with a NaN probability; the slope also where one probability
/// parts the images of the class from all others, ties included.
CalibrationLine calibration_line(const Predictions& predictions, std::size_t c);

}  // namespace fathom::stats
