#include <gtest/gtest.h>

#include <cmath>

#include "fathom/results/figures.h"

namespace fathom::results {
namespace {

/// Two classes, the second positive; the positives' probabilities are given.
stats::Predictions binary(const std::vector<double>& positive, const std::vector<int>& labels) {
  stats::Predictions made{2, {}, labels};
  for (const double p : positive) {
    made.probabilities.insert(made.probabilities.end(), {1 - p, p});
  }
  return made;
}

TEST(TestFigures, TheThresholdIsValidations) {
  PredictionsFile file;
  file.classes = {"normal", "tumour"};
  file.valid = binary({0.9, 0.7, 0.6, 0.1}, {1, 1, 0, 0});
  file.test = binary({0.8, 0.65, 0.75, 0.2}, {1, 1, 0, 0});
  const TestFigures figures = test_figures(file, 1);
  EXPECT_EQ(figures.threshold, 0.7);
  // At one half the predicted classes are 1 1 1 0.
  EXPECT_DOUBLE_EQ(figures.ppv, 2.0 / 3);
  EXPECT_EQ(figures.npv, 1);
  EXPECT_EQ(figures.cohen_kappa, 0.5);
  EXPECT_EQ(figures.sensitivity_at_specificity, 0.5);
  EXPECT_DOUBLE_EQ(figures.average_precision, 0.5 * 1 + 0.5 * 2 / 3);
}

TEST(TestFigures, SeveralClassesAreAveragedAndHaveNoThreshold) {
  PredictionsFile file;
  file.classes = {"a", "b", "c"};
  file.valid = {3, {0.6, 0.2, 0.2, 0.3, 0.4, 0.3}, {0, 1}};
  file.test = {3, {0.6, 0.2, 0.2, 0.3, 0.4, 0.3, 0.5, 0.3, 0.2}, {0, 1, 1}};
  const TestFigures figures = test_figures(file, 0);
  EXPECT_TRUE(std::isnan(figures.threshold));
  EXPECT_TRUE(std::isnan(figures.as_given.line.slope));
  EXPECT_TRUE(figures.calibrated.positive_bins.empty());
  EXPECT_EQ(figures.ppv, 0.75);  // 1/2 of a, 1 of b; c is never predicted
}

TEST(TestFigures, CalibrationIsFittedOnValidation) {
  PredictionsFile file;
  file.classes = {"normal", "tumour"};
  // Stated 95 %, right in three of four: too sure on both parts alike.
  file.valid = file.test =
      binary({0.95, 0.95, 0.95, 0.95, 0.05, 0.05, 0.05, 0.05}, {1, 1, 1, 0, 0, 0, 0, 1});
  const TestFigures figures = test_figures(file, 1);
  EXPECT_NEAR(figures.as_given.error, 0.2, 1e-12);
  EXPECT_NEAR(figures.temperature, std::log(19.0) / std::log(3.0), 1e-4);
  EXPECT_NEAR(figures.calibrated.error, 0, 1e-4);
  EXPECT_LT(figures.calibrated.log_loss, figures.as_given.log_loss);
  // Of the tumours three of four are stated 95 %, of the others one is.
  EXPECT_NEAR(figures.as_given.line.slope, std::log(3.0) / std::log(19.0), 1e-9);
  EXPECT_NEAR(figures.calibrated.line.slope, 1, 1e-4);
  EXPECT_NEAR(figures.as_given.positive_bins.back().observed, 0.75, 1e-12);
}

TEST(TestFigures, WithoutValidationOrTestImages) {
  PredictionsFile file;
  file.classes = {"normal", "tumour"};
  file.valid.classes = file.test.classes = 2;
  const TestFigures figures = test_figures(file, 1);
  for (const double figure : {figures.threshold, figures.temperature, figures.average_precision,
                              figures.brier_score, figures.calibrated.error}) {
    EXPECT_TRUE(std::isnan(figure)) << figure;
  }
}

}  // namespace
}  // namespace fathom::results
