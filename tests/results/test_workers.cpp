// Who has which job of a study, and who lives, where clocks and locks cannot be trusted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "fathom/base/atomic_file.h"
#include "fathom/results/claims.h"
#include "fathom/results/worker.h"
#include "tests/faults.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

namespace fs = std::filesystem;

using testing::Contains;
using testing::HasSubstr;
using tests::TemporaryFolder;

/// Never beats by itself, and is never tired of waiting.
constexpr Pace kStill{.beat_seconds = 1e6, .patience_seconds = 1e6};

/// Soon tired of waiting.
constexpr Pace kHasty{.patience_seconds = 0.1};

void sleep_seconds(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// Whether a condition becomes true; what takes a minute hangs.
bool comes_true(const std::function<bool()>& condition) {
  constexpr double kMost = 60;
  const Stopwatch watch;
  while (!condition()) {
    if (watch.seconds() > kMost) return false;
    sleep_seconds(0.01);
  }
  return true;
}

bool is_seen_dead(WorkerWatch& watch, const std::string& worker) {
  return comes_true([&] { return watch.look(worker) == Life::dead; });
}

/// A note as a worker on another machine writes it.
WorkerNote distant_note(const std::string& id) {
  WorkerNote note;
  note.id = id;
  note.process = {.host = "node7", .machine = "00000000", .boot = "b", .number = 12, .start = 5};
  note.task = "Slurm 4711_3";
  note.started_at = "2026-03-01T12:00:00Z";
  note.seconds = 60;
  note.doing = "job";
  note.units = {"unit-a", "unit-b"};
  note.doing_seconds = 7;
  note.finished = 3;
  note.failed = 1;
  note.beats = 9;
  return note;
}

}  // namespace

TEST(Claims, TheLastNumberOfAJobCounts) {
  const TemporaryFolder study;
  EXPECT_TRUE(last_claims(study.path()).empty());
  const Claim first{"squeezenet1_1-fire9-t0.1-f0-s1-1a2b3c4d", 0, "ann"};
  EXPECT_TRUE(make_claim(study.path(), first));
  EXPECT_FALSE(make_claim(study.path(), {first.job, 0, "bob"}));
  EXPECT_FALSE(was_taken_over(study.path(), first));
  for (int number = 1; number <= 10; ++number) {
    EXPECT_TRUE(make_claim(study.path(), {first.job, number, "bob"}));
  }
  EXPECT_TRUE(was_taken_over(study.path(), first));
  EXPECT_TRUE(make_claim(study.path(), {"heads", 0, "ann"}));
  const std::map<std::string, int> expected{{first.job, 10}, {"heads", 0}};
  EXPECT_EQ(last_claims(study.path()), expected);
  EXPECT_EQ(claimant(study.path(), first.job, 0), "ann");
  EXPECT_EQ(claimant(study.path(), first.job, 10), "bob");
}

TEST(Claims, OnesOwnIsMadeEvenIfTheAnswerWasLost) {
  const TemporaryFolder study;
  const Claim claim{"job", 0, "ann"};
  EXPECT_TRUE(make_claim(study.path(), claim));
  EXPECT_TRUE(make_claim(study.path(), claim)) << "a network file system asks twice";
  EXPECT_FALSE(make_claim(study.path(), {"job", 0, "bob"}));
}

TEST(Claims, OtherFilesAreNone) {
  const TemporaryFolder study;
  for (const char* name :
       {".job.0.1a2b3c4d-12.0.tmp", "job", "job.x", "job.-1", "job.1x", "job."}) {
    write_file_atomically(study / "claims" / name, "");
  }
  EXPECT_TRUE(last_claims(study.path()).empty());
  for (const char* text : {"", "{\"worker\": 5}", "[]", "{}"}) {
    write_file_atomically(study / "claims/job.0", text);
    EXPECT_EQ(claimant(study.path(), "job", 0), "") << text;
  }
}

TEST(WorkerNotes, SurviveTheirFiles) {
  const TemporaryFolder study;
  const WorkerNote note = distant_note("node7-12-aaaaaaaa");
  write_note(study.path(), note);
  const auto again = read_note(study.path(), note.id);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(to_json(*again), to_json(note));
  EXPECT_EQ(in_words(note), "process 12 on node7 (Slurm 4711_3)");
  write_file_atomically(study / "workers/bad.json", "{\"id\": 5}");
  write_file_atomically(study / "workers/.torn.json.1a2b3c4d-12.0.tmp", "{");
  EXPECT_EQ(list_workers(study.path()), (std::vector<std::string>{"bad", note.id}));
  EXPECT_FALSE(read_note(study.path(), "bad").has_value());
  EXPECT_FALSE(read_note(study.path(), "none").has_value());
}

TEST(Worker, LivesUntilItsEnd) {
  const TemporaryFolder study;
  WorkerWatch watch(study.path(), kStill);
  std::string id;
  {
    Worker worker(study.path(), "Slurm 1_2", kStill);
    id = worker.id();
    EXPECT_TRUE(list_workers(study.path()).empty()) << "it has said nothing yet";
    worker.tell("frozen pass");
    EXPECT_EQ(watch.look(id), Life::alive) << "its process is of this machine";
    EXPECT_EQ(watch.note(id).doing, "frozen pass");
    ASSERT_TRUE(worker.take("job", 0, {"unit"}));
    worker.count(true);
    worker.count(false);
    worker.drop();
    watch.look(id);
    EXPECT_EQ(watch.note(id).finished, 1U);
    EXPECT_EQ(watch.note(id).failed, 1U);
    EXPECT_EQ(watch.note(id).task, "Slurm 1_2");
    EXPECT_EQ(watch.note(id).doing, "");
  }
  EXPECT_EQ(watch.look(id), Life::dead);
  EXPECT_TRUE(watch.note(id).ended);
  EXPECT_NE(Worker(study.path(), "", kStill).id(), id);
  EXPECT_EQ(list_workers(study.path()).size(), 1U) << "one that said nothing leaves nothing";
}

TEST(Worker, BeatsWhileItWorks) {
  const TemporaryFolder study;
  Worker silent(study.path(), "", kStill);
  Worker worker(study.path(), "", {.beat_seconds = 0.01});
  for (Worker* one : {&silent, &worker}) one->tell("work");
  const auto beats = [&](const Worker& of) { return read_note(study.path(), of.id())->beats; };
  const std::uint64_t before = beats(worker), of_silent = beats(silent);
  EXPECT_TRUE(comes_true([&] { return beats(worker) >= before + 3; }));
  EXPECT_EQ(beats(silent), of_silent) << "its next beat is due in eleven days";
}

TEST(Worker, ThatWasTakenForDeadLosesItsJob) {
  const TemporaryFolder study;
  Worker hung(study.path(), "", kStill);
  Worker other(study.path(), "", kStill);
  ASSERT_TRUE(hung.take("job", 0, {}));
  EXPECT_FALSE(other.take("job", 0, {}));
  ASSERT_TRUE(other.take("job", 1, {}));
  EXPECT_THROW(hung.confirm(), JobLost);
  other.confirm();
  EXPECT_EQ(claimant(study.path(), "job", last_claims(study.path()).at("job")), other.id());
}

TEST(Worker, ThatComesTooLateSaysNothingOfTheJob) {
  const TemporaryFolder study;
  Worker worker(study.path(), "", kStill);
  worker.tell("frozen pass");
  // Two claims of which only one is seen: as on a network file system.
  write_file_atomically(study / "claims/job.1", "");
  EXPECT_FALSE(worker.take("job", 1, {"unit"}));
  fs::create_symlink("nowhere", study / "claims/job.2");
  EXPECT_FALSE(worker.take("job", 2, {"unit"}));
  EXPECT_THAT(read_note(study.path(), worker.id())->units, testing::IsEmpty());
}

TEST(Worker, MayLoseItsJobAfterItsConfirmation) {
  const TemporaryFolder study;
  Worker slow(study.path(), "", kStill);
  ASSERT_TRUE(slow.take("job", 0, {}));
  slow.check();
  slow.confirm();
  slow.check();
  ASSERT_TRUE(make_claim(study.path(), {"job", 2, "another"}));
  EXPECT_THROW(slow.check(), JobLost);
}

TEST(Worker, WhoComesAfterItsConfirmationComesTooLate) {
  const TemporaryFolder study;
  Worker slow(study.path(), "", kStill);
  Worker other(study.path(), "", kStill);
  ASSERT_TRUE(slow.take("job", 0, {}));
  slow.confirm();
  EXPECT_FALSE(other.take("job", 1, {})) << "it had seen claim 0, and took its worker for dead";
}

TEST(Worker, ABeatSeesThatItsJobIsLost) {
  const TemporaryFolder study;
  Worker hung(study.path(), "", {.beat_seconds = 0.01});
  ASSERT_TRUE(hung.take("job", 0, {}));
  ASSERT_TRUE(make_claim(study.path(), {"job", 1, "another"}));
  ASSERT_TRUE(comes_true([&] { return hung.has_lost(); }));
  EXPECT_THAT([&] { hung.confirm(); }, testing::ThrowsMessage<JobLost>(
                                           HasSubstr("job: another worker has taken this over")));
  hung.drop();
  EXPECT_FALSE(hung.has_lost());
}

TEST(Worker, ThatCannotSayThatItLivesWarns) {
  const TemporaryFolder study;
  const tests::Messages messages;
  {
    Worker worker(study.path(), "", {.beat_seconds = 0.01});
    worker.tell("work");
    const tests::FullDisk full(10);
    sleep_seconds(0.1);
  }
  EXPECT_THAT(messages.all, Contains(HasSubstr("will take this one for dead")));
}

TEST(WorkerWatch, JudgesOtherMachinesByTheirBeatsAlone) {
  const TemporaryFolder study;
  WorkerNote note = distant_note("far");
  write_note(study.path(), note);
  WorkerWatch patient(study.path(), kStill);
  EXPECT_EQ(patient.look("far"), Life::unknown);
  EXPECT_EQ(patient.look("far"), Life::unknown) << "the same note again is no sign of life";
  ++note.beats;
  write_note(study.path(), note);
  EXPECT_EQ(patient.look("far"), Life::alive);

  WorkerWatch hasty(study.path(), kHasty);
  EXPECT_EQ(hasty.look("far"), Life::unknown);
  EXPECT_EQ(hasty.look("never heard of"), Life::unknown);
  EXPECT_TRUE(is_seen_dead(hasty, "far"));
  EXPECT_TRUE(is_seen_dead(hasty, "never heard of"));
  EXPECT_EQ(hasty.note("never heard of").id, "never heard of");
  ++note.beats;
  write_note(study.path(), note);
  EXPECT_NE(hasty.look("far"), Life::dead) << "it was hung only";
  note.ended = true;
  write_note(study.path(), note);
  EXPECT_EQ(hasty.look("far"), Life::dead);
}

TEST(WorkerWatch, AHungProcessOfThisMachineIsDeadInTheEnd) {
  const TemporaryFolder study;
  Worker hung(study.path(), "", kStill);
  hung.tell("nothing");
  WorkerWatch watch(study.path(), kHasty);
  EXPECT_EQ(watch.look(hung.id()), Life::alive);
  EXPECT_TRUE(is_seen_dead(watch, hung.id()));
}

TEST(WorkerWatch, ABeatThatNobodyWaitedForIsNoSignOfLife) {
  const TemporaryFolder study;
  WorkerNote note = distant_note("far");
  write_note(study.path(), note);
  WorkerWatch watch(study.path(), {.beat_seconds = 0.01});
  EXPECT_EQ(watch.look("far"), Life::unknown);
  ++note.beats;
  write_note(study.path(), note);
  sleep_seconds(0.1);  // at something else, and the worker has died since
  EXPECT_EQ(watch.look("far"), Life::unknown);
}

TEST(WorkerWatch, AWorkerThatWasAliveMayHaveDiedSince) {
  const TemporaryFolder study;
  WorkerNote note = distant_note("far");
  WorkerWatch watch(study.path(), {.beat_seconds = 0.1});
  write_note(study.path(), note);
  bool was_alive = false;
  for (int i = 0; i < 100 && !was_alive; ++i) {
    ++note.beats;
    write_note(study.path(), note);
    was_alive = watch.look("far") == Life::alive;
  }
  ASSERT_TRUE(was_alive);
  sleep_seconds(0.3);
  EXPECT_EQ(watch.look("far"), Life::unknown);
}

TEST(WorkerWatch, WhoCouldNotBeWatchedForLongIsNotTakenForDead) {
  const TemporaryFolder study;
  write_note(study.path(), distant_note("far"));
  WorkerWatch watch(study.path(), kHasty);
  for (const char* worker : {"far", "never heard of"}) {
    EXPECT_EQ(watch.look(worker), Life::unknown);
    sleep_seconds(2 * kHasty.patience_seconds);  // the file system hung, for everyone
    EXPECT_EQ(watch.look(worker), Life::unknown);
    EXPECT_TRUE(is_seen_dead(watch, worker)) << "in the end";
  }
}

TEST(WorkerWatch, AKilledProcessOfThisMachineIsDeadAtOnce) {
  const TemporaryFolder study;
  WorkerNote note = distant_note("gone");
  note.process = this_process();
  ++note.process.start;  // of this number there is another process
  write_note(study.path(), note);
  EXPECT_EQ(WorkerWatch(study.path(), kStill).look("gone"), Life::dead);
}

}  // namespace fathom::results
