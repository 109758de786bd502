#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/stats/delong.h"
#include "fathom/stats/scores.h"
#include "fathom/stats/seeds.h"

namespace fathom::stats {
namespace {

const std::vector<double> kFiveScores{0.9, 0.4, 0.8, 0.1, 0.6};
const std::vector<int> kFiveLabels{1, 1, 0, 0, 1};

/// Scores of a test with this distance between the classes, half of the images positive.
struct Binormal {
  std::vector<double> scores;
  std::vector<int> labels;

  Binormal(Random& random, std::size_t images, double distance) {
    for (std::size_t i = 0; i < images; ++i) {
      labels.push_back(static_cast<int>(i % 2));
      scores.push_back(random.normal() + (labels.back() ? distance : 0));
    }
  }
};

TEST(AucSample, HasTheAucOfTheScores) {
  EXPECT_DOUBLE_EQ(auc_sample(kFiveScores, kFiveLabels, single_images(5)).auc,
                   auc(kFiveScores, kFiveLabels));
}

TEST(AucSample, RepeatedImagesOfAGroupAddNothing) {
  std::vector<double> scores;
  std::vector<int> labels;
  std::vector<std::string> patients;
  for (std::size_t i = 0; i < kFiveScores.size(); ++i) {
    for (int copy = 0; copy < 3; ++copy) {
      scores.push_back(kFiveScores[i]);
      labels.push_back(kFiveLabels[i]);
      patients.push_back("patient " + std::to_string(i));
    }
  }
  const AucSample once = auc_sample(kFiveScores, kFiveLabels, single_images(5));
  const AucSample thrice = auc_sample(scores, labels, make_groups(patients));
  EXPECT_NEAR(covariance(thrice, thrice), covariance(once, once), 1e-15);
}

TEST(AucSample, OneClassOrOneGroupHasNoError) {
  const AucSample one_class = auc_sample(kFiveScores, std::vector<int>(5, 1), single_images(5));
  EXPECT_TRUE(std::isnan(one_class.auc));
  EXPECT_TRUE(std::isnan(auc_interval(one_class).low));

  const AucSample one_group =
      auc_sample(kFiveScores, kFiveLabels, make_groups(std::vector<std::string>(5, "patient")));
  EXPECT_DOUBLE_EQ(one_group.auc, auc(kFiveScores, kFiveLabels));
  EXPECT_TRUE(std::isnan(auc_interval(one_group).low));
  EXPECT_TRUE(std::isnan(covariance(one_group, one_group)));

  // Three images: one of a class says nothing on how that class varies.
  const std::vector<double> scores{0.9, 0.4, 0.8};
  const AucSample three = auc_sample(scores, std::vector<int>{1, 0, 1}, single_images(3));
  EXPECT_EQ(three.auc, 1);
  EXPECT_TRUE(std::isnan(covariance(three, three)));

  EXPECT_TRUE(std::isnan(auc_sample({}, {}, single_images(0)).auc));
}

TEST(AucSample, NothingButTiesIsChanceWithoutError) {
  const AucSample ties = auc_sample(std::vector<double>(5, 0.5), kFiveLabels, single_images(5));
  EXPECT_EQ(ties.auc, 0.5);
  EXPECT_EQ(covariance(ties, ties), 0);
}

TEST(AucSample, TheMeanLeavesOutWhatIsUndefined) {
  const AucSample a = auc_sample(kFiveScores, kFiveLabels, single_images(5));
  const AucSample none = auc_sample(kFiveScores, std::vector<int>(5, 0), single_images(5));
  const AucSample mean = mean_sample(std::vector<AucSample>{a, none});
  EXPECT_EQ(mean.auc, a.auc);
  EXPECT_EQ(mean.influence, a.influence);
  EXPECT_TRUE(std::isnan(mean_sample(std::vector<AucSample>{none, none}).auc));
  EXPECT_TRUE(std::isnan(mean_sample({}).auc));
}

TEST(AucInterval, StaysWithinZeroAndOne) {
  Random random(3);
  const Binormal data(random, 12, 2.0);
  const Interval interval = auc_interval(auc_sample(data.scores, data.labels, single_images(12)));
  EXPECT_LT(interval.high, 1);
  EXPECT_GT(interval.low, 0);
}

TEST(AucInterval, OfAPerfectRankingIsNotDefined) {
  const AucSample all =
      auc_sample(std::vector<double>{1, 2, 3, 4}, std::vector<int>{0, 0, 1, 1}, single_images(4));
  EXPECT_EQ(all.auc, 1);
  EXPECT_TRUE(std::isnan(auc_interval(all).low));
}

TEST(VarianceFreedom, IsLowWhereOneGroupMakesUpTheVariance) {
  EXPECT_EQ(variance_freedom(std::vector<double>{1, 1, 1, 1}), 3);
  const double one_counts = variance_freedom(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 100});
  EXPECT_GT(one_counts, 1);
  EXPECT_LT(one_counts, 2.5);
}

TEST(AucInterval, CoversTheTruthInNinetyFivePercent) {
  Random random(11);
  const double distance = 1.2;
  const double truth = normal_cdf(distance / std::sqrt(2.0));
  int covered = 0;
  const int repetitions = 2000;
  for (int r = 0; r < repetitions; ++r) {
    const Binormal data(random, 200, distance);
    const Interval interval =
        auc_interval(auc_sample(data.scores, data.labels, single_images(200)));
    covered += interval.low <= truth && truth <= interval.high;
  }
  EXPECT_GE(covered, repetitions * 93 / 100);
  EXPECT_LE(covered, repetitions * 97 / 100);
}

/// Images that resemble those of their patient: taken for independent, they would cover too seldom.
TEST(AucInterval, CoversTheTruthWithPatients) {
  Random random(12);
  int covered = 0, covered_as_single = 0;
  const int repetitions = 1000, patients = 80, images = 5;
  for (int r = 0; r < repetitions; ++r) {
    std::vector<double> scores;
    std::vector<int> labels;
    std::vector<std::string> names;
    for (int p = 0; p < patients; ++p) {
      const double patient = random.normal();
      for (int i = 0; i < images; ++i) {
        labels.push_back(p % 2);
        scores.push_back(patient + random.normal() + 1.5 * labels.back());
        names.push_back(std::to_string(p));
      }
    }
    const double truth = normal_cdf(1.5 / 2);  // variance 2 in each class
    const auto covers = [&](const Groups& groups) {
      const Interval interval = auc_interval(auc_sample(scores, labels, groups));
      return interval.low <= truth && truth <= interval.high;
    };
    covered += covers(make_groups(names));
    covered_as_single += covers(single_images(scores.size()));
  }
  EXPECT_GE(covered, repetitions * 93 / 100);
  EXPECT_LE(covered, repetitions * 97 / 100);
  EXPECT_LT(covered_as_single, repetitions * 85 / 100);
}

/// The AUC of a seed and image sample of a made-up network: seeds move the distance between
/// classes.
std::vector<AucSample> trainings_on_one_sample(Random& random, int seeds, double seed_deviation) {
  const Binormal images(random, 200, 1.2);
  std::vector<AucSample> made;
  for (int s = 0; s < seeds; ++s) {
    const double shift = seed_deviation * random.normal();
    std::vector<double> scores = images.scores;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] += (images.labels[i] ? shift : 0) + 0.5 * random.normal();
    }
    made.push_back(auc_sample(scores, images.labels, single_images(scores.size())));
  }
  return made;
}

TEST(SeedsAndImages, TheIntervalCoversOtherSeedsAndImages) {
  Random random(13);
  double truth = 0;  // over many seeds and images
  for (int r = 0; r < 500; ++r)
    truth += mean_over_seeds(trainings_on_one_sample(random, 4, 0.2)).mean;
  truth /= 500;
  int covered = 0;
  const int repetitions = 1000;
  for (int r = 0; r < repetitions; ++r) {
    const Interval interval =
        over_seeds_and_images(mean_over_seeds(trainings_on_one_sample(random, 4, 0.2))).interval();
    covered += interval.low <= truth && truth <= interval.high;
  }
  EXPECT_GE(covered, repetitions * 93 / 100);
  EXPECT_LE(covered, repetitions * 97 / 100);
}

TEST(SeedsAndImages, ApartAreWhatSeedsAndWhatImagesDo) {
  Random random(14);
  const auto mean_parts = [&](double seed_deviation) {
    double alone = 0, images = 0;
    for (int r = 0; r < 200; ++r) {
      const SeedMean mean = mean_over_seeds(trainings_on_one_sample(random, 5, seed_deviation));
      alone += mean.seeds_alone() / 200;
      images += mean.images / 200;
    }
    return std::pair(alone, images);
  };
  const auto [still_alone, still_images] = mean_parts(0);
  const auto [moved_alone, moved_images] = mean_parts(0.3);
  EXPECT_LT(still_alone, 0.1 * moved_alone);
  EXPECT_NEAR(still_images, moved_images, 0.25 * moved_images);
}

TEST(SeedsAndImages, OneSeedShowsImagesOnly) {
  const AucSample a = auc_sample(kFiveScores, kFiveLabels, single_images(5));
  const SeedMean mean = mean_over_seeds(std::vector<AucSample>{a});
  EXPECT_EQ(mean.mean, a.auc);
  EXPECT_DOUBLE_EQ(mean.images, covariance(a, a));
  EXPECT_TRUE(std::isnan(mean.between_trainings));
  EXPECT_TRUE(std::isnan(over_seeds_and_images(mean).interval().low));
  EXPECT_TRUE(std::isnan(mean_over_seeds({}).mean));
}

TEST(SeedsAndImages, LevelsShareTheirVarianceBetweenTrainings) {
  const auto level = [](std::vector<double> figures) {
    std::vector<AucSample> trainings;
    for (const double figure : figures) trainings.push_back({figure, {}});
    return mean_over_seeds(trainings);
  };
  // Variances 0.0001, 0.0003 and none; degrees of freedom 2, 1 and none, by which they count.
  const std::vector<SeedMean> levels{level({0.8, 0.81, 0.82}),
                                     level({0.9, 0.9 + std::sqrt(0.0006)}), level({0.7})};
  const BetweenTrainings between = pool_between_trainings(levels);
  EXPECT_NEAR(between.pooled, 0.0005 / 3, 1e-12);
  EXPECT_EQ(between.freedom, 3);
  EXPECT_NEAR(between.of(levels[0]), 0.0005 / 3, 1e-12);
  EXPECT_NEAR(between.of(levels[1]), 0.0003, 1e-12);
  EXPECT_TRUE(std::isnan(pool_between_trainings(std::vector{levels[2]}).pooled));
}

TEST(SeedsAndImages, WhatNeverVariesShowsNothing) {
  const AucSample a = auc_sample(kFiveScores, kFiveLabels, single_images(5));
  const AucSample zero = difference(a, a);
  const Estimate estimate =
      over_seeds_and_images(mean_over_seeds(std::vector<AucSample>{zero, zero}));
  EXPECT_EQ(estimate.standard_error, 0);
  EXPECT_TRUE(std::isnan(estimate.p_at_most(-0.01)) && std::isnan(estimate.p_at_most(0)));
}

}  // namespace
}  // namespace fathom::stats
