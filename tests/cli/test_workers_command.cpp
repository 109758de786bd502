// Studies that are planned, run by several processes, stopped and run again, as a user does it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iterator>
#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/results/journal.h"
#include "tests/cli/command_line.h"

namespace fathom::tests {
namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_F(CommandLine, APlannedStudyIsRunByWorkersAndReported) {
  std::vector<std::string> plan = small_study();
  plan[0] = "plan";
  plan.emplace_back("--save");
  const CommandResult planned = fathom(plan);
  EXPECT_EQ(planned.exit_code, 0) << planned.output;
  EXPECT_TRUE(contains(planned.output, "Next: fathom run " + out())) << planned.output;
  EXPECT_TRUE(contains(fathom({"status", out()}).output, "4 units: 0 finished, 0 failed"));

  const CommandResult prefix = fathom({"run", out(), "--prefix"});
  EXPECT_EQ(prefix.exit_code, 0) << prefix.output;
  EXPECT_TRUE(contains(prefix.output, " added to the prefix cache, which has the output of "))
      << prefix.output;
  // Another folder to start from: the plan's paths hold there, too.
  const CommandResult unit = run_command({"sh", "-c", "cd / && SLURM_JOB_ID=47 exec \"$0\" \"$@\"",
                                          FATHOM_BINARY, "run", out(), "--unit", "3"});
  EXPECT_EQ(unit.exit_code, 0) << unit.output;
  EXPECT_TRUE(contains(unit.output,
                       "1 finished, 0 failed by this worker; of 4 units 1 are "
                       "finished, 0 failed, 0 run elsewhere and 3 wait"))
      << unit.output;
  const CommandResult again = fathom({"run", out(), "--unit", "3"});
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_TRUE(contains(again.output, "is finished already")) << again.output;
  const CommandResult none = fathom({"run", out(), "--unit", "4"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_TRUE(contains(none.output, "4 units, from 0 to 3")) << none.output;

  const CommandResult rest = fathom({"run", out()});
  EXPECT_EQ(rest.exit_code, 0) << rest.output;
  EXPECT_TRUE(contains(rest.output, "3 finished, 0 failed by this worker")) << rest.output;
  const CommandResult status = fathom({"status", out()});
  EXPECT_TRUE(contains(status.output, "4 finished, 0 failed, 0 running, 0 waiting"));
  EXPECT_TRUE(contains(status.output, "(Slurm 47)")) << status.output;
  const Json json = Json::parse(fathom({"status", out(), "--json"}).output);
  EXPECT_EQ(json["finished"], 4);
  EXPECT_EQ(json["workers"].size(), 2U) << "those that recorded a unit";
  EXPECT_EQ(fathom({"report", out()}).exit_code, 0);
  EXPECT_TRUE(fs::exists(fs::path(out()) / "report.html"));
}

TEST_F(CommandLine, APlanWhoseImagesAreNotSeenHereSaysWhatToDo) {
  std::vector<std::string> plan = small_study();
  plan[0] = "plan";
  plan.emplace_back("--save");
  ASSERT_EQ(fathom(plan).exit_code, 0);
  const fs::path file = fs::path(out()) / "plan.json";
  Json json = read_json(file);
  const auto said_of = [&](const std::string& root) {
    json["data"]["root"] = root;
    write_json(file, json);
    const CommandResult done = fathom({"run", out()});
    EXPECT_EQ(done.exit_code, 1);
    return done.output;
  };
  EXPECT_TRUE(contains(said_of("/no/such/place"), "All its workers must see them"));
  EXPECT_TRUE(contains(said_of("no/such/place"), "start this in the folder in which it was plan"));
}

TEST_F(CommandLine, ScriptsForSlurmThatWereChangedAreKept) {
  std::vector<std::string> plan = small_study();
  plan[0] = "plan";
  plan.emplace_back("--save");
  ASSERT_EQ(fathom(plan).exit_code, 0);
  const std::vector<std::string> submit{"submit", out(), "--slurm", "--dry-run"};
  const fs::path script = fs::path(out()) / "slurm/units.sbatch";
  const std::string kept = script.string() + ".old";
  EXPECT_FALSE(contains(fathom(submit).output, "written anew"));
  EXPECT_FALSE(contains(fathom(submit).output, "written anew")) << "it says the same";
  const std::string own = read_file(script) + "module load fathom\n";
  write_file_atomically(script, own);
  const CommandResult again = fathom(submit);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_TRUE(contains(again.output, "units.sbatch: written anew")) << again.output;
  EXPECT_EQ(read_file(kept), own);
  EXPECT_FALSE(contains(read_file(script), "module load fathom\n"));
}

TEST_F(CommandLine, AStudyIsJoinedByTheSameCommand) {
  std::vector<std::string> command = small_study();
  command.emplace_back("--join");
  const CommandResult nothing = fathom(command);
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_TRUE(contains(nothing.output, "no planned study")) << nothing.output;
  std::vector<std::string> plan = small_study();
  plan[0] = "plan";
  plan.emplace_back("--save");
  ASSERT_EQ(fathom(plan).exit_code, 0);
  const CommandResult joined = fathom(command);
  EXPECT_EQ(joined.exit_code, 0) << joined.output;
  EXPECT_TRUE(contains(joined.output, "4 finished, 0 failed")) << joined.output;
  EXPECT_TRUE(fs::exists(fs::path(out()) / "report.html")) << "it finished last";
  const CommandResult led = fathom(small_study());
  EXPECT_TRUE(contains(led.output, "0 finished, 0 failed, 4 finished earlier")) << led.output;
  command.insert(command.end(), {"--margin", "0.02"});
  const CommandResult other = fathom(command);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(contains(other.output, "margin was 0.01, is 0.02")) << other.output;
}

TEST_F(CommandLine, AStudyIsRepeatedFromItsResults) {
  ASSERT_EQ(fathom(small_study()).exit_code, 0);
  const auto repeat = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"study", "--repeat", out() + "/results.json"});
    return fathom(more);
  };
  const CommandResult nowhere = repeat({});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_TRUE(contains(nowhere.output, "say --out FOLDER")) << nowhere.output;
  const CommandResult again = repeat({"--out", folder_ / "again"});
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_TRUE(contains(again.output, "results.json: bit-identical: ")) << again.output;
  EXPECT_TRUE(fs::exists(folder_ / "again/report.html"));
  const CommandResult other = repeat({"--out", folder_ / "other", "--epochs", "2"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(contains(other.output, "epochs was 1, is 2")) << other.output;
}

TEST_F(CommandLine, AUnitThatMemoryIsTooSmallForFailsAndTheOthersFinish) {
  const std::string images = folder_ / "images";
  ASSERT_EQ(fathom({"data", "synth", "--out", images, "--count", "480", "--size", "32", "--groups",
                    "24", "--difficulty", "1"})
                .exit_code,
            0);
  // Most images in one batch: the entire network's activations take more than is allowed, those
  // above a frozen network little. So many epochs are planned that their time is predicted too,
  // which takes as much memory; rates too large and patience end them soon.
  const std::vector<std::string> limited{
      "sh", "-c", "ulimit -d 540000 && OMP_NUM_THREADS=1 exec \"$0\" \"$@\"", FATHOM_BINARY};
  std::istringstream words(
      "--arch squeezenet1_1 --depths head,fire9,all --seeds 2 --image-size 96 --batch-size 256 "
      "--epochs 300 --patience 1 --warmup-epochs 0 --learning-rates 0.01 --precision fp32 "
      "--augment none --probe-images 0 --cka-images 0");
  std::vector<std::string> flags(std::istream_iterator<std::string>(words), {});
  flags.insert(flags.end(), {"--data", images + "/labels.csv", "--out", out()});
  const auto with = [](std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  ASSERT_EQ(fathom(with({"plan", "--save"}, flags)).exit_code, 0);
  const CommandResult worker = run_command(with(limited, {"run", out()}));
  EXPECT_EQ(worker.exit_code, 1) << worker.output;
  EXPECT_TRUE(contains(worker.output,
                       "2 units wait for workers with more memory: cannot train "
                       "squeezenet1_1-all-f0-s0"))
      << worker.output;
  EXPECT_EQ(results::read_journals(out()).units.size(), 4U) << "none has failed";
  const CommandResult done = run_command(with(with(limited, {"study"}), flags));
  EXPECT_EQ(done.exit_code, 3) << done.output;
  EXPECT_TRUE(contains(done.output, "0 finished, 2 failed, 4 finished earlier")) << done.output;
  EXPECT_TRUE(contains(done.output, "warning: cannot predict the time of squeezenet1_1: out of"));
  for (const results::UnitRecord& unit : results::read_journals(out()).units) {
    EXPECT_EQ(unit.finished, unit.key.level.name != "all") << unit.failure;
    if (unit.finished) continue;
    EXPECT_TRUE(unit.failure.starts_with("out of memory: ")) << unit.failure;
    EXPECT_TRUE(contains(unit.failure, "take a smaller batch_size or image_size"));
  }
}

TEST_F(CommandLine, InterruptedStudyExitsWith130AndGoesOn) {
  std::vector<std::string> command = small_study({"--arch", "squeezenet1_1", "--depths", "all"});
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> argv;
    static const std::string kBinary = FATHOM_BINARY;
    argv.push_back(const_cast<char*>(kBinary.c_str()));
    for (std::string& argument : command) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::freopen("/dev/null", "w", stdout);
    std::freopen("/dev/null", "w", stderr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  const fs::path journal = fs::path(out()) / "journal.jsonl";
  // Until the first unit is done.
  for (int i = 0; i < 12000; ++i) {
    if (fs::exists(journal) && contains(read_file(journal), R"("event":"unit")")) break;
    ::usleep(5'000);
  }
  ::kill(child, SIGINT);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 130) << status;
  const CommandResult rest = fathom(command);
  EXPECT_EQ(rest.exit_code, 0) << rest.output;
  EXPECT_TRUE(contains(rest.output, "finished earlier")) << rest.output;
}

}  // namespace fathom::tests
