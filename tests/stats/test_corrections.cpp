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
  EXPECT_TRUE(std::isnan(corrected_resampled_t({}, 0.1).mean));
  const ResampledTest one = corrected_resampled_t(std::vector<double>{0.2}, 0.1);
  EXPECT_EQ(one.mean, 0.2);
  EXPECT_TRUE(std::isnan(one.standard_error) && std::isnan(one.p_value));
  EXPECT_EQ(corrected_resampled_t(std::vector<double>{0, 0, 0}, 0.1).p_value, 1);
  EXPECT_EQ(corrected_resampled_t(std::vector<double>{0.5, 0.5}, 0.1).p_value, 0);
}

}  // namespace
}  // namespace fathom::stats
