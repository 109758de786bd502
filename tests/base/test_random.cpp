#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "fathom/base/random.h"

namespace fathom {
namespace {

TEST(Random, IsSplitMix64) {
  // From the reference implementation: S. Vigna, splitmix64.c (prng.di.unimi.it), seed 1234567.
  Random random(1234567);
  for (const std::uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U,
        16408922859458223821U}) {
    EXPECT_EQ(random.next(), expected);
  }
}

TEST(Random, BelowIsUnbiased) {
  // Pearson's chi-squared with 6 degrees of freedom; 22.46 is the 99.9 % quantile.
  Random random(1);
  std::array<int, 7> counts{};
  const int draws = 70000;
  for (int i = 0; i < draws; ++i) ++counts.at(random.below(7));
  double chi_squared = 0;
  for (const int count : counts) chi_squared += std::pow(count - draws / 7.0, 2) / (draws / 7.0);
  EXPECT_LT(chi_squared, 22.46);
}

TEST(Random, BelowALargeBoundHasNoModuloBias) {
  // value % bound alone would fall into the lower third twice as often as into each other.
  const std::uint64_t third = std::uint64_t{1} << 62;
  Random random(2);
  int low = 0;
  for (int i = 0; i < 3000; ++i) low += random.below(3 * third) < third;
  EXPECT_NEAR(low, 1000, 100);  // 4 standard deviations of the binomial: 103
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, UniformAndNormalMoments) {
  Random random(3);
  const int draws = 100000;
  double sum = 0;
  double square = 0;
  double cube = 0;
  double fourth = 0;
  double uniform_sum = 0;
  for (int i = 0; i < draws; ++i) {
    const double x = random.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    square += x * x;
    cube += x * x * x;
    fourth += x * x * x * x;
    const double u = random.uniform(-1, 3);
    ASSERT_TRUE(u >= -1 && u < 3);
    uniform_sum += u;
  }
  // About four standard errors each: sqrt(1, 2, 15, 96, 4/3 over 1e5).
  EXPECT_NEAR(sum / draws, 0, 0.013);
  EXPECT_NEAR(square / draws, 1, 0.018);
  EXPECT_NEAR(cube / draws, 0, 0.05);
  EXPECT_NEAR(fourth / draws, 3, 0.125);
  EXPECT_NEAR(uniform_sum / draws, 1, 0.015);
}

TEST(Random, ShuffleIsAPermutationAndEveryOrderComesUp) {
  Random random(4);
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 500; ++i) {
    std::vector<int> items{1, 2, 3, 4};
    random.shuffle(std::span(items));
    EXPECT_TRUE(std::is_permutation(items.begin(), items.end(), std::vector{1, 2, 3, 4}.begin()));
    orders.insert(items);
  }
  EXPECT_EQ(orders.size(), 24U);
}

TEST(DeriveSeed, TellsPurposesIndicesAndParentsApart) {
  std::set<std::uint64_t> seeds;
  for (const std::uint64_t parent : {0U, 1U, 11U}) {
    for (const auto* purpose : {"epoch", "split", "1/epoch"}) {
      for (const std::uint64_t index : {0U, 1U, 11U}) {
        seeds.insert(derive_seed(parent, purpose, index));
      }
    }
  }
  EXPECT_EQ(seeds.size(), 27U);
  EXPECT_EQ(derive_seed(5, "epoch", 3), derive_seed(5, "epoch", 3));
}

}  // namespace
}  // namespace fathom
