#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/random.h"
#include "fathom/results/summary.h"
#include "fathom/stats/undefined.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

const LevelSummary& find(const std::vector<LevelSummary>& summaries,
                         const std::string& architecture, const std::string& level) {
  for (const LevelSummary& summary : summaries) {
    if (summary.architecture == architecture && summary.level.name == level) return summary;
  }
  throw std::logic_error("no level " + level);
}

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
  const std::vector<double> values{stats::kUndefined, 0.5, stats::kUndefined};
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
  tests::OneArchitecture one;
  one.add("head", {0.80, 0.82}, 0.001);
  one.add("head", {0.83, 0.85}, 0.01);
  one.add("fire9", {0.9, 0.9}, 0.01);
  one.add("fire9", {0.9, 0.9}, 0.001);
  one.add("fire7", {0.9, 0.9}, 0.001);
  one.add("fire7", {0.99}, 0.01);
  one.add("all", {stats::kUndefined, stats::kUndefined}, 0.1);
  one.add("all", {0.5, 0.5}, 0.2);
  const auto summaries = summarize(one.study, one.units);
  EXPECT_EQ(summaries[0].learning_rate, 0.01);   // the better
  EXPECT_EQ(summaries[1].learning_rate, 0.001);  // the smaller of equals
  EXPECT_EQ(summaries[2].learning_rate, 0.001);  // not the one that only a lucky seed finished
  EXPECT_EQ(summaries[3].learning_rate, 0.2);    // not the undefined one
  EXPECT_EQ(summaries[0].units.size(), 2U);
}

TEST(Summary, FractionsAreKeptApart) {
  const results::JournalContent content = tests::with_fractions(tests::example_content());
  const auto all = summarize(*content.study, content.units);
  const auto few = summarize(*content.study, content.units, 0.1);
  ASSERT_EQ(few.size(), all.size());
  EXPECT_EQ(find(all, "squeezenet1_1", "fire7").train_fraction, 1);
  EXPECT_NEAR(find(all, "squeezenet1_1", "fire7").valid_auc.mean, 0.9312, 1e-12);
  EXPECT_NEAR(find(few, "squeezenet1_1", "fire7").valid_auc.mean, 0.8312, 1e-12);
  EXPECT_EQ(find(few, "squeezenet1_1", "fire7").units.size(), 3U);
  EXPECT_EQ(find(few, "mobilenet_v2", "all").failed, 1U);
  EXPECT_EQ(trained_images(content.study->data, 0.1), 401U);
  EXPECT_EQ(scored_to_trained(content.study->data, &ClassCount::test, 0.1), 1000.0 / 401);
  EXPECT_EQ(scored_to_trained(content.study->data, &ClassCount::test, 1), 1000.0 / 3998);
}

TEST(Summary, ParetoFrontIsWhatNothingBeats) {
  tests::OneArchitecture one;
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

}  // namespace
}  // namespace fathom::results
