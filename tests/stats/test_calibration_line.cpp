#include <gtest/gtest.h>

#include <cmath>

#include "fathom/stats/calibration.h"
#include "fathom/stats/calibration_line.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

Predictions of_two(const std::vector<double>& positive, const std::vector<int>& labels) {
  Predictions made{2, {}, labels};
  for (const double p : positive) {
    made.probabilities.insert(made.probabilities.end(), {1 - p, p});
  }
  return made;
}

// Against statsmodels: test_oracles.cpp.

TEST(CalibrationLine, OfProbabilitiesThatComeTrueIsZeroAndOne) {
  // Three quarters of those stated 0.75 are positive, a quarter of those stated 0.25.
  const CalibrationLine line = calibration_line(
      of_two({0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25}, {1, 1, 1, 0, 1, 0, 0, 0}), 1);
  EXPECT_NEAR(line.intercept, 0, 1e-12);
  EXPECT_NEAR(line.slope, 1, 1e-9);
}

TEST(CalibrationLine, OfTheOtherClassHasTheOtherSign) {
  const Predictions given = of_two({0.9, 0.8, 0.7, 0.6, 0.9, 0.2}, {1, 1, 0, 0, 0, 0});
  const CalibrationLine one = calibration_line(given, 1), other = calibration_line(given, 0);
  EXPECT_LT(one.intercept, 0) << "stated too likely";
  EXPECT_NEAR(other.intercept, -one.intercept, 1e-9);
  EXPECT_NEAR(other.slope, one.slope, 1e-9);
}

TEST(CalibrationLine, ATemperatureMultipliesTheSlope) {
  const Predictions given = of_two({0.99, 0.95, 0.9, 0.9, 0.2, 0.1}, {1, 1, 0, 1, 0, 1});
  const CalibrationLine before = calibration_line(given, 1);
  const CalibrationLine after = calibration_line(with_temperature(given, 2.5), 1);
  EXPECT_NEAR(after.slope, 2.5 * before.slope, 1e-8);
}

TEST(CalibrationLine, OfPartedOrMissingSidesIsUndefined) {
  const CalibrationLine parted = calibration_line(of_two({0.9, 0.6, 0.6, 0.1}, {1, 1, 0, 0}), 1);
  EXPECT_TRUE(std::isnan(parted.slope)) << "the tie stands on the edge";
  EXPECT_LT(parted.intercept, 0) << "it needs no overlap";
  EXPECT_TRUE(std::isnan(calibration_line(of_two({0.1, 0.9}, {1, 0}), 1).slope));
  EXPECT_TRUE(std::isnan(calibration_line(of_two({0.5, 0.5}, {1, 0}), 1).slope));
  EXPECT_NEAR(calibration_line(of_two({0.8, 0.8}, {1, 0}), 1).intercept, -std::log(4.0), 1e-12);
  for (const int label : {0, 1}) {
    const CalibrationLine one = calibration_line(of_two({0.9, 0.2}, {label, label}), 1);
    EXPECT_TRUE(std::isnan(one.intercept) && std::isnan(one.slope));
  }
  EXPECT_TRUE(std::isnan(calibration_line(of_two({}, {}), 1).intercept));
  EXPECT_TRUE(std::isnan(calibration_line(of_two({0.4, kUndefined}, {1, 0}), 1).intercept));
}

}  // namespace
}  // namespace fathom::stats
