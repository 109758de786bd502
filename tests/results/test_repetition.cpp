// What a results file gives back, and what two runs of a study have in common.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/results/repetition.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Json results_of(const JournalContent& content) {
  Json json{{"study", to_json(*content.study)}};
  for (const char* list : {"units", "prefixes"}) json[list] = Json::array();
  for (const UnitRecord& unit : content.units) json["units"].push_back(to_json(unit));
  for (const PrefixRecord& pass : content.prefixes) json["prefixes"].push_back(to_json(pass));
  return json;
}

}  // namespace

TEST(Repetition, AResultsFileGivesTheRecordsBack) {
  const tests::TemporaryFolder folder;
  const JournalContent content = tests::example_content();
  write_json(folder / "results.json", results_of(content));
  const JournalContent read = read_results(folder / "results.json");
  EXPECT_EQ(results_of(read).dump(), results_of(content).dump());
  const Agreement agreement = compare_runs(content.units, read.units);
  EXPECT_EQ(agreement.units, 29U);  // one has failed
  EXPECT_TRUE(agreement.is_complete());
  EXPECT_THAT(in_words(agreement), StartsWith("bit-identical: "));
}

TEST(Repetition, TimesAndMemoryAreNotCompared) {
  const std::vector<UnitRecord> units = tests::example_units();
  std::vector<UnitRecord> again = units;
  for (UnitRecord& unit : again) {
    unit.finished_at = "later";
    unit.cost.total_seconds += 1;
    unit.cost.peak_memory_bytes += 1;
    for (EpochRecord& epoch : unit.history) epoch.seconds += 1;
  }
  EXPECT_TRUE(compare_runs(units, again).is_complete());
}

TEST(Repetition, TellsWhichUnitsDifferAndHowFar) {
  const std::vector<UnitRecord> units = tests::example_units();
  std::vector<UnitRecord> again = units;
  again[3].history[1].train_loss += 0.25;
  again[3].test->auc -= 0.125;
  again[4].validation.auc += 0.5;
  again[5].predictions_sha256 = "others";
  const Agreement agreement = compare_runs(units, again);
  EXPECT_FALSE(agreement.is_complete());
  EXPECT_THAT(agreement.differing, testing::UnorderedElementsAre(
                                       units[3].key.id(), units[4].key.id(), units[5].key.id()));
  EXPECT_DOUBLE_EQ(agreement.train_loss, 0.25);
  EXPECT_DOUBLE_EQ(agreement.valid_loss, 0);
  EXPECT_DOUBLE_EQ(agreement.valid_auc, 0.5);
  EXPECT_DOUBLE_EQ(agreement.test_auc, 0.125);
  EXPECT_THAT(in_words(agreement), StartsWith("not bit-identical: 3 of 29 units differ"));
  EXPECT_THAT(in_words(agreement), HasSubstr("test AUC 0.12"));
}

TEST(Repetition, AUnitThatFinishedOnceAloneIsCounted) {
  const std::vector<UnitRecord> units = tests::example_units();
  std::vector<UnitRecord> again = units;
  again.front().finished = false;
  EXPECT_EQ(compare_runs(units, again).only_before, 1U);
  EXPECT_EQ(compare_runs(again, units).only_now, 1U);
  EXPECT_EQ(in_words(compare_runs(units, again)),
            "not bit-identical: 28 units are the same to the bit; 1 finished in the first run "
            "alone");
}

TEST(Repetition, WhereNothingFinishedNothingIsTheSame) {
  const Agreement nothing = compare_runs({}, {});
  EXPECT_FALSE(nothing.is_complete());
  EXPECT_EQ(in_words(nothing), "nothing to compare: no unit has finished in either run");
}

TEST(Repetition, WhatIsNoResultsFileIsNamed) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "results.json";
  const auto problem = [&] { return tests::error_of([&] { read_results(path); }); };
  EXPECT_THAT(problem(), HasSubstr("results.json: cannot read: no such file"));
  write_file_atomically(path, "{]");
  EXPECT_THAT(problem(), HasSubstr(path.string()));
  write_file_atomically(path, R"({"plan_version": 3})");
  EXPECT_THAT(problem(), HasSubstr("results.json: not the results.json of a study"));
  JournalContent content = tests::example_content();
  Json broken = results_of(content);
  broken["units"][2]["history"] = 7;
  write_json(path, broken);
  EXPECT_THAT(problem(), HasSubstr("unit.history is 7"));
  content.units.clear();
  write_json(path, results_of(content));
  EXPECT_THAT(problem(), HasSubstr("nothing can be repeated"));
}

}  // namespace fathom::results
