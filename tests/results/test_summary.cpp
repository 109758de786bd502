#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fathom/base/random.h"
#include "fathom/results/summary.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using Kind = Recommendation::Kind;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const LevelSummary& find(const std::vector<LevelSummary>& summaries,
                         const std::string& architecture, const std::string& level) {
  for (const LevelSummary& summary : summaries) {
    if (summary.architecture == architecture && summary.level.name == level) return summary;
  }
  throw std::logic_error("no level " + level);
}

std::string all_words(const Recommendation& recommendation) {
  std::string text = recommendation.headline;
  for (const std::string& reason : recommendation.reasons) text += "\n" + reason;
  return text;
}

void expect_says(const Recommendation& recommendation, const std::string& part) {
  EXPECT_NE(all_words(recommendation).find(part), std::string::npos)
      << "'" << part << "' is not in:\n"
      << all_words(recommendation);
}

/// SqueezeNet with head, fire9, fire7 and all; units are added by the tests.
struct OneArchitecture {
  StudyRecord study = tests::example_study();
  std::vector<UnitRecord> units;
  std::vector<LevelSummary> summaries;

  OneArchitecture() {
    study.architectures = {tests::example_squeezenet()};
    study.architectures[0].levels = {{"head", 0}, {"fire9", 1}, {"fire7", 3}, {"all", 9}};
  }
  /// Units of one level with these validation AUCs, seeds counted from 0.
  void add(const std::string& level, const std::vector<double>& aucs, double rate = 0.001) {
    for (const Level& known : study.architectures[0].levels) {
      for (std::size_t seed = 0; known.name == level && seed < aucs.size(); ++seed) {
        units.push_back(
            tests::example_unit("squeezenet1_1", known, seed, aucs[seed], known.depth / 9.0));
        units.back().key.learning_rate = rate;
      }
    }
  }
  void fail(std::size_t unit) {
    units[unit].finished = false;
    units[unit].failure = "out of memory";
  }
  Recommendation answer() {
    summaries = summarize(study, units);
    return recommend(summaries, "squeezenet1_1");
  }
  std::string chosen() {
    const Recommendation recommendation = answer();
    return recommendation.kind == Kind::depth ? summaries[recommendation.chosen].level.name : "";
  }
};

TEST(Mean, AgreesWithScipy) {
  Random random(5);
  std::vector<std::vector<double>> samples;
  for (const std::size_t n : {2U, 3U, 5U, 10U, 50U}) {
    samples.emplace_back();
    for (std::size_t i = 0; i < n; ++i) samples.back().push_back(0.9 + 0.01 * random.normal());
  }
  const tests::TemporaryFolder folder;
  write_json(folder / "samples.json", samples);
  const Json expected =
      Json::parse(tests::run_oracle("mean.py", {(folder / "samples.json").string()}));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Mean found = mean_of(samples[i]);
    EXPECT_NEAR(found.mean, expected[i][0], 1e-12);
    EXPECT_NEAR(found.standard_error, expected[i][1], 1e-12);
    EXPECT_NEAR(found.low, expected[i][2], 1e-11);  // scipy's quantile has 10 to 11 digits
    EXPECT_NEAR(found.high, expected[i][3], 1e-11);
    EXPECT_EQ(found.count, samples[i].size());
  }
}

TEST(Mean, OfFewValuesHasNoError) {
  const Mean none = mean_of({});
  EXPECT_TRUE(std::isnan(none.mean));
  const std::vector<double> values{kNaN, 0.5, kNaN};
  const Mean one = mean_of(values);
  EXPECT_EQ(one.count, 1U);
  EXPECT_EQ(one.mean, 0.5);
  EXPECT_TRUE(std::isnan(one.standard_error) && std::isnan(one.low) && std::isnan(one.high));
}

TEST(Summary, HasEveryLevelShallowFirst) {
  StudyRecord study = tests::example_study();
  std::reverse(study.architectures[1].levels.begin(), study.architectures[1].levels.end());
  const auto units = tests::example_units();
  const auto summaries = summarize(study, units);
  std::vector<std::string> names;
  for (const LevelSummary& summary : summaries) names.push_back(summary.level.name);
  EXPECT_EQ(names, (std::vector<std::string>{"head", "fire9", "fire7", "fire4", "all", "head",
                                             "norm-only", "stage4", "all"}));
  const LevelSummary& all = find(summaries, "mobilenet_v2", "all");
  EXPECT_EQ(all.units.size(), 2U);
  EXPECT_EQ(all.failed, 1U);
  EXPECT_NEAR(all.valid_auc.mean, 0.943, 1e-12);  // seeds 0 and 1 of 0.945 -+ 0.004
  EXPECT_NEAR(all.test_accuracy.mean, 0.883, 1e-12);
  EXPECT_NEAR(all.seconds.mean, 62, 1e-12);
  EXPECT_EQ(all.trainable_parameters, 721026);
}

TEST(Summary, ValidationChoosesTheLearningRate) {
  OneArchitecture one;
  one.add("head", {0.80, 0.82}, 0.001);
  one.add("head", {0.83, 0.85}, 0.01);
  one.add("fire9", {0.9, 0.9}, 0.01);
  one.add("fire9", {0.9, 0.9}, 0.001);
  one.add("fire7", {0.9, 0.9}, 0.001);
  one.add("fire7", {0.99}, 0.01);
  one.add("all", {kNaN, kNaN}, 0.1);
  one.add("all", {0.5, 0.5}, 0.2);
  const auto summaries = summarize(one.study, one.units);
  EXPECT_EQ(summaries[0].learning_rate, 0.01);   // the better
  EXPECT_EQ(summaries[1].learning_rate, 0.001);  // the smaller of equals
  EXPECT_EQ(summaries[2].learning_rate, 0.001);  // not the one that only a lucky seed finished
  EXPECT_EQ(summaries[3].learning_rate, 0.2);    // not the undefined one
  EXPECT_EQ(summaries[0].units.size(), 2U);
}

TEST(Summary, TheTestSplitDoesNotChooseTheLearningRateOrTheLevel) {
  OneArchitecture one;
  one.add("head", {0.80, 0.82}, 0.001);
  one.add("head", {0.70, 0.72}, 0.01);
  one.add("all", {0.90, 0.91});
  const std::string chosen = one.chosen();
  for (UnitRecord& unit : one.units) unit.test = tests::example_scores(1.5 - unit.validation.auc);
  EXPECT_EQ(one.chosen(), chosen);
  EXPECT_EQ(one.summaries[0].learning_rate, 0.001);
}

TEST(Summary, AStrategyHasItsOwnLevels) {
  OneArchitecture one;
  one.add("head", {0.80, 0.82});
  one.add("head", {0.90, 0.92});
  one.units[2].key.strategy = one.units[3].key.strategy = "lp-ft";
  const Recommendation answer = one.answer();
  ASSERT_EQ(one.summaries.size(), 8U);
  EXPECT_EQ(one.summaries[4].strategy, "lp-ft");
  EXPECT_EQ(answer.chosen, 4U);
  expect_says(answer, "head (lp-ft)");
}

TEST(Summary, ParetoFrontIsWhatNothingBeats) {
  OneArchitecture one;
  one.add("head", {0.80, 0.82});
  one.add("fire9", {0.90, 0.92});
  one.add("fire7", {0.90, 0.92});  // no better than fire9, and slower
  one.add("all", {0.95, 0.96});
  auto summaries = summarize(one.study, one.units);
  EXPECT_TRUE(summaries[0].on_pareto_front);
  EXPECT_TRUE(summaries[1].on_pareto_front);
  EXPECT_FALSE(summaries[2].on_pareto_front);
  EXPECT_TRUE(summaries[3].on_pareto_front);
  for (UnitRecord& unit : one.units) unit.test.reset();
  for (const LevelSummary& summary : summarize(one.study, one.units)) {
    EXPECT_FALSE(summary.on_pareto_front);
  }
}

TEST(Recommend, TheShallowestWithinOneStandardErrorOfTheBest) {
  OneArchitecture one;
  one.add("head", {0.85, 0.86, 0.87});
  one.add("fire9", {0.925, 0.926, 0.927});
  one.add("fire7", {0.92, 0.93, 0.94});  // the best: 0.93, standard error 0.00577
  one.add("all", {0.91, 0.92, 0.93});
  EXPECT_EQ(one.chosen(), "fire9");  // 0.926 is within [0.92423, 0.93]
  const Recommendation answer = one.answer();
  EXPECT_EQ(one.summaries[answer.best].level.name, "fire7");
  EXPECT_EQ(answer.headline,
            "Tune the top block (fire9): validation AUC 0.926 ± 0.001, within one standard error "
            "of the best level (fire7, 0.930), in 24 % of the time of all.");
  expect_says(answer, "fire7, 0.9300 with a standard error of 0.0058 over 3 seeds");
  expect_says(answer, "fire9 reaches 0.9260, 0.0040 below");
  expect_says(answer, "the nearest, head, reaches 0.8600, 0.0700 below the best");
  expect_says(answer, "trains 81.0 k parameters; all takes 1 min 02 s");
  expect_says(answer, "Test AUC of fire9: 0.9160 [0.9135, 0.9185] (95 % interval over 3 seeds)");
  expect_says(answer, "The test split took no part in the choice");
}

TEST(Recommend, JustOutsideTheStandardErrorIsNotChosen) {
  OneArchitecture one;
  one.add("fire9", {0.924, 0.924, 0.924});  // below 0.92423
  one.add("fire7", {0.92, 0.93, 0.94});
  EXPECT_EQ(one.chosen(), "fire7");
  expect_says(one.answer(), "Tune the top 3 blocks (from fire7)");
  expect_says(one.answer(), "no shallower level that was compared comes within one standard error");
  expect_says(one.answer(), "it is the deepest level compared, so it saves nothing");
  expect_says(one.answer(), "Not compared, because no unit has finished: head, all.");
}

TEST(Recommend, FullTuningAndHeadOnlyAreAnswersToo) {
  OneArchitecture deep;
  deep.add("head", {0.85, 0.86});
  deep.add("all", {0.95, 0.96});
  EXPECT_EQ(deep.chosen(), "all");
  expect_says(deep.answer(), "Tune all 9 blocks: ");
  expect_says(deep.answer(), "it saves nothing");
  OneArchitecture shallow;
  shallow.add("head", {0.95, 0.96});
  shallow.add("all", {0.85, 0.86});
  EXPECT_EQ(shallow.chosen(), "head");
  expect_says(shallow.answer(), "Tune the head only: validation AUC 0.955 ± 0.005, the best of 2");
}

TEST(Recommend, OfEqualLevelsTheShallowestIsBestAndChosen) {
  OneArchitecture one;
  one.add("head", {0.9, 0.9});
  one.add("fire9", {0.9, 0.9});
  one.add("all", {0.9, 0.9});
  EXPECT_EQ(one.chosen(), "head");
  EXPECT_EQ(one.answer().best, 0U);
}

TEST(Recommend, OneSeedCannotTellButNamesTheBestLooking) {
  OneArchitecture one;
  one.add("head", {0.85});
  one.add("fire7", {0.93});
  one.add("all", {0.92});
  const Recommendation answer = one.answer();
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  EXPECT_EQ(one.summaries[answer.best].level.name, "fire7");
  expect_says(answer, "Cannot tell yet: every level has one unit only. For now fire7 looks best");
  expect_says(answer, "--seeds 3");
}

TEST(Recommend, NothingFinishedCannotTell) {
  OneArchitecture one;
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  expect_says(one.answer(), "Cannot tell: no unit has finished");
  one.add("head", {0.85, 0.86});
  one.fail(0);
  one.fail(1);
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  expect_says(one.answer(), "2 units failed");
}

TEST(Recommend, ALevelWithOneFinishedUnitIsLeftOutWithANote) {
  OneArchitecture one;
  one.add("head", {0.85, 0.86});
  one.add("fire9", {0.99, 0.90});
  one.add("all", {0.92, 0.93});
  one.fail(3);
  EXPECT_EQ(one.chosen(), "all");
  expect_says(one.answer(), "Not compared, because only one unit has finished: fire9.");
  expect_says(one.answer(), "1 unit failed");
}

TEST(Recommend, FoldsCountAsRepetitions) {
  OneArchitecture one;
  one.add("head", {0.85, 0.86});
  one.add("all", {0.92, 0.93});
  for (UnitRecord& unit : one.units) {
    unit.key.fold = static_cast<int>(unit.key.seed);
    unit.key.seed = 0;
  }
  EXPECT_EQ(one.chosen(), "all");
  expect_says(one.answer(), "over 1 seed x 2 folds");
  expect_says(one.answer(), "between seeds and splits of these images");
}

TEST(Recommend, AnArchitectureThatWasNotStudiedIsABug) {
  OneArchitecture one;
  one.answer();
  EXPECT_THROW(recommend(one.summaries, "vgg16"), std::logic_error);
}

}  // namespace
}  // namespace fathom::results
