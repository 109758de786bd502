// A study on a machine on which things go wrong: what it tells, and that it loses nothing.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/study/estimate.h"
#include "tests/faults.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using tests::error_of;
using tests::TinyStudy;

std::string results_of_an_undisturbed_study() {
  const TinyStudy study;
  run_plan(study.plan());
  return study.results().dump(1);
}

/// Nearly: what is computed rather than read from the cache may differ in the last bits.
void expect_results_of_an_undisturbed_study(const TinyStudy& disturbed) {
  const TinyStudy whole;
  run_plan(whole.plan());
  const auto units = [](const TinyStudy& study) {
    return results::read_journals(study.options.out).units;
  };
  const auto found = units(disturbed), expected = units(whole);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].key, expected[i].key);
    EXPECT_NEAR(found[i].test->log_loss, expected[i].test->log_loss, 1e-3);
  }
}

/// Lets any user into the study's folder.
void open_to_all(const TinyStudy& study) {
  fs::permissions(study.folder.path(), fs::perms::all);
  for (const auto& entry : fs::recursive_directory_iterator(study.folder.path())) {
    fs::permissions(entry.path(), fs::perms::all);
  }
}

}  // namespace

TEST(StudyFaults, AFullDiskStopsTheStudyAndNoUnitIsTakenForFailed) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const tests::Messages messages;
  {
    // Enough for the journal and the heads, not for stored boundaries and tuned blocks.
    const tests::FullDisk full(100'000);
    EXPECT_THAT(error_of([&] { run_plan(plan); }),
                AllOf(HasSubstr("best.safetensors: cannot write: File too large"),
                      HasSubstr("Nothing that was recorded before is lost")));
  }
  EXPECT_THAT(messages.all, Contains(HasSubstr("cannot write the prefix cache")));
  const RunResult rest = run_plan(plan);
  EXPECT_EQ(rest.already_finished, 2U);
  EXPECT_EQ(rest.finished, 2U);
  expect_results_of_an_undisturbed_study(study);
}

TEST(StudyFaults, AReportThatDoesNotFitLeavesTheOldOne) {
  const TinyStudy study;
  run_plan(study.plan());
  const report::Study finished = report::load_study(study.options.out);
  report::write_reports(finished);
  const fs::path file = fs::path(study.options.out) / "results.json";
  const std::string before = read_file(file);
  {
    const tests::FullDisk full(before.size() / 2);
    EXPECT_THAT(error_of([&] { report::write_reports(finished); }),
                AllOf(HasSubstr("results.json: cannot write: File too large"),
                      HasSubstr("fathom report " + study.options.out)));
  }
  EXPECT_EQ(read_file(file), before);
}

TEST(StudyFaults, TheCacheMayVanishUnderARunningStudy) {
  for (const std::size_t unit : {0, 2}) {
    const TinyStudy study;
    const Plan plan = study.plan();
    RunObserver observer;
    observer.unit_started = [&](std::size_t index, auto, const auto&) {
      if (index == unit) fs::remove_all(study.options.cache);
    };
    EXPECT_EQ(run_plan(plan, observer).finished, 4U);
    EXPECT_EQ(study.results().dump(1), results_of_an_undisturbed_study());
  }
}

TEST(StudyFaults, WhatIsStoredIsChosenOnceForAStudysUnits) {
  TinyStudy study;
  run_plan(study.plan());
  const fs::path file = fs::path(study.options.out) / "prefix-squeezenet1_1.json";
  const Json first = read_json(file);
  EXPECT_EQ(first.at("made_for").at("units"), 4);
  // A choice that no measurement would make: nothing but a block that no unit starts above.
  write_json(file, {{"made_for", first.at("made_for")}, {"stored", {2}}});
  fs::remove_all(study.options.cache + "/prefix");
  fs::remove_all(fs::path(study.options.out) / "journal.jsonl");
  run_plan(study.plan());
  const auto again = results::read_journals(study.options.out);
  EXPECT_EQ(again.prefixes.back().blocks, std::vector<std::string>{"fire2"});
  study.options.seeds = 3;
  run_plan(study.plan());
  EXPECT_EQ(read_json(file).at("made_for").at("units"), 6);
}

TEST(StudyFaults, UnitsWhoseImagesMemoryIsTooSmallForFailAndAreTriedAgain) {
  TinyStudy study;
  study.options.data.image_size = 1024;  // 201 MB in all: more than freed memory gives again
  const Plan plan = study.plan();
  {
    const tests::LittleMemory little(32 << 20);
    const RunResult refused = run_plan(plan);
    EXPECT_EQ(refused.failed, 4U);
    EXPECT_EQ(refused.finished, 0U);
  }
  const auto units = results::read_journals(study.options.out).units;
  ASSERT_EQ(units.size(), 4U);
  for (const results::UnitRecord& unit : units) {
    EXPECT_THAT(unit.failure, AllOf(HasSubstr("cannot load the images and the network of "
                                              "squeezenet1_1: out of memory: 201 MB more"),
                                    HasSubstr("image_size")));
  }
  RunObserver stopping;
  stopping.should_stop = [] { return true; };
  EXPECT_THROW(run_plan(plan, stopping), Interrupted) << "they are begun again";
}

TEST(StudyFaults, AFrozenPassThatMemoryIsTooSmallForIsLeftOut) {
  TinyStudy study;
  study.options.data.image_size = 1024;
  const Plan plan = study.plan();
  const tests::LittleMemory little(32 << 20);
  const tests::Messages messages;
  const RunResult refused = run_plan(plan, {}, {.leads = false, .prefix_only = true});
  EXPECT_TRUE(refused.prefixes.empty());
  EXPECT_EQ(refused.waiting, 4U) << "a worker with more memory may run them";
  EXPECT_THAT(messages.all, Contains(AllOf(HasSubstr("no frozen pass of squeezenet1_1"),
                                           HasSubstr("out of memory: 201 MB more"))));
}

TEST(StudyFaults, MemoryThatIsTooSmallForPlanningSaysWhatWasBeingDone) {
  TinyStudy study;
  const data::Dataset images = data::open_dataset(study.options.data);
  write_file_atomically(images.root / images.samples[5].id,
                        image::encode_png(image::Image(6000, 6000)));
  const tests::LittleMemory little(64 << 20);
  EXPECT_THAT(error_of([&] { study.plan(); }),
              AllOf(HasSubstr("cannot read the images of " + study.options.data.data),
                    HasSubstr("out of memory")));
}

TEST(StudyFaults, ACacheThatCannotBeWrittenIsDoneWithout) {
  const TinyStudy study;
  const Plan plan = study.plan();
  open_to_all(study);
  fs::permissions(study.options.cache, static_cast<fs::perms>(0555));
  const tests::Messages messages;
  {
    const tests::OrdinaryUser user;
    EXPECT_EQ(run_plan(plan).finished, 4U);
    EXPECT_THAT(error_of([&] { estimate_plan(plan); }), HasSubstr("--cache-gib 0"));
  }
  EXPECT_THAT(messages.all, Contains(AllOf(HasSubstr("Permission denied"), HasSubstr("--cache"),
                                           HasSubstr("The study goes on"))));
  expect_results_of_an_undisturbed_study(study);
}

TEST(StudyFaults, AFolderThatCannotBeWrittenIsAnErrorThatSaysWhatToDo) {
  TinyStudy study;
  open_to_all(study);
  fs::create_directory(study.folder / "mine");
  fs::permissions(study.folder / "mine", static_cast<fs::perms>(0555));
  study.options.out = study.folder / "mine/study";
  const tests::OrdinaryUser user;
  EXPECT_THAT(
      error_of([&] { study.plan(); }),
      AllOf(HasSubstr("mine/study: cannot be made: Permission denied"), HasSubstr("--out")));
}

TEST(StudyFaults, ImagesThatChangeBetweenTwoRunsAreNamed) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const data::Sample& sample = plan.dataset.samples[7];
  const fs::path file = plan.dataset.root / sample.id;
  write_file_atomically(file, image::encode_png(image::Image(32, 32)));
  EXPECT_THAT(error_of([&] { study.plan(); }),
              HasSubstr("of the images are 1 changed (the first: " + sample.id + ")"));
  fs::remove(file);
  EXPECT_THAT(error_of([&] { study.plan(); }), HasSubstr(sample.id));
  EXPECT_THAT(error_of([&] { run_plan(plan); }), HasSubstr(sample.id));
}

}  // namespace fathom::study
