#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/stats/bootstrap.h"
#include "fathom/stats/decisions.h"
#include "fathom/stats/delong.h"
#include "fathom/stats/scores.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

/// Rounded scores of 60 images of 20 patients.
struct Example {
  std::vector<double> scores;
  std::vector<int> labels;
  std::vector<std::string> patients;
  Groups groups;

  Example() {
    Random random(5);
    for (int i = 0; i < 60; ++i) {
      labels.push_back(static_cast<int>(random.below(2)));
      scores.push_back(std::round(5 * (random.normal() + labels.back())) / 5);
      patients.push_back(std::to_string(i % 20));
    }
    groups = make_groups(patients);
  }
};

std::vector<double> auc_draws(const Example& example, const BootstrapOptions& options) {
  const RankedScores ranked(example.scores, example.labels, example.groups);
  return bootstrap(
      example.groups.count, 1,
      [&](Draw draw, std::span<double> values) { values[0] = ranked.of(draw).auc; }, options)[0];
}

TEST(Groups, AreNamedAndImagesWithoutANameStandAlone) {
  const Groups groups = make_groups(std::vector<std::string>{"b", "", "a", "b", ""});
  EXPECT_EQ(groups.count, 4U);
  EXPECT_EQ(groups.of_image, (std::vector<std::uint32_t>{0, 1, 2, 0, 3}));
  EXPECT_EQ(single_images(3).of_image, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(RankedScores, WeightsAreRepetitions) {
  const Example example;
  const RankedScores ranked(example.scores, example.labels, example.groups);
  EXPECT_DOUBLE_EQ(ranked.of(std::vector<std::uint32_t>(20, 1)).auc,
                   auc(example.scores, example.labels));
  Random random(6);
  for (int repetition = 0; repetition < 20; ++repetition) {
    std::vector<std::uint32_t> draw(20);
    for (auto& count : draw) count = static_cast<std::uint32_t>(random.below(4));
    std::vector<double> scores;
    std::vector<int> labels;
    for (std::size_t i = 0; i < example.scores.size(); ++i) {
      for (std::uint32_t k = 0; k < draw[example.groups.of_image[i]]; ++k) {
        scores.push_back(example.scores[i]);
        labels.push_back(example.labels[i]);
      }
    }
    EXPECT_DOUBLE_EQ(ranked.of(draw).auc, auc(scores, labels));
    EXPECT_NEAR(ranked.of(draw).average_precision, average_precision(scores, labels), 1e-12);
  }
}

TEST(RankedScores, OneClassLeftIsUndefined) {
  const RankedScores ranked(std::vector<double>{0.1, 0.9, 0.5}, std::vector<int>{0, 1, 0},
                            single_images(3));
  const RankingFigures negatives = ranked.of(std::vector<std::uint32_t>{2, 0, 1});
  EXPECT_TRUE(std::isnan(negatives.auc) && std::isnan(negatives.average_precision));
  const RankingFigures positives = ranked.of(std::vector<std::uint32_t>{0, 3, 0});
  EXPECT_TRUE(std::isnan(positives.auc));
  EXPECT_EQ(positives.average_precision, 1);
  EXPECT_EQ(ranked.of(std::vector<std::uint32_t>{2, 1, 0}).auc, 1);
}

TEST(Bootstrap, IsTheSameForOneSeedOnAnyNumberOfThreads) {
  const Example example;
  const auto draws = auc_draws(example, {.draws = 50, .seed = 1, .threads = 1});
  EXPECT_EQ(auc_draws(example, {.draws = 50, .seed = 1, .threads = 3}), draws);
  EXPECT_NE(auc_draws(example, {.draws = 50, .seed = 2, .threads = 1}), draws);
  // More draws go on where fewer ended.
  const auto longer = auc_draws(example, {.draws = 60, .seed = 1, .threads = 2});
  EXPECT_TRUE(std::equal(draws.begin(), draws.end(), longer.begin()));
}

TEST(Bootstrap, DrawsAsManyGroupsAsThereAre) {
  const auto made = bootstrap(7, 2,
                              [](Draw draw, std::span<double> values) {
                                for (const std::uint32_t count : draw) {
                                  values[0] += count;
                                  values[1] += count > 1;
                                }
                              },
                              {.draws = 100});
  bool any_repeated = false;
  for (std::size_t d = 0; d < 100; ++d) {
    EXPECT_EQ(made[0][d], 7);
    any_repeated |= made[1][d] > 0;
  }
  EXPECT_TRUE(any_repeated);
}

TEST(Bootstrap, VariesAsDeLongsVarianceSays) {
  const Example example;
  const auto draws = auc_draws(example, {.draws = 4000});
  double mean = 0, squares = 0;
  for (const double value : draws) mean += value / 4000;
  for (const double value : draws) squares += (value - mean) * (value - mean) / 3999;
  const AucSample sample = auc_sample(example.scores, example.labels, example.groups);
  EXPECT_NEAR(mean, sample.auc, 0.005);
  EXPECT_NEAR(std::sqrt(squares), std::sqrt(covariance(sample, sample)), 0.01);
}

TEST(BootstrapInterval, OfOneGroupOrOneValueIsUndefined) {
  const std::vector<double> draws{0.4, 0.5, 0.6};
  EXPECT_TRUE(std::isnan(percentile_interval(draws, 1).low));
  EXPECT_TRUE(std::isnan(percentile_interval(std::vector<double>{kUndefined, 0.5}, 10).low));
}

TEST(BootstrapInterval, LeavesOutUndefinedDraws) {
  const std::vector<double> draws{kUndefined, 0, 1, kUndefined, 2, 3, 4};
  const Interval interval = percentile_interval(draws, 1000000, 0.5);
  EXPECT_NEAR(interval.low, 1, 1e-5);
  EXPECT_NEAR(interval.high, 3, 1e-5);
}

}  // namespace
}  // namespace fathom::stats
