#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/stats/clustered.h"
#include "fathom/stats/decisions.h"
#include "fathom/stats/group_scores.h"
#include "fathom/stats/undefined.h"
#include "fathom/stats/weighted_figures.h"

namespace fathom::stats {
namespace {

/// Rounded probabilities of 60 images in 12 groups.
Predictions rounded_predictions(std::size_t classes, Random& random) {
  Predictions made{classes, {}, {}};
  for (int i = 0; i < 60; ++i) {
    std::vector<double> weights(classes);
    double sum = 0;
    for (double& weight : weights) sum += weight = static_cast<double>(1 + random.below(4));
    for (const double weight : weights) made.probabilities.push_back(weight / sum);
    made.labels.push_back(static_cast<int>(random.below(classes)));
  }
  return made;
}

Groups twelve_groups() {
  Groups groups{{}, 12};
  for (std::uint32_t i = 0; i < 60; ++i) groups.of_image.push_back(i % 12);
  return groups;
}

/// Every image as often as its group was drawn.
Predictions repeated(const Predictions& predictions, const Groups& groups, Draw draw) {
  Predictions made{predictions.classes, {}, {}};
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    for (std::uint32_t k = 0; k < draw[groups.of_image[i]]; ++k) {
      made.labels.push_back(predictions.labels[i]);
      for (std::size_t c = 0; c < predictions.classes; ++c) {
        made.probabilities.push_back(predictions.probabilities[i * predictions.classes + c]);
      }
    }
  }
  return made;
}

void expect_same(double found, double expected, const char* what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << what;
  } else {
    EXPECT_NEAR(found, expected, 1e-12) << what;
  }
}

/// The plain figures are checked against scikit-learn (test_oracles.cpp).
void expect_figures_of(const PerFigure<double>& found, const Predictions& predictions,
                       double threshold) {
  const Scores scores = score(predictions, 0);
  expect_same(found[Figure::auc], scores.auc, "auc");
  expect_same(found[Figure::accuracy], scores.accuracy, "accuracy");
  expect_same(found[Figure::balanced_accuracy], scores.balanced_accuracy, "balanced");
  expect_same(found[Figure::sensitivity], scores.sensitivity, "sensitivity");
  expect_same(found[Figure::specificity], scores.specificity, "specificity");
  expect_same(found[Figure::f1], scores.f1, "f1");
  expect_same(found[Figure::log_loss], scores.log_loss, "log loss");
  expect_same(found[Figure::matthews_correlation], matthews_correlation(scores.confusion), "mcc");
  expect_same(found[Figure::cohen_kappa], cohen_kappa(scores.confusion), "kappa");
  expect_same(found[Figure::brier_score], brier_score(predictions), "brier");
  if (predictions.classes != 2) return;
  const Decisions decisions = one_vs_rest(scores.confusion, 0);
  expect_same(found[Figure::ppv], decisions.ppv().value(), "ppv");
  expect_same(found[Figure::npv], decisions.npv().value(), "npv");
  const ClassScores one = class_scores(predictions, 0);
  expect_same(found[Figure::average_precision], average_precision(one.scores, one.is_positive),
              "average precision");
  expect_same(found[Figure::sensitivity_at_95_specificity],
              sensitivity_at_specificity(one.scores, one.is_positive, 0.95), "at specificity");
  const ClusteredDecisions at =
      decide(predictions, 0, single_images(predictions.size()), threshold);
  expect_same(found[Figure::sensitivity_at_threshold], at.sensitivity.value(), "sensitivity at");
  expect_same(found[Figure::specificity_at_threshold], at.specificity.value(), "specificity at");
  expect_same(found[Figure::ppv_at_threshold], at.ppv.value(), "ppv at");
  expect_same(found[Figure::npv_at_threshold], at.npv.value(), "npv at");
}

TEST(WeightedFigures, AreThoseOfImagesRepeated) {
  Random random(8);
  for (const std::size_t classes : {2U, 4U}) {
    const Predictions predictions = rounded_predictions(classes, random);
    const Groups groups = twelve_groups();
    const double threshold = classes == 2 ? 0.4 : kUndefined;
    const WeightedFigures figures(predictions, 0, groups, threshold);
    for (int repetition = 0; repetition < 10; ++repetition) {
      std::vector<std::uint32_t> draw(groups.count);
      for (auto& count : draw) count = static_cast<std::uint32_t>(random.below(3));
      expect_figures_of(figures.of(draw), repeated(predictions, groups, draw), threshold);
    }
    // One group alone: classes are missing.
    std::vector<std::uint32_t> one(groups.count);
    one[3] = 2;
    expect_figures_of(figures.of(one), repeated(predictions, groups, one), threshold);
  }
}

TEST(WeightedFigures, OfNothingDrawnAreUndefined) {
  const Predictions three{2, {0.2, 0.8, 0.6, 0.4, 0.5, 0.5}, {1, 0, 1}};
  const WeightedFigures figures(three, 1, single_images(3), 0.5);
  const PerFigure<double> found = figures.of(std::vector<std::uint32_t>(3, 0));
  for (const FigureKind& kind : kFigureKinds) {
    EXPECT_TRUE(std::isnan(found[kind.figure])) << kind.name;
  }
}

TEST(WeightedFigures, OfSeveralClassesHaveNoThreshold) {
  const Predictions two{3, {0.6, 0.3, 0.1, 0.1, 0.2, 0.7}, {0, 2}};
  const WeightedFigures figures(two, 0, single_images(2), kUndefined);
  const PerFigure<double> found = figures.of(std::vector<std::uint32_t>(2, 1));
  EXPECT_TRUE(std::isnan(found[Figure::sensitivity_at_threshold]));
  EXPECT_EQ(found[Figure::accuracy], 1);
  EXPECT_EQ(found[Figure::sensitivity_at_95_specificity], 1);
}

TEST(WeightedFigures, KindsStandInTheOrderOfTheFigures) {
  for (std::size_t f = 0; f < kFigureKinds.size(); ++f) {
    EXPECT_EQ(static_cast<std::size_t>(kFigureKinds[f].figure), f) << kFigureKinds[f].name;
  }
}

TEST(GroupScores, AreMeansOrMaximaOfTheImages) {
  const Predictions images{2, {0.75, 0.25, 0.25, 0.75, 0.5, 0.5, 0.125, 0.875}, {0, 1, 0, 1}};
  const Groups groups{{0, 1, 0, 2}, 3};
  const Predictions mean = by_group(images, groups, GroupRule::mean, 1);
  EXPECT_EQ(mean.labels, (std::vector<int>{0, 1, 1}));
  EXPECT_EQ(mean.probabilities, (std::vector<double>{0.625, 0.375, 0.25, 0.75, 0.125, 0.875}));
  const Predictions max = by_group(images, groups, GroupRule::max, 1);
  EXPECT_EQ(max.probabilities, (std::vector<double>{0.5, 0.5, 0.25, 0.75, 0.125, 0.875}));
  const Predictions other = by_group(images, groups, GroupRule::max, 0);
  EXPECT_EQ(other.probabilities[0], 0.75);
}

TEST(GroupScores, OfSeveralClassesSumToOne) {
  const Predictions images{3, {0.5, 0.25, 0.25, 0.25, 0.5, 0.25}, {1, 1}};
  const Predictions max = by_group(images, {{0, 0}, 1}, GroupRule::max, 0);
  EXPECT_EQ(max.probabilities, (std::vector<double>{0.4, 0.4, 0.2}));
}

TEST(GroupScores, GroupsOfSeveralClassesAreCounted) {
  const std::vector<int> labels{0, 1, 0, 1, 1};
  EXPECT_EQ(groups_of_several_classes(labels, {{0, 0, 1, 2, 2}, 3}), 1U);
  EXPECT_EQ(groups_of_several_classes(labels, single_images(5)), 0U);
}

}  // namespace
}  // namespace fathom::stats
