// Figures of one unit on test that its record does not have, made from its predictions: ranking,
// agreement, a threshold that validation chose, calibration.
#pragma once

#include <utility>
#include <vector>

#include "fathom/results/predictions.h"
#include "fathom/stats/calibration.h"
#include "fathom/stats/calibration_line.h"
#include "fathom/stats/decisions.h"

namespace fathom::results {

/// Probabilities as the network gave them, or as the temperature corrected them, in 15 bins of
/// equal width: about the predicted class (stats::top_labels) and, of two, the positive one.
struct Calibration {
  double error = 0;     ///< expected calibration error
  double log_loss = 0;  ///< as in stats::Scores
  std::vector<stats::ReliabilityBin> bins;
  stats::CalibrationLine line;                       ///< of the positive class; NaN with several
  std::vector<stats::ReliabilityBin> positive_bins;  ///< empty with several classes
};

/// With two classes of the positive class, else the mean over the classes for which a figure is
/// defined; NaN where it is not.
struct TestFigures {
  double average_precision = 0, ppv = 0, npv = 0;
  double matthews_correlation = 0, cohen_kappa = 0, brier_score = 0;
  double sensitivity_at_specificity = 0;  ///< at stats::kFixedSpecificity
  /// Youden's on validation; NaN with several classes. Test at it: CaseScores.
  double threshold = 0;
  double temperature = 0;  ///< fitted on validation; NaN without validation images
  Calibration as_given, calibrated;
};

/// Those that are one number, by name.
inline constexpr std::pair<const char*, double TestFigures::*> kTestFigures[] = {
    {"average_precision", &TestFigures::average_precision},
    {"ppv", &TestFigures::ppv},
    {"npv", &TestFigures::npv},
    {"matthews_correlation", &TestFigures::matthews_correlation},
    {"cohen_kappa", &TestFigures::cohen_kappa},
    {"brier_score", &TestFigures::brier_score},
    {"sensitivity_at_95_specificity", &TestFigures::sensitivity_at_specificity},
    {"threshold", &TestFigures::threshold},
    {"temperature", &TestFigures::temperature}};

/// Of the positive class's probability, by Youden's index on validation cases; NaN with several
/// classes.
double threshold_of(const stats::Predictions& valid, std::size_t positive);

/// `positive`: index of the class that counts as positive when there are two.
TestFigures test_figures(const PredictionsFile& file, std::size_t positive);

}  // namespace fathom::results
