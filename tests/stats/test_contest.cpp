#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/atomic_file.h"
#include "fathom/base/json.h"
#include "fathom/base/random.h"
#include "fathom/stats/contest.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/undefined.h"
#include "tests/support.h"

namespace fathom::stats {
namespace {

constexpr double kMargin = 0.01;
using Samples = std::vector<std::vector<AucSample>>;

/// Figures of levels on so many images that these add no error.
Samples without_image_error(const std::vector<std::vector<double>>& figures) {
  Samples samples;
  for (const auto& level : figures) {
    samples.emplace_back();
    for (const double figure : level) samples.back().push_back({figure, {}});
  }
  return samples;
}

/// Levels with these true figures and standard deviations between seeds.
Samples drawn(Random& random, const std::vector<double>& truth, const std::vector<double>& spread,
              int seeds) {
  std::vector<std::vector<double>> figures(truth.size());
  for (std::size_t k = 0; k < truth.size(); ++k) {
    for (int s = 0; s < seeds; ++s) figures[k].push_back(truth[k] + spread[k] * random.normal());
  }
  return without_image_error(figures);
}

/// Four levels and a margin of 0.01. Pairs are [a, b, a - b, its error, degrees of freedom].
Json not_inferior_cases() {
  const Json others = {{0, 3, 0.03, 0.004, 50},
                       {1, 2, 0.03, 0.004, 200},
                       {1, 3, 0.03, 0.004, 200},
                       {2, 3, 0.0, 0.004, 10}};
  const auto with = [&](std::initializer_list<Json> hardest) {
    Json pairs = others;
    for (const Json& pair : hardest) pairs.push_back(pair);
    return Json{{"levels", 4}, {"margin", 0.01}, {"pairs", pairs}};
  };
  return {// Level 0's p is 0.0247 (t = 3.2), level 1's 0.0234 (t = 2): adjusted it is 1's that is
          // larger.
          with({{0, 1, 0.002, 0.004, 200}, {0, 2, 0.0, 0.003125, 3}}),
          // The same two tests of level 0 alone.
          with({{0, 1, -0.002, 0.004, 200}, {0, 2, 0.0, 0.003125, 3}})};
}

Contest contest_of(const Json& c) {
  const std::size_t levels = c["levels"];
  Contest contest{.levels = levels, .differences = std::vector<Estimate>(levels * levels)};
  for (const Json& pair : c["pairs"]) {
    const std::size_t a = pair[0], b = pair[1];
    const double difference = pair[2];
    contest.differences[a * levels + b] = {difference, pair[3], pair[4]};
    contest.differences[b * levels + a] = {-difference, pair[3], pair[4]};
  }
  return contest;
}

TEST(Contest, PoolsTheInteractionOfLevelsAndSeeds) {
  // By hand: a seed that is good for all levels alike (0.1) does not count; the variances of the
  // three differences are 0.0002, 0.00005 and 0.00005.
  const Contest contest = compare_over_seeds(without_image_error(
      {{0.5, 0.6, 0.55}, {0.6, kUndefined, 0.66}, {kUndefined, 0.7, kUndefined}}));
  EXPECT_NEAR(contest.at(1, 0).value, 0.105, 1e-12);
  EXPECT_EQ(contest.trainings, 2U);
  EXPECT_TRUE(std::isnan(contest.at(2, 0).value));
  EXPECT_EQ(not_inferior(contest, kMargin)[0], 1) << "cannot be compared with every other";
}

TEST(Contest, OfOneLevelOrOneSeed) {
  EXPECT_EQ(not_inferior(compare_over_seeds(without_image_error({{0.5, 0.6}})), kMargin)[0], 0);
  const Contest one_seed = compare_over_seeds(without_image_error({{0.5}, {0.6}}));
  EXPECT_EQ(not_inferior(one_seed, kMargin), (std::vector<double>{1, 1}));
  EXPECT_FALSE(enough_to_tell(one_seed, kMargin, 0.95).trainings);
}

TEST(Contest, TwoLevelsOverFoldsAreTheCorrectedResampledT) {
  const std::vector<double> a{0.91, 0.93, 0.90, 0.92}, b{0.89, 0.92, 0.90, 0.89};
  std::vector<AucSample> differences;
  for (std::size_t f = 0; f < a.size(); ++f) differences.push_back({a[f] - b[f], {}});
  const Estimate expected = corrected_resampled_t(mean_over_seeds(differences), 0.25);
  const std::vector<int> folds{0, 1, 2, 3};
  const Estimate found = compare_over_folds(without_image_error({a, b}), folds, 0.25).at(0, 1);
  EXPECT_NEAR(found.value, expected.value, 1e-12);
  EXPECT_NEAR(found.interval().low, expected.interval().low, 1e-12);
  EXPECT_NEAR(found.interval().high, expected.interval().high, 1e-12);
}

TEST(Contest, ADifferenceOverFoldsIsOfTheSeedsThatBothLevelsHave) {
  // Two seeds in each of three folds; level 2 lacks one seed of the first fold, and level 3 a fold.
  const std::vector<int> folds{0, 0, 1, 1, 2, 2};
  const double none = kUndefined;
  const Samples all = without_image_error({{.90, .92, .91, .93, .92, .90},
                                           {.88, .89, .90, .90, .89, .90},
                                           {.85, none, .86, .88, .87, .86},
                                           {none, none, .80, .82, .83, .81}});
  const Contest contest = compare_over_folds(all, folds, 0.5);
  const auto expect = [&](std::size_t a, std::size_t b, double mean) {
    EXPECT_NEAR(contest.at(a, b).value, mean, 1e-12) << a << b;
    EXPECT_GT(contest.at(a, b).standard_error, 0);
  };
  expect(0, 1, (0.025 + 0.02 + 0.015) / 3);
  expect(0, 2, (0.05 + 0.05 + 0.045) / 3);
  expect(0, 3, (0.11 + 0.09) / 2);
  EXPECT_EQ(contest.freedom, 3) << "(4 levels - 1)(2 folds - 1) are more than (2 - 1)(3 - 1)";
  EXPECT_EQ(contest.trainings, 2U);
}

/// A level that lacks trainings takes nothing from what the others are known by.
TEST(Contest, AnIncompleteLevelLeavesTheOthersAsTheyAre) {
  const Samples three = without_image_error({{.90, .92, .91}, {.88, .89, .90}, {.85, .84, .86}});
  Samples four = three;
  four.push_back({{.80, {}}, {.83, {}}, {kUndefined, {}}});
  const Contest complete = compare_over_seeds(three), contest = compare_over_seeds(four);
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      EXPECT_EQ(contest.at(a, b).standard_error, complete.at(a, b).standard_error) << a << b;
      EXPECT_EQ(contest.at(a, b).freedom, complete.at(a, b).freedom) << a << b;
    }
  }
  EXPECT_NEAR(contest.at(0, 3).value, 0.095, 1e-12);
  EXPECT_EQ(contest.trainings, 2U);
}

TEST(NotInferior, FindsAllThatAreWithinTheMarginAndNoOther) {
  Random random(41);
  const Contest contest = compare_over_seeds(
      drawn(random, {0.85, 0.925, 0.93, 0.928}, std::vector<double>(4, 0.0005), 5));
  const auto p = not_inferior(contest, kMargin);
  EXPECT_GT(p[0], 0.9);
  for (std::size_t k = 1; k < 4; ++k) EXPECT_LT(p[k], 0.05) << k;
}

TEST(NotInferior, CorrectsStepByStepForAllButOneLevel) {
  Random random(46);
  const Contest contest = compare_over_seeds(
      drawn(random, {0.921, 0.924, 0.927, 0.93}, std::vector<double>(4, 0.003), 3));
  std::vector<std::pair<double, Estimate>> hardest;  // of each level, with its p-value
  for (std::size_t k = 0; k < 4; ++k) {
    hardest.emplace_back(0, Estimate{});
    for (std::size_t other = 0; other < 4; ++other) {
      const double p = k == other ? 0 : contest.at(k, other).p_at_most(-kMargin);
      if (p > hardest[k].first) hardest[k] = {p, contest.at(k, other)};
    }
  }
  std::vector<std::size_t> order{0, 1, 2, 3};
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return hardest[a].first < hardest[b].first; });
  const auto p = not_inferior(contest, kMargin);
  const std::size_t comparisons[] = {3, 3, 2, 1};
  double largest = 0;
  for (std::size_t step = 0; step < 4; ++step) {
    const Estimate& one = hardest[order[step]].second;
    const double t = (one.value + kMargin) / one.standard_error;
    largest = std::max(largest, dunnett(t, one.freedom, comparisons[step]));
    EXPECT_DOUBLE_EQ(p[order[step]], largest) << step;
  }
  EXPECT_LT(p[order[0]], 0.2);
  EXPECT_GT(p[order[3]], p[order[0]]);
}

/// By scipy's distributions, summed on a fine grid (oracle/statistics.py).
TEST(NotInferior, IsAdjustedOverEveryPairBeforeTheHardestIsTaken) {
  const Json cases = not_inferior_cases();
  const tests::TemporaryFolder folder;
  write_json(folder / "cases.json", {{"not_inferior", cases}});
  const Json expected =
      Json::parse(tests::run_oracle("statistics.py", {(folder / "cases.json").string()}));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto found = not_inferior(contest_of(cases[i]), kMargin);
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_NEAR(found[k], expected["not_inferior"][i][k].get<double>(), 1e-7) << i << k;
    }
  }
  // Before the adjustment the order of these two levels is the other one.
  const Contest contest = contest_of(cases[0]);
  EXPECT_GT(contest.at(0, 2).p_at_most(-kMargin), contest.at(1, 0).p_at_most(-kMargin));
  const std::vector<double> adjusted = not_inferior(contest, kMargin);
  EXPECT_LT(adjusted[0], adjusted[1]);
}

/// The hardest case: all but one are worse by just the margin, and any of them may look good.
TEST(NotInferior, IsSeldomWrongWhereOnlyOneLevelIsGood) {
  Random random(47);
  const std::vector<double> truth{0.92, 0.92, 0.92, 0.92, 0.92, 0.93};
  int wrong = 0;
  const int repetitions = 400;
  for (int r = 0; r < repetitions; ++r) {
    const auto samples = drawn(random, truth, std::vector<double>(truth.size(), 0.003), 5);
    const auto p = not_inferior(compare_over_seeds(samples), kMargin);
    wrong += *std::min_element(p.begin(), p.end() - 1) <= 0.05;
  }
  EXPECT_LE(wrong, repetitions * 6 / 100);
  EXPECT_GE(wrong, repetitions * 2 / 100) << "more careful than it need be";
}

TEST(NotInferior, LevelsThatPutAllImagesIntoOneOrderShowNothing) {
  const AucSample perfect{1, std::vector<double>(16)};
  const Samples samples(3, std::vector<AucSample>(2, perfect));
  EXPECT_EQ(not_inferior(compare_over_seeds(samples), kMargin), (std::vector<double>{1, 1, 1}));
  const Samples folds = without_image_error({{1, 1}, {1, 1}});
  EXPECT_EQ(not_inferior(compare_over_folds(folds, std::vector{0, 1}, 0.25), kMargin),
            (std::vector<double>{1, 1}));
}

/// The shallowest level that is shown to be good enough is truly too bad in at most 5 % of studies.
TEST(NotInferior, IsSeldomWrongAlsoWhenTheBadLevelVariesMore) {
  Random random(42);
  const std::vector<double> truth{0.92, 0.93, 0.93, 0.93, 0.93, 0.93};  // the first: by the margin
  for (const double of_first : {0.002, 0.01}) {
    std::vector<double> spread(truth.size(), 0.002);
    spread[0] = of_first;
    int wrong = 0, told = 0;
    const int repetitions = 200;
    for (int r = 0; r < repetitions; ++r) {
      const auto p = not_inferior(compare_over_seeds(drawn(random, truth, spread, 3)), kMargin);
      wrong += p[0] <= 0.05;
      told += *std::min_element(p.begin(), p.end()) <= 0.05;
    }
    EXPECT_LE(wrong, repetitions * 6 / 100) << of_first;
    EXPECT_GE(told, repetitions * 55 / 100) << of_first;
  }
}

TEST(EnoughToTell, GrowsWithWhatIsUnclear) {
  Random random(43);
  const std::vector<double> truth{0.93, 0.93, 0.93};
  const auto needed = [&](double spread) {
    return enough_to_tell(
        compare_over_seeds(drawn(random, truth, std::vector<double>(3, spread), 3)), kMargin, 0.95);
  };
  const Needed some = needed(0.006), more = needed(0.012);
  ASSERT_TRUE(some.trainings && more.trainings);
  EXPECT_GT(*more.trainings, *some.trainings);
  EXPECT_FALSE(more.images) << "these images have no error that more of them would lower";
}

/// Two equal levels. The ordinary error would be small enough with a dozen folds; that of folds
/// that share images never falls below sqrt(test / train) of the spread between folds.
TEST(EnoughToTell, OverFoldsTheErrorThatTheyShareStays) {
  const Samples figures =
      without_image_error({{0.93, 0.95, 0.92, 0.94, 0.91}, {0.95, 0.93, 0.94, 0.92, 0.91}});
  const std::vector<int> folds{0, 1, 2, 3, 4};
  const Needed alone = enough_to_tell(compare_over_folds(figures, folds, 0), kMargin, 0.95);
  EXPECT_TRUE(alone.trainings) << "as if folds were independent";
  EXPECT_FALSE(enough_to_tell(compare_over_folds(figures, folds, 0.25), kMargin, 0.95).trainings);
}

TEST(EnoughToTell, AsksForBothWhereOneAloneWouldNotDo) {
  Random random(45);
  AucSample shared{0.93, std::vector<double>(200)};
  Samples samples(3, std::vector<AucSample>(2, shared));
  const double swings[] = {0.006, -0.006, 0};
  for (std::size_t k = 0; k < samples.size(); ++k) {
    for (double& u : samples[k][0].influence) u = 0.0005 * random.normal();
    samples[k][1].influence = samples[k][0].influence;
    samples[k][0].auc += swings[k];
    samples[k][1].auc -= swings[k];
  }
  const Needed needed = enough_to_tell(compare_over_seeds(samples), kMargin, 0.95);
  EXPECT_FALSE(needed.trainings);
  EXPECT_FALSE(needed.images);
  EXPECT_TRUE(needed.both);
}

TEST(EnoughToTell, AsksForImagesWhereThoseAreTheDoubt) {
  Random random(44);
  Samples samples(3);
  for (auto& level : samples) {
    AucSample shared{0.93, std::vector<double>(200)};
    for (double& u : shared.influence) u = 0.0008 * random.normal();
    for (int s = 0; s < 3; ++s) {
      level.push_back(shared);
      level.back().auc += 0.0005 * random.normal();
    }
  }
  const Needed needed = enough_to_tell(compare_over_seeds(samples), kMargin, 0.95);
  EXPECT_FALSE(needed.trainings);
  ASSERT_TRUE(needed.images);
  EXPECT_GT(*needed.images, 2);
}

}  // namespace
}  // namespace fathom::stats
