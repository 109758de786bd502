#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/results/class_figures.h"
#include "fathom/stats/clustered.h"
#include "fathom/stats/seeds.h"

namespace fathom::results {
namespace {

/// Probabilities of 90 images of three classes, the same images for every training.
stats::Predictions training_of_three_classes(std::uint64_t seed) {
  Random images(1), own(seed);
  stats::Predictions made{3, {}, {}};
  for (int i = 0; i < 90; ++i) {
    made.labels.push_back(i % 3);
    double sum = 0;
    std::vector<double> row(3);
    for (int c = 0; c < 3; ++c) {
      const double logit = images.normal() + 0.5 * own.normal() + (c == i % 3 ? 1.0 : 0.0);
      sum += row[static_cast<std::size_t>(c)] = std::exp(logit);
    }
    for (const double weight : row) made.probabilities.push_back(weight / sum);
  }
  return made;
}

void expect_same_interval(const stats::Interval& found, const stats::Interval& expected) {
  EXPECT_NEAR(found.low, expected.low, 1e-12);
  EXPECT_NEAR(found.high, expected.high, 1e-12);
}

TEST(ClassFigures, OfOneTrainingHaveItsIntervalsOverImages) {
  const stats::Predictions one = training_of_three_classes(2);
  const stats::Groups images = stats::single_images(one.size());
  ClassFiguresOfLevel level(3);
  level.add(0, one, images);
  const std::vector<ClassFigures> found = level.figures(0, true);
  const stats::Scores scores = stats::score(one, 0);
  ASSERT_EQ(found.size(), 3U);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(found[c].auc.mean, scores.class_auc[c], 1e-12);
    EXPECT_NEAR(found[c].sensitivity.mean, scores.class_sensitivity[c], 1e-12);
    EXPECT_NEAR(found[c].specificity.mean, scores.class_specificity[c], 1e-12);
    expect_same_interval(found[c].sensitivity.widest(),
                         stats::wilson_interval(scores.class_sensitivity[c], 30));
    expect_same_interval(found[c].specificity.widest(),
                         stats::wilson_interval(scores.class_specificity[c], 60));
    const stats::ClassScores ranked = stats::class_scores(one, c);
    expect_same_interval(found[c].auc.widest(), stats::auc_interval(stats::auc_sample(
                                                    ranked.scores, ranked.is_positive, images)));
  }
}

TEST(ClassFigures, OfSeveralTrainingsCoverSeedsAndImages) {
  ClassFiguresOfLevel level(3);
  std::vector<stats::AucSample> expected;
  for (const std::uint64_t seed : {2U, 3U, 4U}) {
    const stats::Predictions one = training_of_three_classes(seed);
    const stats::Groups images = stats::single_images(one.size());
    level.add(0, one, images);
    expected.push_back(stats::decide(one, 1, images).sensitivity.sample());
  }
  const LevelFigure found = level.figures(0, true)[1].sensitivity;
  const stats::SeedMean mean = stats::mean_over_seeds(expected);
  EXPECT_NEAR(found.mean, mean.mean, 1e-12);
  // Of 30 images of the class in all trainings alike the variance would be p (1 - p) / 29.
  EXPECT_NEAR(found.images + found.seeds_by_images, mean.mean * (1 - mean.mean) / 29, 1e-3);
  expect_same_interval(found.widest(), stats::over_seeds_and_images(mean).interval_within({0, 1}));
}

TEST(ClassFigures, OverFoldsHaveTheCorrectedResampledT) {
  ClassFiguresOfLevel level(3);
  for (const int fold : {0, 1, 2}) {
    const auto one = training_of_three_classes(static_cast<std::uint64_t>(fold) + 2);
    level.add(fold, one, stats::single_images(one.size()));
  }
  const LevelFigure found = level.figures(0.25, false)[2].auc;
  EXPECT_TRUE(std::isnan(found.over_images.low));
  EXPECT_LT(found.over_all.low, found.mean);
}

TEST(ClassFigures, OfAClassInTwoGroupsAreNotKnown) {
  const stats::Predictions one = training_of_three_classes(2);
  stats::Groups groups{{}, 32};  // the first class is of two patients, the others of fifteen each
  for (std::size_t i = 0; i < one.size(); ++i) {
    const auto label = static_cast<std::uint32_t>(one.labels[i]);
    const auto k = static_cast<std::uint32_t>(i / 3);
    groups.of_image.push_back(label == 0 ? k % 2 : 2 + (label - 1) * 15 + k % 15);
  }
  ClassFiguresOfLevel level(3);
  level.add(0, one, groups);
  const ClassFigures found = level.figures(0, true)[0];
  EXPECT_TRUE(std::isnan(found.auc.widest().low));
  EXPECT_TRUE(std::isnan(found.sensitivity.widest().low));
  EXPECT_LT(found.specificity.widest().low, found.specificity.mean);
}

TEST(ClassFigures, OfAClassWithoutTestImagesAreUndefined) {
  stats::Predictions one = training_of_three_classes(2);
  for (int& label : one.labels) label = label == 0 ? 1 : label;
  ClassFiguresOfLevel level(3);
  level.add(0, one, stats::single_images(one.size()));
  const ClassFigures found = level.figures(0, true)[0];
  EXPECT_TRUE(std::isnan(found.auc.mean) && std::isnan(found.sensitivity.mean));
  EXPECT_TRUE(std::isnan(found.auc.widest().low) && std::isnan(found.sensitivity.widest().low));
  EXPECT_LT(found.specificity.widest().low, found.specificity.mean);
}

}  // namespace
}  // namespace fathom::results
