#include <gtest/gtest.h>

#include <cmath>

#include "fathom/stats/calibration.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

TEST(Reliability, EdgesBelongToTheLowerBin) {
  const std::vector<double> stated{0, 0.25, 0.5, 0.500001, 1, 1.0000001, kUndefined};
  const std::vector<int> came_true{0, 1, 0, 1, 1, 1, 1};
  const auto bins = reliability(stated, came_true, 2);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_EQ(bins[0].images, 3U);
  EXPECT_EQ(bins[1].images, 3U);
  EXPECT_DOUBLE_EQ(bins[0].stated, 0.25);
  EXPECT_DOUBLE_EQ(bins[0].observed, 1.0 / 3);
  EXPECT_EQ(bins[1].high, 1);
}

TEST(Reliability, EmptyBinsAndEmptySets) {
  const auto bins = reliability(std::vector<double>{0.9}, std::vector<int>{1}, 3);
  EXPECT_TRUE(std::isnan(bins[0].stated) && std::isnan(bins[0].observed));
  EXPECT_NEAR(expected_calibration_error(bins), 0.1, 1e-12);
  EXPECT_TRUE(std::isnan(expected_calibration_error(reliability({}, {}, 3))));
}

TEST(Reliability, OfTheTopLabel) {
  const TopLabels top = top_labels({3, {0.2, 0.5, 0.3, 0.4, 0.4, 0.2}, {1, 1}});
  EXPECT_EQ(top.stated, (std::vector<double>{0.5, 0.4}));
  EXPECT_EQ(top.came_true, (std::vector<int>{1, 0}));  // the first of equals is predicted
}

TEST(Temperature, IsAtAnEndWhenNothingHoldsItBack) {
  EXPECT_NEAR(fit_temperature({2, {0.9, 0.1, 0.2, 0.8}, {0, 1}}), kLowestTemperature, 1e-5);
  EXPECT_NEAR(fit_temperature({2, {0.9, 0.1, 0.2, 0.8}, {1, 0}}), kHighestTemperature, 1e-3);
}

TEST(Temperature, NeedsProbabilities) {
  EXPECT_TRUE(std::isnan(fit_temperature({2, {}, {}})));
  EXPECT_TRUE(std::isnan(fit_temperature({2, {kUndefined, kUndefined}, {1}})));
}

TEST(Temperature, OfOneChangesNothingAndCertaintyStaysFinite) {
  const Predictions given{2, {1, 0, 0.3, 0.7}, {0, 1}};
  const Predictions same = with_temperature(given, 1);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(same.probabilities[i], given.probabilities[i], 1e-14);
  }
  const Predictions softer = with_temperature(given, 5);
  EXPECT_NEAR(softer.probabilities[0] + softer.probabilities[1], 1, 1e-15);
  EXPECT_GT(softer.probabilities[1], 0);
  EXPECT_LT(softer.probabilities[3], 0.7);
}

}  // namespace
}  // namespace fathom::stats
