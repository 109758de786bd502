#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fathom/base/random.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

TEST(Holm, KeepsTheOrderGiven) {
  const std::vector<double> p{0.02, 0.5, 0.01};
  EXPECT_EQ(holm(p), (std::vector<double>{0.04, 0.5, 0.03}));
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

/// Table 1a of Dunnett 1955, P = 0.95, in its two decimals.
TEST(Dunnett, HasThePublishedCriticalValues) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  struct Row {
    double freedom;
    std::size_t comparisons;
    double critical;
  };
  for (const auto& [freedom, comparisons, critical] :
       {Row{5, 2, 2.44}, Row{5, 5, 2.98}, Row{10, 2, 2.15}, Row{10, 5, 2.56}, Row{10, 9, 2.81},
        Row{20, 5, 2.39}, Row{kInfinite, 2, 1.92}, Row{kInfinite, 5, 2.23}}) {
    SCOPED_TRACE(freedom);
    EXPECT_GT(dunnett(critical - 0.006, freedom, comparisons), 0.05) << comparisons;
    EXPECT_LT(dunnett(critical + 0.006, freedom, comparisons), 0.05) << comparisons;
  }
}

TEST(Dunnett, OneComparisonIsStudentsAndAtZeroAllOrdersAreEquallyLikely) {
  EXPECT_EQ(dunnett(1.3, 4, 1), student_upper_tail(1.3, 4));
  for (const double freedom : {0.6, 2.0, 50.0, 1e7}) {
    for (const std::size_t m : {2U, 5U, 12U}) {
      const auto others = static_cast<double>(m);
      EXPECT_NEAR(dunnett(0, freedom, m), others / (others + 1), 1e-7) << freedom;
    }
  }
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
