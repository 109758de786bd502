// The scripts for Slurm: what they say, that a shell reads them as meant, and what they do with a
// worker's end. tests/slurm/study_on_slurm.py runs them on a real Slurm.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/study/slurm.h"
#include "tests/support.h"

namespace fathom::tests {
namespace {

namespace fs = std::filesystem;
using study::SlurmOptions;
using study::SlurmStudy;
using ::testing::HasSubstr;
using ::testing::Not;

SlurmStudy some_study() {
  return {.fathom = "/opt/fathom", .folder = "/data/my study", .cache = "/cache", .jobs = 5};
}

std::string script_of(const std::string& name, const SlurmOptions& options = {},
                      const SlurmStudy& study = some_study()) {
  for (const study::SlurmScript& script : study::slurm_scripts(options, study)) {
    if (script.name == name) return script.text;
  }
  ADD_FAILURE() << "no script " << name;
  return "";
}

/// An executable file.
void write_program(const fs::path& path, const std::string& text) {
  write_file_atomically(path, "#!/bin/sh\n" + text);
  fs::permissions(path, fs::perms::owner_all);
}

/// A study whose worker is a script, and what a run of its units script came to.
class SlurmScripts : public ::testing::Test {
 protected:
  SlurmScripts() {
    study_.fathom = folder_ / "fathom";
    study_.folder = folder_ / "a 'b' $(c) \"d\"";
    study_.cache = folder_ / "cache of e";
    study_.jobs = 1;
    fs::create_directories(folder_ / "bin");
    write_program(folder_ / "bin/scontrol", "echo scontrol \"$@\"\n");
  }

  /// Runs one of the scripts as a node would, `worker` in place of fathom; `signal` is sent to the
  /// script when the worker has written "ready".
  CommandResult run(const std::string& name, const std::string& worker,
                    const std::string& signal = "", const std::string& restarts = "") {
    write_program(study_.fathom, worker);
    write_file_atomically(folder_ / name, script_of(name, {}, study_));
    const std::string start = fmt::format(
        "export PATH={0}/bin:$PATH SLURM_JOB_ID=7 SLURM_CPUS_ON_NODE=3 {2}\n"
        ": > {0}/log; bash {0}/{1} >> {0}/log 2>&1 &\n",
        folder_.path().string(), name, restarts.empty() ? "" : "SLURM_RESTART_COUNT=" + restarts);
    const std::string send =
        signal.empty()
            ? ""
            : fmt::format("until grep -q ready {}/log; do sleep 0.02; done; kill -{} $!\n",
                          folder_.path().string(), signal);
    return run_command(
        {"/bin/bash", "-c",
         start + send +
             fmt::format("wait $!; code=$?; cat {}/log; exit $code", folder_.path().string())});
  }

  TemporaryFolder folder_;
  SlurmStudy study_;
};

/// Ends as fathom does when it is asked to, and counts how often it was asked.
constexpr const char* kPatientWorker = R"(
trap 'echo asked; sleep 0.2; exit 130' TERM
echo ready
sleep 10 & wait
)";

}  // namespace

TEST(Slurm, DirectivesSayWhatWasAskedFor) {
  SlurmOptions options;
  options.partition = "long";
  options.account = "lab 1";
  options.cpus = 8;
  options.gpus = 2;
  options.memory = 24;
  options.time = "1-12:00:00";
  options.sbatch_options = {"--qos=low", "--constraint=a|b", "--comment=my #1 words",
                            "--exclusive"};
  const std::string units = script_of("units.sbatch", options);
  for (const char* line :
       {"--job-name=my_study-units", "--array=0-4", "--partition=long", "--account='lab 1'",
        "--cpus-per-task=8", "--gres=gpu:2", "--mem=24G", "--time=1-12:00:00", "--qos=low",
        "--constraint='a|b'", "--comment='my #1 words'", "--exclusive", "--requeue",
        "--open-mode=append", "--signal=B:USR1@120"}) {
    EXPECT_THAT(units, HasSubstr(fmt::format("\n#SBATCH {}\n", line)));
  }
  EXPECT_THAT(script_of("prefix.sbatch", options), HasSubstr("\n#SBATCH --gres=gpu:2\n"));
  const std::string report = script_of("report.sbatch", options);
  EXPECT_THAT(report, HasSubstr("\n#SBATCH --partition=long\n"));
  EXPECT_THAT(report, Not(HasSubstr("gres"))) << "a report needs no GPU";
}

TEST(Slurm, WhatIsNotAskedForIsLeftToTheCluster) {
  for (const study::SlurmScript& script : study::slurm_scripts({}, some_study())) {
    for (const char* option : {"--partition", "--account", "--cpus", "--gres", "--mem", "--time"}) {
      EXPECT_THAT(script.text, Not(HasSubstr(option))) << script.name;
    }
  }
}

TEST(Slurm, AsManyTasksAsUnitsThatCanRunAtOnceButNotWithoutBound) {
  SlurmStudy study = some_study();
  const auto array = [&](std::size_t jobs, std::int64_t wanted) {
    study.jobs = jobs;
    SlurmOptions options;
    options.array_size = wanted;
    const std::string text = script_of("units.sbatch", options, study);
    const auto start = text.find("--array=0-") + 10;
    return std::stoi(text.substr(start)) + 1;
  };
  EXPECT_EQ(array(3, 0), 3);
  EXPECT_EQ(array(100, 0), 16);
  EXPECT_EQ(array(100, 40), 40);
  EXPECT_EQ(array(0, 0), 1);
}

TEST(Slurm, OptionsThatSbatchCouldNotReadAreRefused) {
  SlurmOptions options;
  for (const char* time : {"soon", "4:00", "90"}) {
    options.time = time;
    EXPECT_THAT(error_of([&] { study::slurm_scripts(options, some_study()); }),
                HasSubstr(fmt::format("--time: '{}' is no time limit; say HH:MM:SS", time)));
  }
  options.time = "00:02:00";
  EXPECT_THAT(error_of([&] { study::slurm_scripts(options, some_study()); }),
              HasSubstr("too short: a task is stopped 2 minutes before; give it at least 10"));
  options = {};
  options.sbatch_options = {"qos=long"};
  EXPECT_THAT(error_of([&] { study::slurm_scripts(options, some_study()); }),
              HasSubstr("'qos=long' does not begin with '-'"));
  options.sbatch_options = {"--qos=long\nrm -r /"};
  EXPECT_THAT(error_of([&] { study::slurm_scripts(options, some_study()); }),
              HasSubstr("must stand on one line"));
}

TEST_F(SlurmScripts, AnyFolderNameReachesTheProgramAsItIs) {
  const std::string show = "printf '%s|' \"$@\" $OMP_NUM_THREADS\n";
  const std::string folder = study_.folder.string(), cache = study_.cache.string();
  EXPECT_EQ(run("prefix.sbatch", show).output,
            "run|" + folder + "|--cache|" + cache + "|--prefix|3|");
  EXPECT_EQ(run("units.sbatch", show).output, "run|" + folder + "|--cache|" + cache + "|3|");
  EXPECT_EQ(run("report.sbatch", show).output, "report|" + folder + "|3|");
}

TEST_F(SlurmScripts, AWorkersExitCodeIsTheJobs) {
  for (const int code : {0, 1, 3, 130}) {
    const CommandResult done = run("units.sbatch", fmt::format("exit {}\n", code));
    EXPECT_EQ(done.exit_code, code);
    EXPECT_EQ(done.output, "") << "not warned, so not requeued";
  }
}

TEST_F(SlurmScripts, ATaskThatIsWarnedOfItsTimeLimitStopsItsWorkerAndIsRequeued) {
  const CommandResult done = run("units.sbatch", kPatientWorker, "USR1");
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_EQ(done.output, "ready\nasked\nscontrol requeue 7\n");
  EXPECT_THAT(run("units.sbatch", kPatientWorker, "USR1", "99").output, HasSubstr("requeue"));
  EXPECT_EQ(run("units.sbatch", kPatientWorker, "USR1", "100").output, "ready\nasked\n")
      << "not for ever";
}

TEST_F(SlurmScripts, ATaskThatIsWarnedTwiceAsksItsWorkerOnce) {
  // A worker that is asked twice ends at once, without a checkpoint.
  const std::string warned_again =
      "trap 'echo asked; kill -USR1 \"$PPID\"; sleep 0.4; echo checkpoint; exit 130' TERM\n"
      "echo ready\nsleep 10 & wait\n";
  EXPECT_EQ(run("units.sbatch", warned_again, "USR1").output,
            "ready\nasked\ncheckpoint\nscontrol requeue 7\n");
}

TEST_F(SlurmScripts, AWarnedTaskThatFinishesIsNotRequeued) {
  const CommandResult done =
      run("units.sbatch", "trap 'exit 0' TERM; echo ready; sleep 10 & wait\n", "USR1");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output, "ready\n");
}

TEST_F(SlurmScripts, AJobThatIsCancelledWaitsForItsWorkerAndStaysCancelled) {
  // Slurm sends TERM to the script and to the worker.
  const CommandResult done =
      run("units.sbatch", "echo ready; sleep 0.4; echo checkpoint; exit 130\n", "TERM");
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_EQ(done.output, "ready\ncheckpoint\n");
}

TEST_F(SlurmScripts, JobsAreSubmittedOneAfterTheOtherOrNotAtAll) {
  const std::string calls = folder_ / "calls";
  const auto submit = [&](const std::string& sbatch) {
    fs::remove(calls);
    write_program(folder_ / "bin/sbatch",
                  fmt::format("echo sbatch \"$@\" >> {0}\nn=$(wc -l < {0})\n{1}", calls, sbatch));
    write_program(folder_ / "bin/scancel", fmt::format("echo scancel \"$@\" >> {}\n", calls));
    write_file_atomically(folder_ / "submit.sh", script_of("submit.sh"));
    return run_command({"/bin/sh", "-c",
                        fmt::format("PATH={0}/bin:$PATH; cd /; setsid -w sh {0}/submit.sh",
                                    folder_.path().string())});
  };
  const CommandResult done = submit("echo \"1$n;cluster\"\n");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output,
            "submitted: prefix 11, units 12, report 13\n"
            "watch:     squeue --jobs=11,12,13\n"
            "cancel:    scancel 11 12 13\n");
  EXPECT_EQ(read_file(calls),
            "sbatch --parsable prefix.sbatch\n"
            "sbatch --parsable --dependency=afterany:11 units.sbatch\n"
            "sbatch --parsable --dependency=afterany:12 report.sbatch\n");

  const CommandResult failed =
      submit("[ $n != 3 ] || { echo no such partition >&2; exit 1; }; echo $n\n");
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_EQ(failed.output, "no such partition\n");
  EXPECT_THAT(read_file(calls), HasSubstr("scancel 1 2\n"));

  const CommandResult first_failed = submit("exit 1\n");
  EXPECT_EQ(first_failed.exit_code, 1);
  EXPECT_THAT(read_file(calls), Not(HasSubstr("scancel")));

  // The signal goes to all processes, as by Ctrl-C, which background processes may not heed.
  const CommandResult stopped = submit("[ $n != 2 ] || kill -TERM 0; echo $n\n");
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_THAT(read_file(calls), HasSubstr("scancel 1 2\n"));
}

}  // namespace fathom::tests
