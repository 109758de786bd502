#include "fathom/deploy/choose_unit.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::deploy {
namespace {

using results::Recommendation;

/// The example study with given answers: of squeezenet1_1 and mobilenet_v2, by level name; "" for
/// "cannot tell".
report::Study study_with(const std::string& squeezenet, const std::string& mobilenet) {
  report::Study study;
  study.folder = "my_study";
  study.content = tests::example_content();
  study.summaries = results::summarize(*study.content.study, study.content.units);
  for (const auto& [architecture, level] :
       {std::pair("squeezenet1_1", squeezenet), std::pair("mobilenet_v2", mobilenet)}) {
    const std::vector<std::size_t> levels = results::levels_of(study.summaries, architecture);
    Recommendation answer{.chosen = levels[1], .best = levels[1], .headline = "Cannot tell yet."};
    for (const std::size_t i : levels) {
      if (study.summaries[i].level.name != level) continue;
      answer.kind = Recommendation::Kind::depth;
      answer.chosen = i;
    }
    study.recommendations.push_back(answer);
  }
  return study;
}

std::string wish_error(const report::Study& study, const UnitWish& wish) {
  return tests::error_of([&] { choose_unit(study, wish); });
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(ChooseUnit, TakesTheRecommendedLevelAndItsBestTrainingOnValidation) {
  const report::Study study = study_with("fire7", "");
  const ChosenUnit chosen = choose_unit(study, {});
  // Seed 2 of three: its validation AUC is the highest by the example's making.
  EXPECT_EQ(chosen.unit->key.level.name, "fire7");
  EXPECT_EQ(chosen.unit->key.seed, 2U);
  EXPECT_EQ(chosen.why,
            "squeezenet1_1 at fire7, seed 2: the recommended level of the architecture that does "
            "best at its own, of its 3 seeds the training with the highest validation AUC, 0.935");
}

TEST(ChooseUnit, ATrainingWithoutAnAucIsNotTheBest) {
  report::Study study = study_with("fire7", "");
  for (results::UnitRecord& unit : study.content.units) {
    if (unit.key.level.name == "fire7" && unit.key.seed == 0) unit.validation.auc = NAN;
  }
  EXPECT_EQ(choose_unit(study, {}).unit->key.seed, 2U);
}

TEST(ChooseUnit, OfSeveralRecommendedArchitecturesTakesTheOneWithTheHighestAuc) {
  const report::Study study = study_with("fire7", "all");  // 0.931 and 0.943 on average
  EXPECT_EQ(choose_unit(study, {}).unit->key.architecture, "mobilenet_v2");
  EXPECT_EQ(recommended_level(study)->architecture, "mobilenet_v2");
  EXPECT_EQ(choose_unit(study, {.arch = "squeezenet1_1"}).unit->key.level.name, "fire7");
}

TEST(ChooseUnit, WithoutAnAnswerSaysHowToChooseByHand) {
  const report::Study study = study_with("", "");
  EXPECT_EQ(recommended_level(study), nullptr);
  const std::string message = wish_error(study, {});
  expect_part(message, "squeezenet1_1: Cannot tell yet.");
  expect_part(message, "fathom export my_study --arch squeezenet1_1 --depth fire9 --out");
  EXPECT_EQ(choose_unit(study, {.arch = "squeezenet1_1", .depth = "fire9"}).unit->key.seed, 2U);
}

TEST(ChooseUnit, TakesTheDepthByNameOrNumberAndTheSeed) {
  const report::Study study = study_with("", "");
  for (const char* depth : {"all", "9", "stem"}) {
    const ChosenUnit chosen =
        choose_unit(study, {.arch = "squeezenet1_1", .depth = depth, .seed = 1});
    EXPECT_EQ(chosen.unit->key.level.name, "all");
    EXPECT_EQ(chosen.unit->key.seed, 1U);
    expect_part(chosen.why, "the level asked for, the seed asked for (validation AUC 0.928)");
  }
}

TEST(ChooseUnit, TheOnlyLevelOfAStudyNeedsNoRecommendation) {
  report::Study study = study_with("", "");
  std::erase_if(study.summaries, [](const auto& one) { return one.level.name != "head"; });
  study.recommendations[0].chosen = study.recommendations[0].best = 0;
  study.recommendations[1].chosen = study.recommendations[1].best = 1;
  const ChosenUnit chosen = choose_unit(study, {.arch = "squeezenet1_1"});
  expect_part(chosen.why, "the only level of this study");
}

TEST(ChooseUnit, TakesAUnitByItsId) {
  const report::Study study = study_with("fire7", "all");
  const results::UnitRecord& unit = study.content.units.front();
  EXPECT_EQ(choose_unit(study, {.unit = unit.key.id()}).unit, &unit);
  expect_part(wish_error(study, {.unit = unit.key.id() + "x"}),
              "did you mean '" + unit.key.id() + "'?");
  for (const results::UnitRecord& other : study.content.units) {
    if (!other.finished) expect_part(wish_error(study, {.unit = other.key.id()}), "failed: ");
  }
}

TEST(ChooseUnit, SaysTheFoldFromOneAndTheShareOfTheTrainingImages) {
  report::Study study = study_with("fire7", "");
  study.content.units[0].key.fold = 1;
  study.content.units[1].key.train_fraction = 0.1;
  const std::string id = study.content.units[1].key.id();
  EXPECT_EQ(choose_unit(study, {.unit = id}).why,
            "squeezenet1_1 at head, seed 1, fold 1, trained on 10 % of the training images: the "
            "unit asked for");
  expect_part(choose_unit(study, {.unit = study.content.units[0].key.id()}).why, ", fold 2: ");
}

TEST(ChooseUnit, WhatTheStudyDoesNotHaveIsNamed) {
  const report::Study study = study_with("fire7", "all");
  expect_part(wish_error(study, {.arch = "squeezenet"}), "did you mean 'squeezenet1_1'?");
  expect_part(wish_error(study, {.depth = "fire7"}), "Say --arch squeezenet1_1 or --arch");
  expect_part(wish_error(study, {.arch = "squeezenet1_1", .depth = "fire8"}),
              "not a level of this study of squeezenet1_1, which has head, fire9, fire7");
  expect_part(wish_error(study, {.arch = "squeezenet1_1", .depth = "fire10"}), "fire");
  expect_part(wish_error(study, {.seed = 9}), "seed 9: not among the finished trainings");
}

}  // namespace
}  // namespace fathom::deploy
