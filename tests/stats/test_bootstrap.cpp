#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/stats/bootstrap.h"
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
      [&](Draw draw, std::span<double> values) { values[0] = ranked.auc(draw); }, options)[0];
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
  EXPECT_DOUBLE_EQ(ranked.auc(std::vector<std::uint32_t>(20, 1)),
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
    EXPECT_DOUBLE_EQ(ranked.auc(draw), auc(scores, labels));
  }
}

TEST(RankedScores, OneClassLeftIsUndefined) {
  const RankedScores ranked(std::vector<double>{0.1, 0.9, 0.5}, std::vector<int>{0, 1, 0},
                            single_images(3));
  EXPECT_TRUE(std::isnan(ranked.auc(std::vector<std::uint32_t>{2, 0, 1})));
  EXPECT_EQ(ranked.auc(std::vector<std::uint32_t>{2, 1, 0}), 1);
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

TEST(BootstrapInterval, OfOneGroupOrOneValueIsAPointOrUndefined) {
  Example example;
  example.groups = make_groups(std::vector<std::string>(60, "patient"));
  const auto draws = auc_draws(example, {.draws = 10});
  const Interval point = percentile_interval(draws);
  EXPECT_EQ(point.low, point.high);  // nothing can vary; the caller counts the groups

  EXPECT_TRUE(std::isnan(percentile_interval(std::vector<double>{kUndefined, 0.5}).low));
  const std::vector<double> above{0.6, 0.7, 0.8};
  EXPECT_TRUE(std::isnan(bca_interval(above, 0.5, std::vector<double>{1, -1}).low));
  EXPECT_TRUE(std::isnan(bca_interval({}, 0.5, {}).low));
  const std::vector<double> equal(5, 1.0);
  const Interval certain = bca_interval(equal, 1.0, std::vector<double>{0, 0});
  EXPECT_EQ(certain.low, 1);
  EXPECT_EQ(certain.high, 1);
}

TEST(BootstrapInterval, LeavesOutUndefinedDraws) {
  const std::vector<double> draws{kUndefined, 0, 1, kUndefined, 2, 3, 4};
  const Interval interval = percentile_interval(draws, 0.5);
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 3);
}

TEST(BootstrapInterval, BcaCoversTheTruth) {
  Random random(21);
  const double truth = normal_cdf(1.2 / std::sqrt(2.0));
  const std::size_t images = 100;
  const Groups groups = single_images(images);
  int covered = 0;
  const int repetitions = 600;
  for (int r = 0; r < repetitions; ++r) {
    std::vector<double> scores;
    std::vector<int> labels;
    for (std::size_t i = 0; i < images; ++i) {
      labels.push_back(static_cast<int>(i % 2));
      scores.push_back(random.normal() + 1.2 * labels.back());
    }
    const RankedScores ranked(scores, labels, groups);
    const auto draws = bootstrap(
        images, 1, [&](Draw draw, std::span<double> values) { values[0] = ranked.auc(draw); },
        {.draws = 500, .seed = static_cast<std::uint64_t>(r), .threads = 1});
    const AucSample sample = auc_sample(scores, labels, groups);
    const Interval interval = bca_interval(draws[0], sample.auc, sample.influence);
    covered += interval.low <= truth && truth <= interval.high;
  }
  EXPECT_GE(covered, repetitions * 93 / 100);
  EXPECT_LE(covered, repetitions * 97 / 100);
}

}  // namespace
}  // namespace fathom::stats
