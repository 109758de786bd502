// The command as a user types it: the real binary, its exit codes and its words.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/image/image.h"
#include "fathom/results/journal.h"
#include "tests/train/tiny.h"

namespace fathom::tests {
namespace {

namespace fs = std::filesystem;

/// A folder with synthetic images and a cache into which random weights were imported.
class CommandLine : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new TemporaryFolder;
    ::setenv("FATHOM_CACHE", (*shared_ / "cache").c_str(), 1);
    ASSERT_EQ(fathom({"data", "synth", "--out", *shared_ / "tissue", "--count", "48", "--size",
                      "32", "--groups", "12"})
                  .exit_code,
              0);
    for (const char* name : {"squeezenet1_1", "mobilenet_v2"}) {
      const fs::path file = *shared_ / (std::string(name) + ".safetensors");
      weights::write_safetensors(file, random_weights(name).tensors);
      const CommandResult done =
          fathom({"weights", "import", file, "--arch", name, "--preprocessing", "imagenet"});
      ASSERT_EQ(done.exit_code, 0) << done.output;
    }
  }
  static void TearDownTestSuite() {
    ::unsetenv("FATHOM_CACHE");
    delete shared_;
  }

  static CommandResult fathom(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FATHOM_BINARY);
    return run_command(arguments);
  }
  static std::string labels() { return *shared_ / "tissue/labels.csv"; }
  std::string out() const { return folder_ / "study"; }

  /// The flags that make any study small.
  std::vector<std::string> small_study(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"study", "--data", labels(), "--out", out()};
    if (more.empty()) more = {"--arch", "squeezenet1_1", "--depths", "head,fire9"};
    for (const char* flag : {"--epochs", "--seeds"}) more.insert(more.end(), {flag, "1"});
    more.insert(more.end(), {"--probe-images", "0"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  static inline TemporaryFolder* shared_ = nullptr;
  TemporaryFolder folder_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The names under "Subcommands:" in a help.
std::vector<std::string> listed_commands(const std::string& help) {
  std::vector<std::string> names;
  const std::size_t heading = help.find("\nSubcommands:\n");
  if (heading == std::string::npos) return names;
  std::istringstream lines(help.substr(heading + 1));
  std::string line, name;
  std::getline(lines, line);
  // A name stands two columns from the left; what does not fit beside it, farther.
  while (std::getline(lines, line) && line.starts_with("  ")) {
    if (line[2] != ' ' && std::istringstream(line) >> name) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_F(CommandLine, StudyPrintsTheAnswerAndWritesTheReport) {
  const CommandResult done = fathom(small_study());
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_TRUE(contains(done.output, "validation AUC")) << done.output;
  EXPECT_TRUE(contains(done.output, "4 finished, 0 failed")) << done.output;
  for (const char* file :
       {"plan.json", "journal.jsonl", "results.csv", "results.json", "report.html"}) {
    EXPECT_TRUE(fs::exists(fs::path(out()) / file)) << file;
  }
  const CommandResult again = fathom(small_study());
  EXPECT_TRUE(contains(again.output, "0 finished, 0 failed, 4 finished earlier")) << again.output;
  fs::remove(fs::path(out()) / "report.html");
  EXPECT_EQ(fathom({"report", out()}).exit_code, 0);
  EXPECT_TRUE(fs::exists(fs::path(out()) / "report.html"));
}

TEST_F(CommandLine, APatientIdIsWrittenNowhere) {
  run_oracle("dicom_cases.py", {"patients", folder_ / "dicom"});
  const CommandResult done =
      fathom({"study", "--data", folder_ / "dicom", "--out", out(), "--arch", "squeezenet1_1",
              "--depths", "head,fire9", "--epochs", "1", "--seeds", "1", "--probe-images", "0"});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_FALSE(contains(done.output, "MUELLER")) << done.output;
  std::string written;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(out())) {
    if (!entry.is_regular_file()) continue;
    const std::string text = read_file(entry.path());
    EXPECT_FALSE(contains(text, "MUELLER")) << entry.path();
    written += text;
  }
  EXPECT_TRUE(contains(written, "patient-000012"));
}

TEST_F(CommandLine, ReportForAPaperIsLatexOnTheOutputAlone) {
  const CommandResult study =
      fathom(small_study({"--arch", "squeezenet1_1", "--depths", "head", "--margin", "0.02",
                          "--train-fractions", "0.5,1"}));
  ASSERT_EQ(study.exit_code, 0) << study.output;
  EXPECT_TRUE(contains(study.output, "head train_fraction 0.5 rate 0.01 seed 0: validation AUC"))
      << study.output;
  fs::remove(fs::path(out()) / "report.html");
  const CommandResult done = fathom({"report", out(), "--latex"});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_TRUE(done.output.starts_with("\\begin{table}")) << done.output;
  EXPECT_TRUE(contains(done.output, "\\paragraph{Data.}")) << done.output;
  EXPECT_TRUE(contains(done.output, "lose less than 0.02 of validation AUC")) << done.output;
  EXPECT_TRUE(contains(done.output, "(a share of 0.5)")) << done.output;
  EXPECT_FALSE(fs::exists(fs::path(out()) / "report.html")) << "it writes no file";
}

TEST_F(CommandLine, ExampleSettingsRunWhenShrunk) {
  const fs::path configs = fs::path(FATHOM_SOURCE_DIR) / "configs";
  for (const auto& entry : fs::directory_iterator(configs)) {
    const TemporaryFolder folder;
    const CommandResult done = fathom({"study",
                                       entry.path(),
                                       "--data",
                                       labels(),
                                       "--out",
                                       folder / "study",
                                       "--arch",
                                       "mobilenet_v2",
                                       "--weights",
                                       "mobilenet_v2",
                                       "--image-size",
                                       "32",
                                       "--epochs",
                                       "1",
                                       "--seeds",
                                       "1",
                                       "--depths",
                                       "head,norm-only",
                                       "--learning-rates",
                                       "1e-4"});
    EXPECT_EQ(done.exit_code, 0) << entry.path() << "\n" << done.output;
    EXPECT_TRUE(fs::exists(folder / "study/report.html")) << entry.path();
  }
}

TEST_F(CommandLine, PlanPredictsAndWritesNothing) {
  const CommandResult done =
      fathom({"plan", "--data", labels(), "--arch", "squeezenet1_1", "--depths", "head,all",
              "--train-fractions", "0.5,1", "--out", out()});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_TRUE(contains(done.output, "24 units")) << done.output;
  EXPECT_TRUE(contains(done.output, "train_fraction 0.5: ")) << done.output;
  EXPECT_TRUE(contains(done.output, "All together: about")) << done.output;
  EXPECT_FALSE(fs::exists(out()));
}

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
  EXPECT_TRUE(contains(prefix.output, "B added to the prefix cache")) << prefix.output;
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

TEST_F(CommandLine, ProbeTellsEveryBoundaryAndWritesWhereItIsTold) {
  std::vector<std::string> command{"probe", "--data", labels(), "--arch",
                                   "squeezenet1_1,mobilenet_v2"};
  const CommandResult done = fathom(command);
  EXPECT_EQ(done.exit_code, 0) << done.output;
  for (const char* words : {"squeezenet1_1, frozen: ", "mobilenet_v2, frozen: ",
                            " training images, ", "fire9", "stage7", "LogME"}) {
    EXPECT_TRUE(contains(done.output, words)) << words << "\n" << done.output;
  }
  EXPECT_FALSE(contains(done.output, "Written"));
  command.insert(command.end(), {"--out", out()});
  EXPECT_EQ(fathom(command).exit_code, 0);
  EXPECT_TRUE(contains(read_file(fs::path(out()) / "probe.csv"), "squeezenet1_1,image,all,3,"));
  const Json json = read_json(fs::path(out()) / "probe.json");
  EXPECT_EQ(json["probes"][1]["boundaries"].size(), 10U);
  EXPECT_TRUE(json["probes"][0]["boundaries"][9]["test"]["auc"].is_number());
}

TEST_F(CommandLine, ProbeRefusesWhatStudiesRefuse) {
  const CommandResult none =
      fathom({"probe", "--data", labels(), "--arch", "squeezenet1_1", "--probe-images", "0"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_TRUE(contains(none.output, "probe_images = 0")) << none.output;
}

TEST_F(CommandLine, InterruptedProbeSaysThatNothingWasKept) {
  const std::string notes = folder_ / "notes";
  const CommandResult stopped = run_command(
      {"bash", "-c",
       "\"$0\" probe --data \"$1\" --arch squeezenet1_1,mobilenet_v2 --image-size 256 2> \"$2\" & "
       "until grep -qs probing \"$2\" || ! kill -0 $!; do sleep 0.01; done; kill -TERM $!; wait $!",
       FATHOM_BINARY, labels(), notes});
  EXPECT_EQ(stopped.exit_code, 130) << stopped.output;
  EXPECT_TRUE(contains(read_file(notes), "nothing was kept, the same command begins anew"))
      << read_file(notes);
}

TEST_F(CommandLine, FailedUnitsGiveExitCode3) {
  const CommandResult done =
      fathom(small_study({"--arch", "squeezenet1_1", "--depths", "head,fire2", "--optimizer", "sgd",
                          "--learning-rates", "10", "--warmup-epochs", "0", "--batch-size", "4",
                          "--momentum", "0.99"}));
  EXPECT_EQ(done.exit_code, 3) << done.output;
  EXPECT_TRUE(contains(done.output, "loss became")) << done.output;
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
      "sh", "-c", "ulimit -d 600000 && OMP_NUM_THREADS=1 exec \"$0\" \"$@\"", FATHOM_BINARY};
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

TEST_F(CommandLine, MistakesInFlagsAreUsageErrorsWithTheNearestName) {
  const CommandResult flag = fathom({"study", "--epoch", "3"});
  EXPECT_EQ(flag.exit_code, 2);
  EXPECT_TRUE(contains(flag.output, "--epochs")) << flag.output;
  const CommandResult command = fathom({"studdy"});
  EXPECT_EQ(command.exit_code, 2);
  EXPECT_TRUE(contains(command.output, "study")) << command.output;
  EXPECT_EQ(fathom({}).exit_code, 2);
}

TEST_F(CommandLine, WhatIsMissingIsAUsageErrorThatSaysHowToGiveIt) {
  for (const char* command : {"study", "plan", "probe"}) {
    const CommandResult images = fathom({command, "--arch", "squeezenet1_1"});
    EXPECT_EQ(images.exit_code, 2) << command;
    EXPECT_TRUE(contains(images.output, "no images: say --data")) << images.output;
    const CommandResult network = fathom({command, "--data", labels()});
    EXPECT_EQ(network.exit_code, 2) << command;
    EXPECT_TRUE(contains(network.output, "no architecture: say --arch")) << network.output;
  }
  const CommandResult data = fathom({"data", "inspect"});
  EXPECT_EQ(data.exit_code, 2);
  EXPECT_TRUE(contains(data.output, "fathom data inspect DATA")) << data.output;
  const CommandResult folder = fathom({"data", "synth"});
  EXPECT_EQ(folder.exit_code, 2);
  EXPECT_TRUE(contains(folder.output, "--out FOLDER")) << folder.output;
  for (const char* command : {"report", "export", "predict"}) {
    EXPECT_EQ(fathom({command}).exit_code, 2) << command;
  }
}

TEST_F(CommandLine, MistakesInSettingsSayWhatIsAllowed) {
  const CommandResult range = fathom(small_study({"--arch", "squeezenet1_1", "--batch-size", "0"}));
  EXPECT_EQ(range.exit_code, 2);
  EXPECT_TRUE(contains(range.output, "1 to 4096")) << range.output;
  const CommandResult arch = fathom(small_study({"--arch", "squeezenet1_2"}));
  EXPECT_EQ(arch.exit_code, 1);
  EXPECT_TRUE(contains(arch.output, "did you mean 'squeezenet1_1'")) << arch.output;
  const CommandResult depth =
      fathom(small_study({"--arch", "squeezenet1_1", "--depths", "fire10"}));
  EXPECT_EQ(depth.exit_code, 1);
  EXPECT_TRUE(contains(depth.output, "fire")) << depth.output;
}

TEST_F(CommandLine, EveryCommandHasHelp) {
  std::vector<std::vector<std::string>> waiting{{}};  // the command itself, then those in its help
  std::size_t looked_at = 0;
  for (; !waiting.empty(); ++looked_at) {
    const std::vector<std::string> command = waiting.back();
    waiting.pop_back();
    std::vector<std::string> with_help = command;
    with_help.emplace_back("--help");
    const CommandResult help = fathom(with_help);
    EXPECT_EQ(help.exit_code, 0) << ::testing::PrintToString(command);
    EXPECT_TRUE(contains(help.output, "--help")) << help.output;
    for (const std::string& name : listed_commands(help.output)) {
      waiting.push_back(command);
      waiting.back().push_back(name);
    }
  }
  EXPECT_GE(looked_at, 20U) << "12 commands, 3 of data and 4 of weights";
  EXPECT_TRUE(contains(fathom({"study", "--help"}).output, "default 32"));
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
  for (int i = 0; i < 600; ++i) {
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

TEST_F(CommandLine, BrokenImageStopsOrIsListed) {
  const TemporaryFolder images;
  fs::copy(*shared_ / "tissue", images / "tissue", fs::copy_options::recursive);
  const auto table = read_file(images / "tissue/labels.csv");
  const std::string first =
      table.substr(table.find('\n') + 1, table.find(',', table.find('\n')) - table.find('\n') - 1);
  fs::resize_file(images / ("tissue/" + first), 100);
  const std::vector<std::string> flags{"--arch", "squeezenet1_1", "--depths", "head"};
  std::vector<std::string> command = small_study(flags);
  command[2] = images / "tissue/labels.csv";
  const CommandResult stopped = fathom(command);
  EXPECT_EQ(stopped.exit_code, 1);
  EXPECT_TRUE(contains(stopped.output, first)) << stopped.output;
  command.emplace_back("--skip-bad");
  const CommandResult skipped = fathom(command);
  EXPECT_EQ(skipped.exit_code, 0) << skipped.output;
  EXPECT_TRUE(contains(read_file(fs::path(out()) / "results.json"), first + ": truncated"));
  // What a settings file turns on, a flag turns off.
  write_file_atomically(folder_ / "settings.toml", "[data]\nskip_bad = true\n");
  command.back() = folder_ / "settings.toml";
  EXPECT_EQ(fathom(command).exit_code, 0);
  command.emplace_back("--no-skip-bad");
  EXPECT_EQ(fathom(command).exit_code, 1);
  EXPECT_TRUE(contains(fathom({"study", "--help"}).output, "--no-skip-bad"));
}

TEST_F(CommandLine, WeightsWithoutACardAreRefusedWithTheCommandThatGivesOne) {
  std::vector<std::string> command =
      small_study({"--arch", "squeezenet1_1", "--weights", *shared_ / "squeezenet1_1.safetensors"});
  const CommandResult done = fathom(command);
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(contains(done.output, "fathom weights import")) << done.output;
}

TEST_F(CommandLine, WeightsThatDoNotFitAreRefusedByTensorName) {
  const CommandResult done =
      fathom({"weights", "import", *shared_ / "squeezenet1_1.safetensors", "--arch", "mobilenet_v2",
              "--preprocessing", "imagenet", "--name", "wrong"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(contains(done.output, "features.")) << done.output;
  EXPECT_FALSE(contains(fathom({"weights", "list"}).output, "wrong"));
}

TEST_F(CommandLine, ACardThatTravelsWithTheFileIsKeptAndNotContradicted) {
  const TemporaryFolder other;
  const std::string file = *shared_ / "cache/weights/squeezenet1_1.safetensors";
  const CommandResult kept = fathom({"weights", "--cache", other.path(), "import", file});
  EXPECT_EQ(kept.exit_code, 0) << kept.output;
  const CommandResult contradicted =
      fathom({"weights", "--cache", other.path(), "import", file, "--preprocessing", "caffe"});
  EXPECT_EQ(contradicted.exit_code, 1);
  EXPECT_TRUE(contains(contradicted.output, "contradicts the card")) << contradicted.output;
}

TEST_F(CommandLine, ATunedModelIsNotTakenForPretrainedWeights) {
  ASSERT_EQ(fathom(small_study({"--arch", "squeezenet1_1", "--depths", "fire9"})).exit_code, 0);
  const fs::path unit = *fs::directory_iterator(fs::path(out()) / "units");
  const CommandResult done = fathom({"plan", "--data", labels(), "--arch", "squeezenet1_1",
                                     "--weights", unit / "best.safetensors"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(contains(done.output, "missing")) << done.output;
}

TEST_F(CommandLine, TheTunedNetworkIsExportedAndUsed) {
  const CommandResult study = fathom(small_study({"--arch", "squeezenet1_1", "--depths", "fire9"}));
  ASSERT_EQ(study.exit_code, 0) << study.output;
  const std::string model = out() + "/squeezenet1_1-fire9.safetensors";
  EXPECT_TRUE(contains(study.output, "Next: fathom export " + out() + " --out " + model))
      << study.output;
  const CommandResult exported = fathom({"export", out(), "--out", model});
  EXPECT_EQ(exported.exit_code, 0) << exported.output;
  EXPECT_TRUE(contains(exported.output, "the only level of this study")) << exported.output;
  fs::remove_all(fs::path(out()) / "units");

  const fs::path images = *shared_ / "tissue";
  const CommandResult shown = fathom({"predict", model, images});
  EXPECT_EQ(shown.exit_code, 0) << shown.output;
  EXPECT_TRUE(contains(shown.output, "image,predicted,at_threshold,p_")) << shown.output;
  EXPECT_TRUE(contains(shown.output, "after the temperature")) << shown.output;
  const std::string table = folder_ / "predictions.csv";
  const CommandResult scored = fathom({"predict", model, "--data", labels(), "--out", table});
  EXPECT_EQ(scored.exit_code, 0) << scored.output;
  EXPECT_TRUE(contains(scored.output, "48 images of 12 groups")) << scored.output;
  EXPECT_TRUE(contains(scored.output, "These are the images of the study")) << scored.output;
  EXPECT_TRUE(read_file(table).starts_with("image,label,predicted,at_threshold,p_"));

  EXPECT_EQ(fathom({"predict", model}).exit_code, 2);
  EXPECT_EQ(fathom({"predict", model, images, "--data", labels()}).exit_code, 2);
  EXPECT_EQ(fathom({"predict", model, images, "--only", "stain=1"}).exit_code, 2);
  EXPECT_EQ(fathom({"predict", labels(), images}).exit_code, 1);
}

TEST_F(CommandLine, WithoutARecommendationTheDepthIsChosenByHand) {
  ASSERT_EQ(fathom(small_study()).exit_code, 0);  // one seed tells nothing
  const std::string model = folder_ / "model.safetensors";
  const CommandResult refused = fathom({"export", out(), "--out", model});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(contains(refused.output, "Choose one yourself")) << refused.output;
  const CommandResult done = fathom({"export", out(), "--depth", "head", "--out", model});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_TRUE(contains(done.output, "the level asked for")) << done.output;
}

TEST_F(CommandLine, InspectTellsWhatIsThere) {
  const CommandResult data = fathom({"data", "inspect", labels()});
  EXPECT_EQ(data.exit_code, 0) << data.output;
  EXPECT_TRUE(contains(data.output, "48")) << data.output;
  const CommandResult weights =
      fathom({"weights", "inspect", *shared_ / "squeezenet1_1.safetensors"});
  EXPECT_EQ(weights.exit_code, 0) << weights.output;
  EXPECT_TRUE(contains(weights.output, "fits          squeezenet1_1")) << weights.output;
}

TEST_F(CommandLine, InspectOfDataThatCannotBeSplitTellsTheRestAndFails) {
  const std::string sheet = folder_ / "views.png", splits = folder_ / "splits.csv";
  const CommandResult done = fathom(
      {"data", "inspect", labels(), "--folds", "20", "--views", sheet, "--write-splits", splits});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(contains(done.output, "exact duplicates: none")) << done.output;
  EXPECT_TRUE(contains(done.output, "cannot be split as asked: ")) << done.output;
  EXPECT_TRUE(contains(done.output, "ask for fewer folds")) << done.output;
  EXPECT_TRUE(fs::exists(sheet));
  EXPECT_FALSE(fs::exists(splits));
}

TEST_F(CommandLine, ErrorsOfSeveralLinesStayLines) {
  const CommandResult data = fathom({"data", "inspect", folder_ / "nowhere"});
  EXPECT_EQ(data.exit_code, 1);
  EXPECT_TRUE(contains(data.output, "What can be read:\n  breakhis: ")) << data.output;
}

TEST_F(CommandLine, InspectShowsViewsAndCorruptions) {
  const fs::path views = folder_ / "views.png", corruptions = folder_ / "corruptions.png";
  const CommandResult done =
      fathom({"data", "inspect", labels(), "--views", views, "--corruptions", corruptions});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  for (const fs::path& sheet : {views, corruptions}) {
    EXPECT_TRUE(contains(done.output, "shown in " + sheet.string())) << done.output;
    EXPECT_GT(image::decode_file(sheet).height, 32);
  }
}

TEST_F(CommandLine, InspectWritesOverNothing) {
  const std::string before = read_file(labels());
  for (const std::string flag : {"--write-splits", "--views", "--corruptions"}) {
    const CommandResult refused = fathom({"data", "inspect", labels(), flag, labels()});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(contains(refused.output, "is there already")) << refused.output;
  }
  EXPECT_EQ(read_file(labels()), before);
  const std::string sheet = folder_ / "sheet.png";
  const CommandResult twice =
      fathom({"data", "inspect", labels(), "--views", sheet, "--corruptions", sheet});
  EXPECT_TRUE(contains(twice.output, "is asked for twice")) << twice.output;
}

TEST_F(CommandLine, DoctorKnowsTheMachine) {
  const CommandResult done = fathom({"doctor"});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_TRUE(contains(done.output, "LibTorch")) << done.output;
  EXPECT_TRUE(contains(done.output, "processors (mean of a minute)")) << done.output;
  const CommandResult told =
      run_command({"env", "OMP_WAIT_POLICY=passive", FATHOM_BINARY, "doctor"});
  EXPECT_FALSE(contains(told.output, "OMP_WAIT_POLICY")) << told.output;
}

}  // namespace fathom::tests
