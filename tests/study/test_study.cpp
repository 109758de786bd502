// A small study from settings to report: planned, run, stopped, resumed, widened, damaged.
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/process.h"
#include "fathom/results/predictions.h"
#include "fathom/study/plan_file.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;
using tests::TinyStudy;

}  // namespace

TEST(Study, RunsEveryUnitOnceAndWritesItsFiles) {
  const TinyStudy study;
  const Plan plan = study.plan();
  ASSERT_EQ(plan.units.size(), 4U);
  const RunResult result = run_plan(plan);
  EXPECT_EQ(result.finished, 4U);
  EXPECT_EQ(result.failed, 0U);
  for (const results::UnitKey& key : plan.units) {
    const fs::path unit = fs::path(study.options.out) / "units" / key.id();
    for (const char* file : {"history.csv", "predictions.csv", "best.safetensors"}) {
      EXPECT_TRUE(fs::exists(unit / file)) << unit / file;
    }
  }
  const auto content = results::read_journals(study.options.out);
  ASSERT_EQ(content.units.size(), 4U);
  const auto& unit = content.units.front();
  const auto predictions = results::read_predictions(
      fs::path(study.options.out) / "units" / unit.key.id() / "predictions.csv",
      unit.predictions_sha256);
  EXPECT_NEAR(stats::score(predictions.test, 1).auc, unit.test->auc, 1e-9);
}

TEST(Study, GivenAgainRunsNothingTwice) {
  const TinyStudy study;
  run_plan(study.plan());
  const RunResult again = run_plan(study.plan());
  EXPECT_EQ(again.already_finished, 4U);
  EXPECT_EQ(again.finished, 0U);
}

TEST(Study, StoppedAndResumedGivesTheSameResult) {
  const TinyStudy whole, stopped;
  run_plan(whole.plan());
  int recorded = 0;
  RunObserver observer;
  observer.unit_done = [&](const auto&) { ++recorded; };
  observer.should_stop = [&] { return recorded > 0; };
  EXPECT_THROW(run_plan(stopped.plan(), observer), Interrupted);
  const RunResult rest = run_plan(stopped.plan());
  EXPECT_GT(rest.already_finished, 0U);
  EXPECT_EQ(rest.already_finished + rest.finished, 4U);
  EXPECT_EQ(whole.results().dump(1), stopped.results().dump(1));
}

TEST(Study, StoppedInATrainingGoesOnWithinIt) {
  TinyStudy whole, stopped;
  for (TinyStudy* study : {&whole, &stopped}) study->options.train.epochs = 3;
  run_plan(whole.plan());
  const Plan plan = stopped.plan();
  const fs::path units = fs::path(stopped.options.out) / "units";
  // Batches count from when the first unit of fire9 has begun.
  int batches = 0;
  bool is_tuning = false;
  RunObserver observer;
  observer.unit_started = [&](auto, auto, const results::UnitKey& key) {
    is_tuning = key.level.name == "fire9";
  };
  observer.should_stop = [&] { return is_tuning && ++batches > 4; };
  EXPECT_THROW(run_plan(plan, observer), Interrupted);
  const auto checkpoints = [&] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(units)) {
      if (entry.path().filename() == "checkpoint.safetensors") found.push_back(entry.path());
    }
    return found;
  };
  ASSERT_EQ(checkpoints().size(), 1U);
  const fs::path folder = checkpoints().front().parent_path();
  // What a kill in the midst of writing leaves, of a process that is no more.
  const std::string half = ".predictions.csv." + this_machine() + "-999999999.0.tmp";
  write_file_atomically(folder / half, "half");
  run_plan(plan);
  EXPECT_TRUE(checkpoints().empty());
  EXPECT_FALSE(fs::exists(folder / half));
  EXPECT_EQ(whole.results().dump(1), stopped.results().dump(1));
}

TEST(Study, ACheckpointOfARecordedUnitIsRemoved) {
  const TinyStudy study;
  const Plan plan = study.plan();
  run_plan(plan);
  const fs::path folder = fs::path(study.options.out) / "units" / plan.units.back().id();
  const fs::path left = folder / "checkpoint.safetensors";
  const fs::path of_another = folder / ".checkpoint.safetensors.00000000-12.0.tmp";
  write_file_atomically(left, "written before a kill between journal and removal");
  write_file_atomically(of_another, "by a worker on another machine that was taken for dead");
  run_plan(plan);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_FALSE(fs::exists(of_another));
}

TEST(Study, TwoCommandsOnOneStudyAreOneTooMany) {
  const TinyStudy study;
  const Plan plan = study.plan();
  const auto running = results::lock_study(study.options.out);
  for (const std::function<void()>& second : {std::function<void()>([&] { study.plan(); }),
                                              std::function<void()>([&] { run_plan(plan); })}) {
    const std::string message = tests::error_of(second);
    EXPECT_NE(message.find("being run by process " + std::to_string(::getpid()) + " on "),
              std::string::npos)
        << message;
  }
}

TEST(Study, AnInterruptedFrozenPassCountsToo) {
  TinyStudy whole, stopped;
  // Only what is always stored: the rest is chosen by times, which differ from run to run.
  whole.options.cache_gib = stopped.options.cache_gib = 0;
  run_plan(whole.plan());
  const auto passes = [](const TinyStudy& study) {
    return results::read_journals(study.options.out).prefixes;
  };
  // From when the first batch of the pass lies in the cache.
  const auto is_filling = [&] {
    std::error_code none_yet;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(stopped.options.cache) / "prefix", none_yet)) {
      if (entry.path().filename().string().find(".part-") != std::string::npos) return true;
    }
    return false;
  };
  RunObserver observer;
  observer.should_stop = is_filling;
  EXPECT_THROW(run_plan(stopped.plan(), observer), Interrupted);
  ASSERT_EQ(passes(stopped).size(), 1U);
  const results::PrefixRecord first = passes(stopped).front();
  EXPECT_TRUE(first.interrupted);
  EXPECT_GT(first.seconds, 0);
  EXPECT_GT(first.bytes, 0U);
  run_plan(stopped.plan());
  ASSERT_EQ(passes(stopped).size(), 2U);
  const results::PrefixRecord rest = passes(stopped).back(), all = passes(whole).front();
  EXPECT_FALSE(rest.interrupted);
  EXPECT_LT(rest.bytes, all.bytes);
  EXPECT_GE(first.bytes + rest.bytes, all.bytes) << "the report adds up what all runs stored";
}

TEST(Study, OfAnEarlierVersionGoesOnAndReportsWithoutWhatItLacks) {
  const TinyStudy study;
  run_plan(study.plan());
  const fs::path folder = study.options.out;
  Json plan = read_json(folder / kPlanFile);
  plan["settings"]["study"].erase("probe_images");
  plan["study"]["data"].erase("external");
  plan["study"]["data"].erase("sizes");
  plan["study"]["architectures"][0].erase("input_size");
  plan["input_size"] = {{"squeezenet1_1", 32}};
  plan["data"].erase("external");
  write_json(folder / kPlanFile, plan);
  const std::size_t erased = tests::erase_from_journal(
      folder / "journal.jsonl", {"/external", "/uncorrupted_auc", "/corruptions", "/similarity",
                                 "/data/external", "/data/sizes", "/architectures/0/input_size"});
  EXPECT_EQ(erased, 4U * 4 + 3);
  EXPECT_EQ(read_plan(folder).study.architectures[0].input_size, 32);
  const RunResult again = run_plan(study.plan());
  EXPECT_EQ(again.already_finished, 4U);
  EXPECT_EQ(again.finished, 0U);
  const report::Study read = report::load_study(folder);
  report::write_reports(read);
  EXPECT_TRUE(read.evidence.problems.empty());
  EXPECT_TRUE(read.summaries.front().similarity.empty());
  EXPECT_TRUE(std::isnan(read.content.units.front().uncorrupted_auc));
}

TEST(Study, CanBeWidenedByMoreSeedsAndDepths) {
  TinyStudy study;
  run_plan(study.plan());
  study.options.seeds = 3;
  study.options.depths = {"head", "fire9", "fire8"};
  const RunResult wider = run_plan(study.plan());
  EXPECT_EQ(wider.already_finished, 4U);
  EXPECT_EQ(wider.finished, 5U);
}

TEST(Study, IsTrainedOnEveryFractionOfTheSameImages) {
  TinyStudy study;
  run_plan(study.plan());
  study.options.data.train_fractions = {0.5, 1};
  const Plan plan = study.plan();
  ASSERT_EQ(plan.units.size(), 8U);
  EXPECT_EQ(plan.units.front().train_fraction, 1) << "what the answer is about comes first";
  const RunResult wider = run_plan(plan);
  EXPECT_EQ(wider.already_finished, 4U) << "units of all images are what they were";
  EXPECT_EQ(wider.finished, 4U);
  const auto content = results::read_journals(study.options.out);
  ASSERT_EQ(content.study->data.shares.size(), 2U);
  const auto images = [&](std::size_t share) {
    const auto& counts = content.study->data.shares[share].images;
    return std::accumulate(counts.begin(), counts.end(), 0.0);
  };
  EXPECT_NEAR(images(0), images(1) / 2, images(1) / 8);  // by whole groups
  const report::Study read = report::load_study(study.options.out);
  ASSERT_EQ(read.curve.size(), 2U);
  for (const results::CurvePoint& point : read.curve) {
    for (const results::LevelSummary& level : point.summaries) EXPECT_EQ(level.units.size(), 2U);
  }
  EXPECT_TRUE(read.evidence.problems.empty()) << "all were scored on the same images";
  EXPECT_NE(read.curve[0].summaries[0].units[0]->validation.log_loss,
            read.curve[1].summaries[0].units[0]->validation.log_loss);
}

TEST(Study, FractionsSurviveThePlansFile) {
  TinyStudy study;
  study.options.data.train_fractions = {1, 0.25, 0.5};
  study.options.data.folds = 2;
  const Plan plan = study.plan();
  EXPECT_EQ(read_plan(study.options.out).by_fraction, plan.by_fraction);
  EXPECT_EQ(plan.units.size(), 24U);
  EXPECT_EQ(plan.by_fraction.at(1), plan.folds);
}

TEST(Study, TheLargestFractionNeedNotBeAll) {
  TinyStudy study;
  study.options.data.train_fractions = {0.5};
  const Plan plan = study.plan();
  const auto& classes = plan.study.data.classes;
  EXPECT_EQ(classes[0].train, plan.study.data.shares.at(0).images[0]);
  EXPECT_LT(classes[0].train, data::count_training(plan.dataset, plan.folds[0])[0]);
  study.options.data.train_fractions = {0.5, 1};
  EXPECT_EQ(study.plan().units.size(), 8U) << "widened";
}

TEST(Study, AnotherMarginIsAnotherAnswerOfTheSameUnits) {
  TinyStudy study;
  const Plan before = study.plan();
  run_plan(before);
  study.options.rule = {.margin = 0.05, .confidence = 0.9};
  const Plan after = study.plan();
  EXPECT_EQ(after.units, before.units);
  const RunResult again = run_plan(after);
  EXPECT_EQ(again.finished, 0U);
  EXPECT_NE(report::load_study(study.options.out)
                .recommendations[0]
                .rule.find("at 90 % confidence, to lose less than 0.05"),
            std::string::npos);
}

TEST(Study, OtherSettingsInTheSameFolderAreRefusedByName) {
  TinyStudy study;
  run_plan(study.plan());
  study.options.train.epochs = 2;
  const std::string message = tests::error_of([&] { study.plan(); });
  EXPECT_NE(message.find("epochs was 1, is 2"), std::string::npos) << message;
  EXPECT_NE(message.find("--out"), std::string::npos) << message;
}

TEST(Study, FailedUnitIsRecordedAndTheRestGoesOn) {
  TinyStudy study;
  study.options.train.optimizer = "sgd";
  study.options.train.warmup_epochs = 0;
  study.options.train.epochs = 6;
  study.options.train.learning_rates = {1e-4, 10};
  study.options.train.head_learning_rates = {1e-4};
  study.options.depths = {"all"};
  study.options.depths.emplace_back("head");
  study.options.seeds = 1;
  study.options.train.momentum = 0.99;
  const RunResult result = run_plan(study.plan());
  EXPECT_GE(result.failed, 1U);
  EXPECT_GE(result.finished, 2U);
  for (const auto& unit : results::read_journals(study.options.out).units) {
    if (!unit.finished) {
      EXPECT_NE(unit.failure.find("loss became"), std::string::npos) << unit.failure;
    }
  }
}

TEST(Study, PlanSurvivesItsFile) {
  TinyStudy study;
  study.options.data.folds = 3;
  const Plan plan = study.plan();
  const Plan again = read_plan(study.options.out);
  EXPECT_EQ(to_json(again).dump(1), to_json(plan).dump(1));
  EXPECT_EQ(again.folds, plan.folds);
  EXPECT_EQ(plan.units.size(), 12U);
}

TEST(Study, DamagedPlanIsAnErrorThatNamesIt) {
  const TinyStudy study;
  study.plan();
  const fs::path file = fs::path(study.options.out) / kPlanFile;
  write_file_atomically(file, "{\"plan_version\": 3}");
  EXPECT_NE(tests::error_of([&] { read_plan(study.options.out); }).find("plan.json"),
            std::string::npos);
  write_file_atomically(file, "{\"plan_version\": 99}");
  EXPECT_NE(
      tests::error_of([&] { read_plan(study.options.out); }).find("another version of fathom"),
      std::string::npos);
}

TEST(Study, APlanNamesNoFileElsewhere) {
  TinyStudy study;
  study.options.data.external = {"site2=" + study.options.data.data};
  const Json good = to_json(study.plan());
  EXPECT_NO_THROW(plan_from_json(good, "plan.json"));
  const auto problem = [&](const char* field, const char* value) {
    Json plan = good;
    plan.at(Json::json_pointer(field)) = value;
    return tests::error_of([&] { plan_from_json(plan, "plan.json"); });
  };
  EXPECT_NE(problem("/units/0/level/name", "../../x").find("'../../x'"), std::string::npos);
  EXPECT_NE(problem("/units/0/architecture", "../x").find("../x"), std::string::npos);
  EXPECT_NE(problem("/data/external/0/name", "/../../x").find("'/../../x' cannot be the name"),
            std::string::npos);
}

TEST(Study, CanBeMovedAndGoesOnThere) {
  TinyStudy study;
  run_plan(study.plan());
  const std::string moved = study.folder / "elsewhere";
  fs::rename(study.options.out, moved);
  study.options.out = moved;
  EXPECT_EQ(run_plan(study.plan()).already_finished, 4U);
  EXPECT_FALSE(fs::exists(study.folder / "study"));
}

TEST(Study, OtherWeightsOrPartsInTheSameFolderAreRefused) {
  TinyStudy study;
  study.plan();
  auto other = tests::random_weights("squeezenet1_1");
  other.tensors["features.0.bias"] = zoo::from_tensor(torch::ones({64}));
  weights::WeightFile file;
  file.tensors = other.tensors;
  other.card.name = "other";
  weights::WeightStore(study.folder / "cache/weights").import(file, other.card);
  study.options.weights = {"other"};
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("weights of squeezenet1_1 differ"),
            std::string::npos);
  study.options.weights = {"squeezenet1_1-random"};
  // The parts that labels.csv names are the study's: another file of parts is another study.
  study.options.data.split_seed = 1;
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("split_seed was 0, is 1"),
            std::string::npos);
}

TEST(Study, PartsThatChangedInTheManifestAreRefused) {
  TinyStudy study;
  study.plan();
  const fs::path labels = study.folder / "images/labels.csv";
  std::string text = read_file(labels);
  // All that was validation becomes test, and the other way round: groups stay whole.
  const auto swap = [&](const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, from.size(), to);
    }
  };
  swap(",valid\n", ",later\n");
  swap(",test\n", ",valid\n");
  swap(",later\n", ",test\n");
  write_file_atomically(labels, text);
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("parts (train, valid, test)"),
            std::string::npos);
}

TEST(Study, CannotBeNarrowed) {
  TinyStudy study;
  study.plan();
  study.options.seeds = 1;
  const std::string message = tests::error_of([&] { study.plan(); });
  EXPECT_NE(message.find("2 units that these settings leave out"), std::string::npos) << message;
  EXPECT_NE(message.find("squeezenet1_1 fire9 train_fraction 1 fold 1 seed 1"), std::string::npos)
      << message;
}

TEST(Study, APlanOfAnotherVersionSaysSo) {
  const TinyStudy study;
  Plan plan = study.plan();
  // Another version hashes other settings into its units.
  for (results::UnitKey& key : plan.units) key.settings = sha256_hex("older");
  write_plan(plan);
  const std::string message = tests::error_of([&] { study.plan(); });
  EXPECT_NE(message.find("planned by another version of fathom"), std::string::npos) << message;
  EXPECT_NE(message.find("fathom report"), std::string::npos) << message;
}

TEST(Study, TheHeadAloneTakesLargerStepsUnlessToldOtherwise) {
  TinyStudy study;
  study.options.seeds = 1;
  study.options.train.learning_rates = {1e-4, 1e-3};
  const auto rates = [&](const std::string& level) {
    std::vector<double> found;
    for (const results::UnitKey& key : make_plan(study.options, "", Json::object()).units) {
      if (key.level.name == level) found.push_back(key.learning_rate);
    }
    return found;
  };
  EXPECT_EQ(rates("fire9"), (std::vector<double>{1e-4, 1e-3}));
  EXPECT_EQ(rates("head"), (std::vector<double>{1e-3, 1e-2}));
  study.options.train.head_learning_rates = {0.5};
  EXPECT_EQ(rates("head"), (std::vector<double>{0.5}));
}

TEST(Study, AValueTwiceOnAnAxisIsRefused) {
  TinyStudy study;
  study.options.train.learning_rates = {1e-4, 1e-4};
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("stands twice"), std::string::npos);
  study.options.train.learning_rates = {};
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("--learning-rates"), std::string::npos);
}

TEST(Study, MissingWeightsSayHowToGetThem) {
  TinyStudy study;
  study.options.arch = {"vgg16"};
  const std::string message = tests::error_of([&] { study.plan(); });
  EXPECT_NE(message.find("fathom weights import"), std::string::npos) << message;
}

TEST(Study, WeightsOfAnotherArchitectureAreRefused) {
  TinyStudy study;
  study.options.arch = {"mobilenet_v2"};
  study.options.weights = {"squeezenet1_1-random"};
  const std::string message = tests::error_of([&] { study.plan(); });
  EXPECT_NE(message.find("squeezenet1_1, not of mobilenet_v2"), std::string::npos) << message;
}

TEST(Study, ImageThatChangedSinceThePlanIsRefused) {
  const TinyStudy study;
  const Plan plan = study.plan();
  image::Image other(32, 32);
  write_file_atomically(plan.dataset.root / plan.dataset.samples[7].id, image::encode_png(other));
  const std::string message = tests::error_of([&] { run_plan(plan); });
  EXPECT_NE(message.find(plan.dataset.samples[7].id), std::string::npos) << message;
}

}  // namespace fathom::study
