// A study that several workers run: who takes what, what is waited for, and that the results are
// those of one process.
#include <gmock/gmock.h>

#include "fathom/base/error.h"
#include "fathom/results/claims.h"
#include "fathom/study/job_board.h"
#include "fathom/study/status.h"
#include "tests/faults.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using tests::TinyStudy;

/// A worker that helps, and looks often.
const RunOptions kHelper{.leads = false, .pace = {.beat_seconds = 0.05}};

/// One that is soon tired of waiting for others.
const RunOptions kHasty{.leads = false, .pace = {.beat_seconds = 0.005, .patience_seconds = 0.3}};

/// Ids of the study's jobs: those of the heads together, and one of each unit of fire9.
std::vector<std::string> job_ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Job& job : list_jobs(plan)) ids.push_back(job.id);
  return ids;
}

/// A job that a worker on another machine has.
class DistantWorker {
 public:
  DistantWorker(const Plan& plan, const std::string& job, const std::string& id = "far")
      : folder_(plan.options.out) {
    note_.id = id;
    note_.process = {.host = "node7", .machine = "00000000", .number = 12};
    note_.started_at = "2026-03-01T12:00:00Z";
    note_.doing = job;
    for (const Job& known : list_jobs(plan)) {
      if (known.id != job) continue;
      for (const results::UnitKey& key : known.units) note_.units.push_back(key.id());
    }
    beat();
    results::make_claim(folder_, {job, 0, id});
  }

  void beat() {
    ++note_.beats;
    results::write_note(folder_, note_);
  }
  /// Its process was of this machine, and is no more.
  void is_killed() {
    note_.process = this_process();
    ++note_.process.start;
    beat();
  }
  void ends() {
    note_.ended = true;
    beat();
  }
  void goes_on_to(const std::string& job) {
    note_.doing = job;
    note_.units.clear();
    beat();
  }

 private:
  fs::path folder_;
  results::WorkerNote note_;
};

/// The jobs that a worker takes, in its order.
std::vector<std::string> taken_jobs(const Plan& plan) {
  std::vector<std::string> taken;
  RunObserver observer;
  observer.unit_started = [&](auto, auto, const results::UnitKey& key) {
    for (const Job& job : list_jobs(plan)) {
      if (std::ranges::find(job.units, key) != job.units.end()) taken.push_back(job.id);
    }
  };
  run_plan(plan, observer, kHelper);
  return taken;
}

/// Lets a worker that others wait for leave its job undone, when they have asked a few times.
class Leaving {
 public:
  explicit Leaving(DistantWorker& distant) : distant_(distant) {}
  RunObserver observer() {
    RunObserver observer;
    observer.should_stop = [this] {
      const bool waits = !messages_.all.empty() && messages_.all.back().starts_with("waiting for ");
      if (waits && ++asked_ == 3) distant_.goes_on_to("");
      return false;
    };
    return observer;
  }
  bool was_waited_for() const {
    return asked_ >= 3 &&
           testing::Matches(Contains(HasSubstr("by process 12 on node7")))(messages_.all);
  }

 private:
  DistantWorker& distant_;
  tests::Messages messages_;
  int asked_ = 0;
};

std::size_t journals_of(const TinyStudy& study) {
  return results::list_journals(study.options.out).size();
}

}  // namespace

TEST(Jobs, AreUnitsAndHeadsTogetherAndProbes) {
  TinyStudy study;
  study.options.probe_images = 10;
  study.options.data.train_fractions = {0.5, 1};
  const Plan plan = study.plan();
  const std::vector<std::string> ids = job_ids(plan);
  EXPECT_THAT(ids,
              testing::UnorderedElementsAre(
                  "probe-squeezenet1_1", "heads-squeezenet1_1-f0", "heads-squeezenet1_1-t0.5-f0",
                  HasSubstr("-fire9-f0-s0-"), HasSubstr("-fire9-f0-s1-"),
                  HasSubstr("-fire9-t0.5-f0-s0-"), HasSubstr("-fire9-t0.5-f0-s1-")));
  std::size_t units = 0;
  for (const Job& job : list_jobs(plan)) units += job.units.size();
  EXPECT_EQ(units, plan.units.size());
  study.options.seeds = 3;
  EXPECT_EQ(list_jobs(study.plan())[1].id, ids[1]) << "a widened study has the same job, wider";
}

TEST(Workers, WithoutALeaderRunAllAndEnd) {
  TinyStudy alone, shared;
  for (TinyStudy* study : {&alone, &shared}) study->options.probe_images = 10;
  run_plan(alone.plan());
  const Plan plan = shared.plan();
  RunObserver one_job;
  int recorded = 0;
  one_job.unit_done = [&](const auto&) { ++recorded; };
  one_job.should_stop = [&] { return recorded > 0; };
  EXPECT_THROW(run_plan(plan, one_job, kHelper), Interrupted);
  const RunResult rest = run_plan(plan, {}, kHelper);
  EXPECT_EQ(rest.already_finished + rest.finished, 4U);
  EXPECT_EQ(rest.finished_in_all, 4U);
  EXPECT_EQ(rest.running + rest.waiting + rest.failed_in_all, 0U);
  EXPECT_EQ(journals_of(shared), 3U) << "one of each, and that in which the study was planned";
  EXPECT_EQ(shared.results().dump(1), alone.results().dump(1));
  // A later leader finds nothing to do, and leaves nothing.
  EXPECT_EQ(run_plan(shared.plan()).already_finished, 4U);
  EXPECT_EQ(results::list_workers(shared.options.out).size(), 2U);
  EXPECT_EQ(shared.results().dump(1), alone.results().dump(1));
}

TEST(Workers, LeaveWhatALivingWorkerHas) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const std::string job = job_ids(plan).back();
  DistantWorker distant(plan, job);
  RunObserver observer;
  observer.should_stop = [&] {
    distant.beat();
    return false;
  };
  const RunResult result = run_plan(plan, observer, kHelper);
  EXPECT_EQ(result.finished, 3U);
  EXPECT_EQ(result.running, 1U);
  EXPECT_EQ(result.waiting, 0U);
  EXPECT_EQ(results::last_claims(study.options.out).at(job), 0);
}

TEST(Workers, TakeOverWhatADeadWorkerHad) {
  const TinyStudy whole, study;
  run_plan(whole.plan());
  const Plan plan = study.plan();
  const std::string job = job_ids(plan).back();
  const DistantWorker dead(plan, job);
  EXPECT_EQ(run_plan(plan, {}, kHasty).finished_in_all, 4U);
  EXPECT_GE(results::last_claims(study.options.out).at(job), 1);
  EXPECT_EQ(study.results().dump(1), whole.results().dump(1));
}

TEST(Workers, TakeOverWhatOneHadThatDiedWhileTheyWereAtSomethingElse) {
  const TinyStudy study;
  const Plan plan = study.plan();
  DistantWorker distant(plan, job_ids(plan).back());
  RunObserver observer;
  observer.unit_started = [&](auto...) { distant.beat(); };  // and never again
  EXPECT_EQ(run_plan(plan, observer, kHasty).finished, 4U);
}

TEST(Workers, TakeWhatWorkersDiedAtWhenNothingElseIsLeft) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const std::vector<std::string> jobs = job_ids(plan);
  DistantWorker(plan, jobs[0], "killed").is_killed();
  DistantWorker(plan, jobs[1], "ended").ends();
  EXPECT_EQ(taken_jobs(plan), (std::vector<std::string>{jobs[1], jobs[2], jobs[0]}));
}

TEST(Workers, OneThatIsTakenForDeadAsItRecordsStopsThere) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const std::string heads = job_ids(plan).front();
  std::optional<DistantWorker> other;
  RunObserver observer;
  observer.unit_done = [&](const auto&) {  // the first of two heads
    if (other) return;
    const int number = results::last_claims(study.options.out).at(heads);
    other.emplace(plan, heads);
    ASSERT_TRUE(results::make_claim(study.options.out, {heads, number + 1, "far"}));
  };
  observer.should_stop = [&] {
    if (other) other->beat();
    return false;
  };
  const RunResult result = run_plan(plan, observer, kHelper);
  EXPECT_EQ(result.finished, 3U);
  EXPECT_EQ(result.running, 1U);
  const auto recorded = results::read_journals(study.options.out).units;
  EXPECT_EQ(recorded.size(), 3U);
  for (const results::UnitKey& key : plan.units) {
    const bool is_recorded =
        std::ranges::find(recorded, key, &results::UnitRecord::key) != recorded.end();
    EXPECT_EQ(fs::exists(fs::path(study.options.out) / "units" / key.id() / "predictions.csv"),
              is_recorded)
        << "the other one writes it";
  }
}

TEST(Workers, OneWithTooLittleMemoryLeavesTheUnitsToOthers) {
  TinyStudy study;
  study.options.data.image_size = 1024;  // 201 MB in all: more than freed memory gives again
  const Plan plan = study.plan();
  {
    const tests::LittleMemory little(32 << 20);
    EXPECT_THAT(tests::error_of([&] { run_plan(plan, {}, kHelper); }),
                AllOf(HasSubstr("4 units wait for workers with more memory: cannot load the "
                                "images and the network of squeezenet1_1: out of memory"),
                      HasSubstr("image_size")));
  }
  EXPECT_TRUE(results::read_journals(study.options.out).units.empty()) << "none has failed";
  EXPECT_TRUE(results::last_claims(study.options.out).empty());
}

TEST(Workers, RunTheStudyAsItWasWidened) {
  TinyStudy study;
  study.options.depths = {"head"};
  run_plan(study.plan(), {}, kHelper);
  study.options.depths = {"head", "fire9"};
  study.options.rule.margin = 0.05;
  run_plan(study.plan(), {}, kHelper);
  const report::Study read = report::load_study(study.options.out);
  ASSERT_EQ(read.summaries.size(), 2U) << "the new level is reported, too";
  for (const results::LevelSummary& level : read.summaries) EXPECT_EQ(level.units.size(), 2U);
  EXPECT_THAT(read.recommendations[0].rule, HasSubstr("to lose less than 0.05"));
}

TEST(JobBoard, ForgetsNoJournalThatItHasFound) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const std::string job = job_ids(plan).back();
  // A journal that is not listed, as a network file system may hide a new one for a while.
  const DistantWorker worker(plan, job, "hidden/far");
  results::UnitRecord unit;
  unit.key = plan.units.back();
  unit.finished = true;
  results::Journal(results::worker_journal(study.options.out, "hidden/far")).append(unit);
  JobBoard board(plan, kHelper.pace);
  EXPECT_TRUE(board.is_finished(unit.key));
  results::make_claim(study.options.out, {job, 1, "another"});
  board.look();
  EXPECT_TRUE(board.is_finished(unit.key));
}

TEST(JobBoard, WaitsForEachClaimThatCannotBeRead) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const std::vector<std::string> jobs = job_ids(plan);
  const auto claim_file = [&](const std::string& job) {
    return fs::path(study.options.out) / "claims" / (job + ".0");
  };
  write_file_atomically(claim_file(jobs[0]), "");
  JobBoard board(plan, kHasty.pace);
  for (int i = 0; i < 10'000 && !board.occupations().empty(); ++i) board.look();
  EXPECT_TRUE(board.occupations().empty()) << "its worker is taken for dead";
  write_file_atomically(claim_file(jobs[1]), "");
  board.look();
  EXPECT_TRUE(std::ranges::any_of(board.occupations(), [&](const JobBoard::Occupation& other) {
    return other.job->id == jobs[1];
  })) << "that of the second not yet";
}

TEST(Workers, OneThatIsTakenForDeadDropsItsUnitAndRecordsNothing) {
  const TinyStudy whole, study;
  run_plan(whole.plan());
  const Plan plan = study.plan();
  const std::string job = job_ids(plan).back(), unit = plan.units.back().id();
  ASSERT_EQ(job, unit);
  const tests::Messages messages;
  RunObserver observer;
  // As it trains, another one, which lives, takes the unit over, and finishes it later.
  std::optional<DistantWorker> other;
  observer.unit_started = [&](auto, auto, const results::UnitKey& key) {
    if (key.id() != unit) return;
    const int number = results::last_claims(study.options.out).at(job);
    other.emplace(plan, job);
    ASSERT_TRUE(results::make_claim(study.options.out, {job, number + 1, "far"}));
  };
  observer.should_stop = [&] {
    if (other) other->beat();
    return false;
  };
  const RunResult result = run_plan(plan, observer, kHelper);
  EXPECT_EQ(result.finished, 3U);
  EXPECT_EQ(result.failed, 0U);
  EXPECT_EQ(result.running, 1U);
  EXPECT_THAT(messages.all, Contains(HasSubstr(job + ": another worker has taken this over")));
  EXPECT_EQ(results::read_journals(study.options.out).units.size(), 3U);
  other->goes_on_to("");
  EXPECT_EQ(run_plan(plan, {}, kHelper).finished, 1U);
  EXPECT_EQ(study.results().dump(1), whole.results().dump(1));
}

TEST(Workers, TheLeaderWaitsForTheOthers) {
  const TinyStudy study;
  const Plan plan = study.plan();
  DistantWorker distant(plan, job_ids(plan).back());
  Leaving leaving(distant);
  const RunResult result = run_plan(plan, leaving.observer(), {.pace = kHelper.pace});
  EXPECT_EQ(result.finished, 4U);
  EXPECT_TRUE(leaving.was_waited_for());
}

TEST(Workers, AJobThatItsFormerWorkerFinishedIsNotRunAgain) {
  const TinyStudy study;
  run_plan(study.plan());
  const Plan plan = study.plan();
  const fs::path out = study.options.out;
  // The journal is of another worker, and the last of its claims is of a job that is done.
  fs::rename(out / "journal.jsonl", results::worker_journal(out, "far"));
  DistantWorker distant(plan, job_ids(plan).back());
  distant.goes_on_to("another");
  const RunResult result = run_plan(plan, {}, kHelper);
  EXPECT_EQ(result.already_finished, 4U);
  EXPECT_EQ(result.finished, 0U);
}

TEST(Workers, OneUnitAloneIsRunOrWaitedFor) {
  const TinyStudy study;
  const Plan plan = study.plan();
  RunOptions options = kHelper;
  options.unit = plan.units.size() - 1;
  const RunResult first = run_plan(plan, {}, options);
  EXPECT_EQ(first.finished, 1U);
  EXPECT_EQ(first.waiting, 3U);
  const RunResult again = run_plan(plan, {}, options);
  EXPECT_EQ(again.finished + again.failed, 0U);
  const std::string heads = job_ids(plan).front();
  DistantWorker distant(plan, heads);
  Leaving leaving(distant);
  options.unit = 0;
  EXPECT_EQ(run_plan(plan, leaving.observer(), options).finished, 2U) << "both heads";
  EXPECT_TRUE(leaving.was_waited_for());
}

TEST(Workers, ThePrefixAloneTrainsNothing) {
  TinyStudy study;
  study.options.probe_images = 10;
  const Plan plan = study.plan();
  RunOptions options = kHelper;
  options.prefix_only = true;
  const RunResult filled = run_plan(plan, {}, options);
  EXPECT_EQ(filled.finished, 0U);
  EXPECT_EQ(filled.waiting, 4U);
  ASSERT_EQ(filled.prefixes.size(), 1U);
  EXPECT_GT(filled.prefixes[0].bytes, 0U);
  const results::JournalContent content = results::read_journals(study.options.out);
  EXPECT_EQ(content.probes.size(), 1U);
  ASSERT_EQ(content.prefixes.size(), 1U);
  EXPECT_GT(content.prefixes[0].bytes, 0U);
  // Who comes later finds it, keeps to the choice and does not tell it again.
  const std::string choice = read_file(fs::path(study.options.out) / "prefix-squeezenet1_1.json");
  EXPECT_EQ(run_plan(plan, {}, kHelper).finished, 4U);
  EXPECT_EQ(read_file(fs::path(study.options.out) / "prefix-squeezenet1_1.json"), choice);
  EXPECT_EQ(results::read_journals(study.options.out).prefixes.size(), 1U);
}

TEST(Workers, AFailedUnitIsTriedOnceByThoseWhoComeLater) {
  TinyStudy study;
  study.options.train.optimizer = "sgd";
  study.options.train.warmup_epochs = 0;
  study.options.train.epochs = 6;
  study.options.train.momentum = 0.99;
  study.options.train.learning_rates = {10};
  study.options.train.head_learning_rates = {1e-4};
  study.options.depths = {"head", "all"};
  study.options.seeds = 1;
  const Plan plan = study.plan();
  const RunResult first = run_plan(plan, {}, kHelper);
  ASSERT_EQ(first.failed, 1U);
  EXPECT_EQ(first.failed_in_all, 1U);
  const RunResult second = run_plan(plan, {}, kHelper);
  EXPECT_EQ(second.failed, 1U);
  EXPECT_EQ(second.finished, 0U);
}

TEST(Workers, JoinOnlyTheStudyThatIsRun) {
  TinyStudy study;
  EXPECT_THAT(tests::error_of([&] { join_plan(study.options); }),
              AllOf(HasSubstr("no planned study"), HasSubstr("fathom plan ... --save")));
  const Plan plan = study.plan();
  const auto leader = results::lock_study(study.options.out);
  EXPECT_THAT(tests::error_of([&] { run_plan(plan); }), HasSubstr("--join"));
  study.options.cache += "/../cache";
  EXPECT_EQ(join_plan(study.options).options.weights, plan.options.weights);
  study.options.weights = {"elsewhere/squeezenet1_1.safetensors"};
  const Plan joined = join_plan(study.options);
  EXPECT_EQ(joined.units, plan.units);
  EXPECT_EQ(joined.options.weights, study.options.weights);
  EXPECT_EQ(joined.options.cache, study.options.cache);
  study.options.seeds = 5;
  study.options.train.precision = "auto";
  EXPECT_THAT(tests::error_of([&] { join_plan(study.options); }),
              AllOf(HasSubstr("seeds was 2, is 5"), Not(HasSubstr("precision"))));
}

TEST(Status, CountsUnitsAndWorkersAndPredictsTheTimeLeft) {
  const TinyStudy study;
  const results::Pace pace{.beat_seconds = 0.05};
  EXPECT_THAT(tests::error_of([&] { read_status(study.options.out, pace, [] {}); }),
              HasSubstr("no planned study"));
  const Plan plan = study.plan();
  const StudyStatus before = read_status(study.options.out, pace, [] {});
  EXPECT_EQ(before.waiting, 4U);
  EXPECT_TRUE(before.workers.empty());
  EXPECT_FALSE(before.seconds_left.has_value());

  RunOptions one = kHelper;
  one.unit = 1;  // fire9 of the first seed
  ASSERT_EQ(plan.units[1].level.name, "fire9");
  run_plan(plan, {}, one);
  const DistantWorker silent(plan, job_ids(plan).front(), "silent");
  DistantWorker beating(plan, job_ids(plan).back(), "beating");
  const StudyStatus status = read_status(study.options.out, pace, [&] { beating.beat(); });
  EXPECT_EQ(status.units, 4U);
  EXPECT_EQ(status.finished, 1U);
  EXPECT_EQ(status.failed, 0U);
  EXPECT_EQ(status.running, 3U) << "two heads, and fire9 of the second seed";
  EXPECT_EQ(status.waiting, 0U);
  EXPECT_EQ(status.live_workers, 1U);
  ASSERT_EQ(status.workers.size(), 3U);
  EXPECT_EQ(status.workers[0].note.id, "beating");
  EXPECT_EQ(status.workers[0].life, results::Life::alive);
  EXPECT_EQ(status.workers[1].life, results::Life::unknown);
  EXPECT_EQ(status.workers[2].life, results::Life::dead);
  EXPECT_EQ(status.workers[2].note.finished, 1U);
  EXPECT_GT(status.workers[2].units_an_hour.value(), 0);
  // Nothing else is known than the one finished unit; heads have no prediction yet.
  const double unit = results::read_journals(study.options.out).units[0].cost.seconds_with_extras();
  EXPECT_NEAR(status.seconds_left.value(), 3 * unit, 1e-9);
  const Json json = to_json(status);
  EXPECT_EQ(json["workers"][0]["host"], "node7");
  EXPECT_EQ(json["workers"][2]["life"], "ended");
}

TEST(Status, BelievesClaimsAndNotWhatALostWorkerLastSaid) {
  const TinyStudy study;
  const results::Pace pace{.beat_seconds = 0.05};
  const Plan plan = study.plan();
  const std::string job = job_ids(plan).front();
  const DistantWorker lost(plan, job, "lost");
  DistantWorker next(plan, job, "next");
  ASSERT_TRUE(results::make_claim(study.options.out, {job, 1, "next"}));
  const StudyStatus before = read_status(study.options.out, pace, [&] { next.beat(); });
  EXPECT_EQ(before.running, 2U) << "two heads";
  ASSERT_EQ(before.workers.size(), 1U);
  EXPECT_EQ(before.workers[0].note.id, "next");
  next.ends();
  EXPECT_EQ(read_status(study.options.out, pace, [] {}).running, 0U) << "nobody has them";
  run_plan(plan, {}, kHelper);
  const auto fail = [] { FAIL() << "nothing is left, and nobody is waited for"; };
  EXPECT_EQ(read_status(study.options.out, pace, fail).finished, 4U);
}

}  // namespace fathom::study
