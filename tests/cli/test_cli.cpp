// The command as a user types it: the real binary, its exit codes and its words.
#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/image/image.h"
#include "tests/cli/command_line.h"

namespace fathom::tests {
namespace {

namespace fs = std::filesystem;

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
