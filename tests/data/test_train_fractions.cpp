// Smaller shares of the training part: classes in their proportions, whole groups, one within the
// other.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "fathom/data/split.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {

using testing::HasSubstr;

std::string thin_error(const Dataset& dataset, const DataOptions& options) {
  const std::vector<Assignment> folds = make_splits(dataset, options);
  return tests::error_of([&] { thin_training(dataset, options, folds); });
}

TEST(TrainFractions, AShareKeepsTheProportionsOfClassesAndGroupsWhole) {
  const Dataset dataset = dataset_of({800, 400}, 200);
  DataOptions options;
  options.train_fractions = {0.25, 1};
  const auto by_fraction = thin_training(dataset, options, make_splits(dataset, options));
  const Assignment &all = by_fraction.at(1).at(0), &thinned = by_fraction.at(0.25).at(0);
  const auto before = count_training(dataset, all), after = count_training(dataset, thinned);
  for (std::size_t label = 0; label < 2; ++label) {
    EXPECT_NEAR(static_cast<double>(after[label]), 0.25 * static_cast<double>(before[label]), 4);
  }
  std::map<std::string, std::set<Split>> parts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(thinned[i] == all[i] || all[i] == Split::train);
    parts[dataset.samples[i].group].insert(thinned[i]);
  }
  for (const auto& [group, splits] : parts) EXPECT_EQ(splits.size(), 1U) << group;
}

TEST(TrainFractions, ASmallerShareLiesWithinALargerOne) {
  const Dataset dataset = dataset_of({700, 300, 9}, 150);
  DataOptions options;
  options.folds = 3;
  const std::vector<Assignment> all = make_splits(dataset, options);
  std::vector<Assignment> before = all;
  for (const double share : {0.7, 0.5, 0.3, 0.1, 0.03, 0.01}) {
    options.train_fractions = {share};
    const std::vector<Assignment> folds = thin_training(dataset, options, all).at(share);
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
      const auto now = count_training(dataset, folds[fold]);
      const auto whole = count_training(dataset, all[fold]);
      for (std::size_t label = 0; label < 3; ++label) {
        EXPECT_NEAR(static_cast<double>(now[label]), share * static_cast<double>(whole[label]), 8);
        EXPECT_GE(now[label], 1U);
      }
      for (std::size_t i = 0; i < folds[fold].size(); ++i) {
        const bool dropped = folds[fold][i] == Split::none && before[fold][i] == Split::train;
        EXPECT_TRUE(folds[fold][i] == before[fold][i] || dropped) << share;
      }
    }
    before = folds;
  }
}

TEST(TrainFractions, AShareThatAClassCannotGiveIsExplained) {
  Dataset dataset = dataset_of({40, 3}, 40);  // one group with class 1 in each part
  DataOptions options;
  options.train_fractions = {0.5};
  EXPECT_THAT(thin_error(dataset, options),
              HasSubstr("class 'class1' has 1 image in 1 group, too few for a train_fraction of "
                        "0.5: at least 2 groups with it are needed"));
}

TEST(TrainFractions, AShareCanEndAmongClassesOfOneImageEach) {
  const Dataset dataset = dataset_of({52, 26, 13});
  DataOptions options;
  const std::vector<Assignment> folds = make_splits(dataset, options);
  for (const double share : {0.9, 0.55, 0.3, 0.2, 0.1, 0.05}) {
    options.train_fractions = {share};
    const Assignment thinned = thin_training(dataset, options, folds).at(share).at(0);
    const auto now = count_training(dataset, thinned), all = count_training(dataset, folds[0]);
    for (std::size_t label = 0; label < 3; ++label) {
      EXPECT_NEAR(static_cast<double>(now[label]), share * static_cast<double>(all[label]), 2);
      EXPECT_GE(now[label], 1U);
    }
  }
}

TEST(TrainFractions, SharesThatAreNoneOrTheSameAreRefused) {
  const Dataset dataset = dataset_of({40, 40});
  DataOptions options;
  options.train_fractions = {};
  EXPECT_THAT(thin_error(dataset, options), HasSubstr("say --train-fractions 1"));
  options.train_fractions = {0.5, 1, 0.5};
  EXPECT_THAT(thin_error(dataset, options), HasSubstr("0.5 stands twice"));
  options.train_fractions = {1, 0.02, 0.01};  // of 26 images of a class less than one, so one
  EXPECT_THAT(thin_error(dataset, options),
              HasSubstr("0.01 and 0.02 leave the same training images"));
}

TEST(TrainFractions, WhatEachShareLeavesIsTold) {
  const Dataset dataset = dataset_of({80, 40});
  DataOptions options;
  const std::vector<Assignment> folds = make_splits(dataset, options);
  EXPECT_THAT(describe_fractions(dataset, thin_training(dataset, options, folds)),
              testing::IsEmpty());
  options.train_fractions = {1, 0.5};
  EXPECT_THAT(describe_fractions(dataset, thin_training(dataset, options, folds)),
              testing::ElementsAre("train_fraction 0.5: 39 training images (class0 26, class1 13)",
                                   "train_fraction 1: 78 training images (class0 52, class1 26)"));
}

}  // namespace
}  // namespace fathom::data
