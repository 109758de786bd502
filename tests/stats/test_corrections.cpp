#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

TEST(Holm, KeepsTheOrderGivenAndCountsWhatCanBeTrue) {
  const std::vector<double> p{0.02, 0.5, 0.01};
  EXPECT_EQ(holm(p), (std::vector<double>{0.04, 0.5, 0.03}));
  // Of three hypotheses two can be true: the first step divides by two.
  EXPECT_EQ(holm(p, 2), (std::vector<double>{0.04, 0.5, 0.02}));
  EXPECT_EQ(holm(std::vector<double>{kUndefined, 0.01}), (std::vector<double>{1, 0.02}));
  EXPECT_TRUE(holm({}).empty());
}

TEST(Holm, RejectsWronglyInFivePercent) {
  Random random(31);
  int wrong = 0;
  for (int repetition = 0; repetition < 4000; ++repetition) {
    std::vector<double> p(8);
    for (double& value : p) value = random.uniform();
    for (const double adjusted : holm(p)) {
      if (adjusted <= 0.05) {
        ++wrong;
        break;
      }
    }
  }
  EXPECT_NEAR(wrong / 4000.0, 0.05, 0.012);
}

TEST(ResampledT, FewOrEqualDifferences) {
  const auto of = [](const std::vector<double>& values) {
    std::vector<AucSample> trainings;
    for (const double value : values) trainings.push_back({value, {}});
    return corrected_resampled_t(mean_over_seeds(trainings), 0.1);
  };
  EXPECT_TRUE(std::isnan(of({}).value));
  EXPECT_EQ(of({0.2}).value, 0.2);
  EXPECT_TRUE(std::isnan(of({0.2}).standard_error) && std::isnan(of({0.2}).interval().low));
  EXPECT_TRUE(std::isnan(of({0, 0, 0}).p_at_most(0)) && std::isnan(of({0.5, 0.5}).p_at_most(0)));
}

/// What all trainings share is no part of the variance between them.
TEST(ResampledT, ImagesInCommonAddTheirVariance) {
  const std::vector<double> images{0.01, -0.02, 0.01};
  const std::vector<AucSample> with{{0.90, images}, {0.92, images}},
      without{{0.90, {}}, {0.92, {}}};
  const auto error = [](const std::vector<AucSample>& trainings) {
    return corrected_resampled_t(mean_over_seeds(trainings), 0.25).standard_error;
  };
  EXPECT_NEAR(error(without), std::sqrt((0.5 + 0.25) * 0.0002), 1e-15);
  EXPECT_NEAR(error(with), std::sqrt((0.5 + 0.25) * 0.0002 + 0.0006), 1e-15);
}

}  // namespace
}  // namespace fathom::stats
