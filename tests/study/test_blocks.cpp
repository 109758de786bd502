// Studies of networks that are cut into fine blocks.
#include "fathom/base/atomic_file.h"
#include "fathom/deploy/export.h"
#include "fathom/study/plan_file.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;
using tests::TinyStudy;

/// A study of ShuffleNetV2, whose stages have several units.
TinyStudy& with_shufflenet(TinyStudy& study) {
  const auto weights = tests::random_weights("shufflenet_v2_x1_0");
  weights::WeightFile file;
  file.tensors = weights.tensors;
  weights::WeightStore(study.folder / "cache/weights").import(file, weights.card);
  study.options.arch = {"shufflenet_v2_x1_0"};
  study.options.depths = {"head", "stage4.2", "stage4"};
  study.options.blocks = "fine";
  study.options.seeds = 1;
  return study;
}

}  // namespace

TEST(FineBlocks, AreTunedReportedAndExported) {
  TinyStudy study;
  const Plan plan = with_shufflenet(study).plan();
  ASSERT_EQ(plan.units.size(), 3U);
  EXPECT_EQ(plan.units[1].level, (results::Level{"stage4.2", 3, false}));
  EXPECT_EQ(plan.units[2].level, (results::Level{"stage4.0", 5, false}));
  EXPECT_EQ(run_plan(plan).finished, 3U);
  const report::Study finished = report::load_study(study.options.out);
  const Json json = report::results_json(finished);
  const Json& architecture = json.at("study").at("architectures").at(0);
  EXPECT_EQ(architecture.at("name"), "shufflenet_v2_x1_0-fine");
  EXPECT_EQ(architecture.at("title"), "ShuffleNetV2 1.0 in fine blocks");
  EXPECT_EQ(architecture.at("blocks").size(), 18U);
  EXPECT_NE(report::terminal_report(finished).find("stage4.2"), std::string::npos);
  const deploy::Exported exported =
      deploy::export_model({.study = study.options.out,
                            .wish = {.arch = "shufflenet_v2_x1_0-fine", .depth = "stage4.2"}});
  EXPECT_EQ(exported.model.card.weights.architecture, "shufflenet_v2_x1_0");
}

TEST(FineBlocks, GiveANetworkWithoutThemTheSameUnits) {
  TinyStudy study;
  const Plan stages = make_plan(study.options, "", Json::object());
  study.options.blocks = "fine";
  EXPECT_EQ(make_plan(study.options, "", Json::object()).units, stages.units);
}

TEST(FineBlocks, WidenAStudyOfStagesAsAnArchitectureOfTheirOwn) {
  TinyStudy study;
  with_shufflenet(study).options.blocks = "stages";
  study.options.depths = {"head", "all"};
  study.plan();
  study.options.blocks = "fine";
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("shufflenet_v2_x1_0 all"),
            std::string::npos);
  study.options.blocks = "stages";
  study.options.arch = {"shufflenet_v2_x1_0", "shufflenet_v2_x1_0-fine"};
  study.options.weights = {"shufflenet_v2_x1_0=shufflenet_v2_x1_0-random"};
  EXPECT_EQ(study.plan().units.size(), 4U);
  study.options.blocks = "fine";
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("stands twice"), std::string::npos);
}

TEST(FineBlocks, APlanFromBeforeTheSettingIsOneOfStages) {
  const TinyStudy study;
  study.plan();
  const fs::path file = fs::path(study.options.out) / kPlanFile;
  Json json = read_json(file);
  for (Json* settings : {&json["settings"], &json["study"]["settings"]}) {
    ASSERT_EQ((*settings)["study"].erase("blocks"), 1U);
  }
  write_json(file, json);
  EXPECT_EQ(read_plan(study.options.out).options.blocks, "stages");
  EXPECT_EQ(run_plan(study.plan()).finished, 4U);
}

}  // namespace fathom::study
