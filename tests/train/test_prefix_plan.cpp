#include <gtest/gtest.h>

#include "fathom/train/prefix_plan.h"

namespace fathom::train {
namespace {

/// Three blocks of 10 ms each; reading takes 1 ms, writing 2 ms, a record 1000 bytes.
PrefixCosts even_costs() {
  PrefixCosts costs;
  costs.compute = {0.010, 0.010, 0.010};
  costs.read = {0.0005, 0.001, 0.001, 0.001};
  costs.write = {0, 0.002, 0.002, 0.002};
  costs.bytes = {0, 1000, 1000, 1000};
  return costs;
}

PrefixDemand demand(std::vector<double> reads, std::size_t images) {
  PrefixDemand demand;
  demand.reads = std::move(reads);
  demand.missing.assign(demand.reads.size(), images);
  return demand;
}

}  // namespace

TEST(PrefixPlan, StoresWhatIsReadOften) {
  const PrefixChoice choice =
      choose_boundaries(even_costs(), demand({0, 500, 500, 0}, 100), 1 << 20);
  EXPECT_EQ(choice.stored, (std::vector<std::size_t>{1, 2}));
  // One pass through two blocks for 100 images, and two writes for each.
  EXPECT_NEAR(choice.fill_seconds, 100 * (0.0005 + 0.020 + 0.004), 1e-9);
  EXPECT_NEAR(choice.use_seconds, 1000 * 0.001, 1e-9);
  EXPECT_EQ(choice.bytes, 200'000U);
}

TEST(PrefixPlan, StoresNothingThatIsReadOnce) {
  const PrefixChoice choice = choose_boundaries(even_costs(), demand({0, 0, 100, 0}, 100), 1 << 20);
  EXPECT_TRUE(choice.stored.empty());
  EXPECT_EQ(choice.fill_seconds, 0);
  EXPECT_NEAR(choice.use_seconds, 100 * 0.0205, 1e-9);
}

TEST(PrefixPlan, StaysUnderTheBoundWithTheMostUsefulBoundary) {
  const PrefixChoice choice =
      choose_boundaries(even_costs(), demand({0, 500, 500, 0}, 100), 100'000);
  EXPECT_EQ(choice.stored, (std::vector<std::size_t>{1}));  // boundary 2 is computed from it
  EXPECT_NEAR(choice.use_seconds, 500 * 0.001 + 500 * 0.011, 1e-9);
}

TEST(PrefixPlan, WhatIsStoredAlreadyCostsNothing) {
  PrefixDemand wanted = demand({0, 0, 100, 0}, 100);
  wanted.missing[2] = 0;
  const PrefixChoice choice = choose_boundaries(even_costs(), wanted, 0);
  EXPECT_EQ(choice.stored, (std::vector<std::size_t>{2}));
  EXPECT_EQ(choice.fill_seconds, 0);
}

TEST(PrefixPlan, TheHeadsFeaturesAreFilledInTheSamePass) {
  PrefixDemand wanted = demand({0, 0, 500, 500}, 100);
  wanted.always = 3;
  const PrefixChoice choice = choose_boundaries(even_costs(), wanted, 1 << 20);
  EXPECT_EQ(choice.stored, (std::vector<std::size_t>{2}));
  EXPECT_NEAR(choice.fill_seconds, 100 * (0.0005 + 0.030 + 0.004), 1e-9);
}

TEST(PrefixPlan, ReadingThatIsDearerThanComputingIsNotChosen) {
  PrefixCosts costs = even_costs();
  costs.read[1] = 0.1;
  EXPECT_TRUE(choose_boundaries(costs, demand({0, 500, 0, 0}, 100), 1 << 20).stored.empty());
}

}  // namespace fathom::train
