#include <gtest/gtest.h>

#include <cmath>

#include "fathom/stats/decisions.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

const std::vector<double> kScores{0.9, 0.8, 0.7, 0.6};

TEST(Decisions, OfAConfusionMatrixTakeOneClassAgainstTheRest) {
  const ConfusionMatrix confusion{3, {5, 1, 2, 3, 7, 4, 8, 9, 6}};
  const Decisions made = one_vs_rest(confusion, 1);
  EXPECT_EQ(made.true_positives, 7U);
  EXPECT_EQ(made.false_negatives, 3U + 4U);
  EXPECT_EQ(made.false_positives, 1U + 9U);
  EXPECT_EQ(made.true_negatives, 5U + 2U + 8U + 6U);
  EXPECT_EQ(made.f1(), 2 * 7.0 / (2 * 7 + 10 + 7));
}

TEST(Decisions, SensitivityAtASpecificityIsReachedNotInterpolated) {
  const std::vector<int> truth{1, 0, 1, 0};
  EXPECT_EQ(sensitivity_at_specificity(kScores, truth, 1.0), 0.5);
  EXPECT_EQ(sensitivity_at_specificity(kScores, truth, 0.5), 1.0);
  EXPECT_EQ(sensitivity_at_specificity(kScores, truth, 0.0), 1.0);
  // The highest score is a negative's: only rejecting everything has specificity 1.
  EXPECT_EQ(sensitivity_at_specificity(kScores, std::vector<int>{0, 1, 1, 1}, 0.9), 0.0);
}

TEST(Decisions, ASpecificityAllowsSoManyFalsePositives) {
  EXPECT_EQ(most_false_positives(20, 0.95), 1U);  // 1 - 0.95 is a little less than 0.05
  EXPECT_EQ(most_false_positives(19, 0.95), 0U);
  EXPECT_EQ(most_false_positives(7, 0), 7U);
  EXPECT_EQ(most_false_positives(7, 1), 0U);
  EXPECT_EQ(most_false_positives(0, 0.95), 0U);
  for (std::size_t negatives = 1; negatives < 2000; ++negatives) {
    const std::size_t found = most_false_positives(negatives, 0.95);
    EXPECT_GE(100 * (negatives - found), 95 * negatives) << negatives;
    EXPECT_LT(100 * (negatives - found - 1), 95 * negatives) << negatives;
  }
}

TEST(Decisions, YoudenTakesTheHighestOfEqualThresholds) {
  EXPECT_EQ(youden_threshold(kScores, std::vector<int>{1, 0, 1, 0}), 0.9);
  EXPECT_EQ(youden_threshold(kScores, std::vector<int>{1, 1, 0, 0}), 0.8);
  const std::vector<double> equal{0.5, 0.5, 0.5};
  EXPECT_EQ(youden_threshold(equal, std::vector<int>{1, 0, 1}), 0.5);
}

TEST(Decisions, OneClassOnlyOrNoImageIsUndefined) {
  for (const std::vector<int>& truth : {std::vector<int>{1, 1, 1, 1}, {0, 0, 0, 0}}) {
    EXPECT_TRUE(std::isnan(sensitivity_at_specificity(kScores, truth, 0.9)));
    EXPECT_TRUE(std::isnan(youden_threshold(kScores, truth)));
  }
  EXPECT_TRUE(std::isnan(average_precision(kScores, std::vector<int>{0, 0, 0, 0})));
  EXPECT_EQ(average_precision(kScores, std::vector<int>{1, 1, 1, 1}), 1.0);
  EXPECT_TRUE(std::isnan(average_precision({}, {})));
  EXPECT_TRUE(std::isnan(brier_score({2, {}, {}})));
  EXPECT_TRUE(std::isnan(Decisions().f1()));
  EXPECT_TRUE(std::isnan(Decisions().ppv().value()));
  EXPECT_TRUE(std::isnan(Decisions().npv().value()));
  EXPECT_TRUE(std::isnan(cohen_kappa({2, {3, 0, 0, 0}})));
  EXPECT_TRUE(std::isnan(matthews_correlation({2, {3, 2, 0, 0}})));
}

TEST(Decisions, ANetworkThatDivergedHasNoRanking) {
  const std::vector<double> scores{0.9, kUndefined, 0.7, 0.6};
  const std::vector<int> truth{1, 0, 1, 0};
  EXPECT_TRUE(std::isnan(average_precision(scores, truth)));
  EXPECT_TRUE(std::isnan(youden_threshold(scores, truth)));
  EXPECT_TRUE(std::isnan(sensitivity_at_specificity(scores, truth, 0.5)));
}

}  // namespace
}  // namespace fathom::stats
