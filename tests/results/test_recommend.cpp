#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <utility>

#include "fathom/results/recommend.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using Kind = Recommendation::Kind;

std::string all_words(const Recommendation& recommendation) {
  std::string text = recommendation.headline;
  for (const std::string& reason : recommendation.reasons) text += "\n" + reason;
  return text;
}

void expect_says(const Recommendation& recommendation, const std::string& part) {
  EXPECT_NE(all_words(recommendation).find(part), std::string::npos)
      << "'" << part << "' is not in:\n"
      << all_words(recommendation);
}

/// A study of one architecture whose images are so many that they add no error.
struct Contest : tests::OneArchitecture {
  std::vector<LevelSummary> summaries;
  Rule rule;

  /// Makes this a study of these levels.
  void only(const std::set<std::string>& names) {
    std::erase_if(study.architectures[0].levels,
                  [&](const Level& level) { return !names.contains(level.name); });
  }
  Recommendation answer() {
    summaries = summarize(study, units);
    Evidence evidence;
    for (const UnitRecord& unit : units) {
      if (unit.finished) {
        evidence.units[&unit] = {{unit.validation.auc, {}}, {unit.test->auc, {}}};
      }
    }
    return recommend(summaries, precision_of(study, summaries, evidence), "squeezenet1_1",
                     compare_levels(study, summaries, "squeezenet1_1", evidence, rule));
  }
  std::string chosen() {
    const Recommendation recommendation = answer();
    return recommendation.kind == Kind::depth ? summaries[recommendation.chosen].level.name : "";
  }
};

TEST(Recommend, TheShallowestThatLosesLessThanTheMargin) {
  Contest one;
  one.add("head", {0.860, 0.861, 0.862});
  one.add("fire9", {0.926, 0.927, 0.928});
  one.add("fire7", {0.930, 0.9305, 0.932});
  one.add("all", {0.928, 0.929, 0.9295});
  EXPECT_EQ(one.chosen(), "fire9");
  const Recommendation answer = one.answer();
  EXPECT_EQ(one.summaries[answer.best].level.name, "fire7");
  EXPECT_EQ(
      answer.headline,
      "Tune the top block (fire9): validation AUC 0.927 [0.926, 0.928], the highest being "
      "0.931 (fire7); no other level is better by 0.01 or more (shown at 95 % confidence), in 24 % "
      "of the training time of all.");
  EXPECT_NE(answer.rule.find("at 95 % confidence, to lose less than 0.01"), std::string::npos);
  expect_says(answer,
              "Highest mean validation AUC: fire7, 0.9308 over 3 seeds. fire9 reaches 0.9270");
  expect_says(answer, "fire9 minus fire7 is -0.0038 [");
  expect_says(answer, "The nearest, head, reaches 0.8610: -0.0698 [");
  expect_says(answer, "against fire7, a loss beyond the margin (corrected p = 1)");
  expect_says(answer, "the best deeper level, fire7, differs by +0.0038 [");
  expect_says(answer,
              "0.50 GiB of memory at its peak and 81.0 k trained parameters; all takes 1 min 02 s");
  expect_says(answer, "That saves 76 % of the time, 59 % of the FLOPs and none of the memory.");
  expect_says(answer, "Test AUC of fire9: 0.9170 [");
  expect_says(answer, "The test split took no part in the choice");
}

TEST(Recommend, JustOutsideTheMarginIsNotChosenUnlessTheMarginIsWider) {
  Contest one;
  one.only({"fire9", "fire7"});
  one.add("fire9", {0.920, 0.9201, 0.9202});
  one.add("fire7", {0.9305, 0.9306, 0.9308});
  EXPECT_EQ(one.chosen(), "fire7");
  expect_says(one.answer(), "Tune the top 3 blocks (from fire7)");
  expect_says(one.answer(), "Of the shallower levels none is shown to stay");
  expect_says(one.answer(), "it is the deepest level, so it saves nothing");
  expect_says(one.answer(),
              "Its closest rival, fire9, reaches 0.9201; fire7 minus fire9 is +0.0105 [");
  one.rule.margin = 0.02;
  EXPECT_EQ(one.chosen(), "fire9");
}

TEST(Recommend, FullTuningAndHeadOnlyAreAnswersToo) {
  Contest deep;
  deep.only({"head", "all"});
  deep.add("head", {0.850, 0.851, 0.852});
  deep.add("all", {0.950, 0.951, 0.9515});
  EXPECT_EQ(deep.chosen(), "all");
  expect_says(deep.answer(), "Tune all 9 blocks: ");
  expect_says(deep.answer(), "it saves nothing");
  Contest shallow;
  shallow.only({"head", "all"});
  shallow.add("head", {0.950, 0.951, 0.952});
  shallow.add("all", {0.850, 0.851, 0.8515});
  EXPECT_EQ(shallow.chosen(), "head");
  expect_says(shallow.answer(),
              "Tune the head only: validation AUC 0.951 [0.949, 0.953], the highest; no");
}

TEST(Recommend, OfEqualLevelsTheShallowestIsBestAndChosen) {
  Contest one;
  for (const char* level : {"head", "fire9", "fire7", "all"}) one.add(level, {0.9, 0.9});
  EXPECT_EQ(one.answer().best, 0U);
  // What never varies shows nothing.
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  expect_says(one.answer(), "put the validation images into the same order in every training");
  Contest varied;
  varied.only({"head", "all"});
  varied.add("head", {0.9, 0.9002, 0.9001});
  varied.add("all", {0.9002, 0.9, 0.9001});
  EXPECT_EQ(varied.chosen(), "head");
  expect_says(varied.answer(), "It is the shallowest level.");
}

TEST(Recommend, NoisySeedsCannotTellButSayWhatWouldSettleIt) {
  Contest one;
  one.add("head", {0.91, 0.94});
  one.add("fire9", {0.94, 0.92});
  one.add("fire7", {0.93, 0.936});
  one.add("all", {0.92, 0.945});
  const Recommendation answer = one.answer();
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  EXPECT_EQ(answer.chosen, answer.best);
  expect_says(answer, "Cannot tell yet: no level is shown to be within 0.01 AUC of all others.");
  expect_says(answer, "For now fire7 looks best (validation AUC 0.933)");
  expect_says(answer, "seeds of every level would settle it");
  expect_says(answer, "more validation images alone would not");
  expect_says(answer, "Nearest to an answer is ");
  expect_says(answer, "0.0227 from training to training, over 2 of each; 0.0000 by the choice");
}

/// The best level may itself not be shown to be good enough, against an unsteady third.
TEST(Recommend, AShallowerBestThatIsNotShownIsHeldAgainstItsRival) {
  Contest one;
  one.only({"head", "fire9", "all"});
  one.add("head", {0.9311, 0.9312, 0.9313});
  one.add("fire9", {0.9305, 0.9306, 0.9307});
  one.add("all", {0.92, 0.93, 0.94});
  one.answer();
  Evidence evidence;
  for (const UnitRecord& unit : one.units) evidence.units[&unit] = {{unit.validation.auc, {}}, {}};
  Comparison comparison = compare_levels(one.study, one.summaries, "squeezenet1_1", evidence);
  comparison.p_values = {0.2, 0.01, 0.3};
  const Recommendation answer = recommend(
      one.summaries, precision_of(one.study, one.summaries, evidence), "squeezenet1_1", comparison);
  EXPECT_EQ(one.summaries[answer.best].level.name, "head");
  EXPECT_EQ(one.summaries[answer.chosen].level.name, "fire9");
  expect_says(answer, "The nearest, head, reaches 0.9312: +0.0012 [");
  expect_says(answer, "against all, which may be a loss beyond the margin (corrected p = 0.2)");
  EXPECT_EQ(all_words(answer).find("nan"), std::string::npos) << all_words(answer);
}

/// Normalization layers alone reach through all blocks: shallow in name, deep in cost.
TEST(Recommend, OfTwoThatAreGoodEnoughTheCheaper) {
  Contest one;
  one.study.architectures[0].levels = {{"head", 0}, {"norm-only", 0, true}, {"fire9", 1}};
  one.add("head", {0.860, 0.861, 0.862});
  one.add("norm-only", {0.9300, 0.9301, 0.9302});
  one.add("fire9", {0.9301, 0.9302, 0.9300});
  for (UnitRecord& unit : one.units) {
    if (unit.key.level.norm_only) unit.cost.backward_flops = 1.2e9;
  }
  EXPECT_EQ(one.chosen(), "fire9");
  expect_says(one.answer(), "norm-only is good enough, too, but takes ");
  for (UnitRecord& unit : one.units) unit.cost.backward_flops = 0;
  EXPECT_EQ(one.chosen(), "norm-only");
}

TEST(Recommend, OneSeedCannotTellButNamesTheBestLooking) {
  Contest one;
  one.add("head", {0.85});
  one.add("fire7", {0.93});
  one.add("all", {0.92});
  const Recommendation answer = one.answer();
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  EXPECT_EQ(one.summaries[answer.best].level.name, "fire7");
  expect_says(answer, "Cannot tell yet: no level has two units to compare. For now fire7 looks");
  expect_says(answer, "--seeds 3");
}

TEST(Recommend, NothingFinishedCannotTell) {
  Contest one;
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  expect_says(one.answer(), "Cannot tell: no unit has finished");
  one.add("head", {0.85, 0.86});
  one.fail(0);
  one.fail(1);
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  expect_says(one.answer(), "2 units failed");
}

/// Units of the head come first, so that this is every study that was stopped early.
TEST(Recommend, AHalfRunStudyIsToldWhatIsMissing) {
  Contest one;
  one.add("head", {0.850, 0.851, 0.852});
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  EXPECT_EQ(one.answer().headline,
            "Cannot tell yet: 3 of 4 levels cannot be compared. For now head looks best "
            "(validation AUC 0.851).");
  one.add("fire9", {0.99, 0.90});
  one.add("all", {0.920, 0.9205});
  one.fail(4);
  EXPECT_EQ(one.answer().kind, Kind::cannot_tell);
  expect_says(one.answer(), "2 of 4 levels cannot be compared. For now fire9 looks best");
  expect_says(one.answer(), "Not compared: fire9 (1 training), fire7 (none). A level needs two");
  expect_says(one.answer(), "Run the study again: what is done counts.");
  expect_says(one.answer(), "1 unit failed");
}

TEST(Recommend, AStudyOfOneLevelRecommendsNothing) {
  Contest one;
  one.only({"fire7"});
  one.add("fire7", {0.930, 0.931, 0.932});
  const Recommendation answer = one.answer();
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  EXPECT_EQ(answer.headline,
            "Nothing to choose: fire7 is the only level of this study (validation AUC 0.931 ± "
            "0.001). Study more depths for a recommendation.");
}

TEST(Recommend, FoldsAreComparedByTheirMeansOverSeeds) {
  Contest one;
  one.only({"head", "all"});
  one.add("head", {0.850, 0.852, 0.851});
  one.add("all", {0.920, 0.9225, 0.9205});
  for (UnitRecord& unit : one.units) {
    unit.key.fold = static_cast<int>(unit.key.seed);
    unit.key.seed = 7;
  }
  EXPECT_EQ(one.chosen(), "all");
  expect_says(one.answer(), "over 1 seed x 3 folds");
  expect_says(one.answer(), "Errors are between folds of these images");
  expect_says(one.answer(), "an image that one fold tests may validate in another");
  EXPECT_EQ(all_words(one.answer()).find("took no part"), std::string::npos);
}

TEST(Recommend, MoreFoldsAreNotPromisedWhereTheirSharedImagesAreTheDoubt) {
  Contest one;
  one.only({"head", "all"});
  one.add("head", {0.93, 0.95, 0.92, 0.94, 0.91});
  one.add("all", {0.95, 0.93, 0.94, 0.92, 0.91});
  for (UnitRecord& unit : one.units)
    unit.key.fold = static_cast<int>(std::exchange(unit.key.seed, 7));
  const Recommendation answer = one.answer();
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  expect_says(answer, "More folds (--repeats) would not settle it (up to 50 in all tried)");
}

TEST(Recommend, TheTestSplitDoesNotChoose) {
  Contest one;
  one.only({"head", "all"});
  one.add("head", {0.80, 0.801}, 0.001);
  one.add("head", {0.70, 0.72}, 0.01);
  one.add("all", {0.90, 0.9005});
  const std::string chosen = one.chosen();
  EXPECT_EQ(chosen, "all");
  for (UnitRecord& unit : one.units) unit.test = tests::example_scores(1.5 - unit.validation.auc);
  EXPECT_EQ(one.chosen(), chosen);
  EXPECT_EQ(one.summaries[0].learning_rate, 0.001);
}

TEST(Recommend, ATestSplitOfOneClassIsNotCalledUnscored) {
  Contest one;
  one.add("head", {0.860, 0.861, 0.862});
  one.add("all", {0.928, 0.929, 0.9295});
  one.only({"head", "all"});
  for (UnitRecord& unit : one.units) unit.test->auc = std::numeric_limits<double>::quiet_NaN();
  expect_says(one.answer(), "The test split has images of one class only, so no AUC is defined");
}

TEST(Recommend, TheRatesThatWereTriedAreSpokenOf) {
  Contest one;
  one.only({"head", "all"});
  one.add("head", {0.80, 0.801});
  one.add("all", {0.90, 0.9005});
  expect_says(one.answer(), "Only one learning rate was tried for head, all. One rate is not fair");
  expect_says(one.answer(), "The epoch of every level was chosen on the same validation images");
  one.add("head", {0.70, 0.72}, 0.01);
  one.add("all", {0.80, 0.82}, 0.0001);
  EXPECT_EQ(all_words(one.answer()).find("of the 2 tried"), std::string::npos);
  expect_says(one.answer(),
              "The epoch and the learning rate of every level were chosen on the same");
  EXPECT_EQ(all_words(one.answer()).find("Only one"), std::string::npos);
  EXPECT_EQ(all_words(one.answer()).find("that head does best"), std::string::npos);
  one.add("all", {0.70, 0.72}, 0.00001);
  expect_says(one.answer(),
              "The learning rate that all does best with, 0.001, is the largest of the 3 tried; a "
              "larger one");
  one.add("all", {0.85, 0.86}, 0.01);
  EXPECT_EQ(all_words(one.answer()).find("of the 4 tried"), std::string::npos);
}

TEST(Recommend, AStrategyHasItsOwnLevels) {
  Contest one;
  one.only({"head"});
  one.add("head", {0.80, 0.801});
  one.add("head", {0.90, 0.9012});
  one.units[2].key.strategy = one.units[3].key.strategy = "lp-ft";
  const Recommendation answer = one.answer();
  ASSERT_EQ(one.summaries.size(), 2U);
  EXPECT_EQ(one.summaries[1].strategy, "lp-ft");
  EXPECT_EQ(answer.kind, Kind::depth);
  EXPECT_EQ(answer.chosen, 1U);
  expect_says(answer, "head (lp-ft)");
}

TEST(Recommend, AnArchitectureThatWasNotStudiedIsABug) {
  Contest one;
  one.answer();
  EXPECT_THROW(
      recommend(one.summaries, std::vector<LevelPrecision>(one.summaries.size()), "vgg16", {}),
      std::logic_error);
}

/// Evidence that is read from files, of the example study.
struct Written {
  tests::TemporaryFolder folder;
  JournalContent content = tests::example_content();
  std::vector<LevelSummary> summaries;

  Written() {
    std::erase_if(content.units,
                  [](const UnitRecord& unit) { return unit.key.architecture == "mobilenet_v2"; });
    tests::write_example_predictions(folder.path(), content);
    summaries = summarize(*content.study, content.units);
  }
  Evidence read() const { return read_evidence(folder.path(), *content.study, summaries); }
  Comparison compare() const {
    return compare_levels(*content.study, summaries, "squeezenet1_1", read());
  }
};

TEST(Evidence, HasTheAucsOfThePredictionsWithTheirErrors) {
  const Written written;
  const Evidence evidence = written.read();
  EXPECT_TRUE(evidence.problems.empty());
  EXPECT_FALSE(evidence.grouped);
  const UnitRecord& unit = *written.summaries[0].units[0];
  const UnitEvidence& found = evidence.units.at(&unit);
  const PredictionsFile file = read_predictions(
      tests::predictions_path(written.folder.path(), unit), unit.predictions_sha256);
  EXPECT_NEAR(found.valid.auc, stats::score(file.valid, 1).auc, 1e-12);
  EXPECT_NEAR(found.test.auc, stats::score(file.test, 1).auc, 1e-12);
  EXPECT_EQ(found.test.influence.size(), file.test.size());
  EXPECT_GT(stats::covariance(found.test, found.test), 0);
}

TEST(Evidence, OfSeveralClassesIsTheMacroAverage) {
  Written written;
  written.content.study->data.classes = {{"a", 10, 20, 30}, {"b", 10, 20, 30}, {"c", 10, 20, 30}};
  tests::write_example_predictions(written.folder.path(), written.content);
  const UnitRecord& unit = *written.summaries[0].units[0];
  const PredictionsFile file = read_predictions(
      tests::predictions_path(written.folder.path(), unit), unit.predictions_sha256);
  const Evidence evidence = written.read();
  EXPECT_NEAR(evidence.units.at(&unit).valid.auc, stats::score(file.valid, 0).auc, 1e-12);
}

TEST(Evidence, GroupsAreWhatErrorsAreOver) {
  Written written;
  UnitRecord& unit = written.content.units[0];
  const auto path = tests::predictions_path(written.folder.path(), unit);
  PredictionsFile file = read_predictions(path, unit.predictions_sha256);
  for (std::size_t i = 0; i < file.valid.size(); ++i) {
    file.valid_groups.push_back("patient " + std::to_string(i % 40));
  }
  file.test_groups.assign(file.test.size(), "");
  unit.predictions_sha256 = write_predictions(path, file);
  const Evidence evidence = written.read();
  EXPECT_TRUE(evidence.grouped);
  EXPECT_EQ(evidence.units.at(&unit).valid.influence.size(), 40U);
  EXPECT_EQ(evidence.units.at(&unit).test.influence.size(), file.test.size());
}

TEST(Evidence, WhatCannotBeUsedIsLeftOutAndSaid) {
  Written written;
  const LevelSummary& head = written.summaries[0];
  std::filesystem::remove(tests::predictions_path(written.folder.path(), *head.units[0]));
  UnitRecord& other = written.content.units[2];
  PredictionsFile file = tests::example_predictions(written.content.study->data.classes, 0.9, 5);
  file.valid_images[3] = "another image";
  other.predictions_sha256 =
      write_predictions(tests::predictions_path(written.folder.path(), other), file);
  const Evidence evidence = written.read();
  ASSERT_EQ(evidence.problems.size(), 2U);
  EXPECT_EQ(evidence.problems[0].unit, head.units[0]);
  EXPECT_NE(evidence.problems[0].reason.find("cannot read"), std::string::npos);
  EXPECT_NE(evidence.problems[1].reason.find("other images than the units"), std::string::npos);
  EXPECT_FALSE(evidence.units.contains(head.units[0]));
  EXPECT_TRUE(evidence.units.contains(head.units[1]));
}

TEST(Compare, UnitsThatCannotBeUsedAreCountedOfTheArchitectureOnly) {
  const Written written;
  const Evidence none = read_evidence("nowhere", *written.content.study, written.summaries);
  const auto answer_for = [&](const std::string& architecture) {
    return recommend(written.summaries,
                     precision_of(*written.content.study, written.summaries, none), architecture,
                     compare_levels(*written.content.study, written.summaries, architecture, none));
  };
  const Recommendation answer = answer_for("squeezenet1_1");
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  expect_says(answer, "For now fire4 looks best");
  expect_says(answer,
              "Without the predictions of its units the error of a difference is not known");
  expect_says(answer, "The predictions of 15 units cannot be used, which are left out of the");
  expect_says(answer, "predictions.csv: cannot read");
  EXPECT_EQ(all_words(answer_for("mobilenet_v2")).find("cannot be used"), std::string::npos);
}

TEST(Compare, FewGroupsAreACaution) {
  Written written;
  // The example has 500 validation images of each class.
  tests::write_example_predictions(written.folder.path(), written.content, 100);
  const auto few = written.compare().cautions;
  ASSERT_EQ(few.size(), 1U);
  EXPECT_NE(few[0].find("on 10 groups (patients, slides)"), std::string::npos) << few[0];
  tests::write_example_predictions(written.folder.path(), written.content, 20);
  EXPECT_TRUE(written.compare().cautions.empty());
}

TEST(Compare, AnErrorThatFewOfManyGroupsMakeUpIsACaution) {
  Written written;
  for (UnitRecord& unit : written.content.units) {
    const auto path = tests::predictions_path(written.folder.path(), unit);
    PredictionsFile file = read_predictions(path, unit.predictions_sha256);
    tests::add_example_groups(file, 20);
    // All in order but for the images of one patient of each class.
    for (std::size_t i = 0; i < file.valid.size(); ++i) {
      const bool hard = file.valid_groups[i].ends_with(" patient 0");
      const bool is_second = file.valid.labels[i] == 1;
      const double p = hard ? file.valid.probabilities[2 * i + 1] : is_second ? 1 - 1e-6 : 1e-6;
      file.valid.probabilities[2 * i] = 1 - p;
      file.valid.probabilities[2 * i + 1] = p;
    }
    unit.predictions_sha256 = write_predictions(path, file);
  }
  const auto few = written.compare().cautions;
  ASSERT_EQ(few.size(), 1U);
  EXPECT_NE(few[0].find("Of the 50 groups (patients, slides) of images that levels"),
            std::string::npos)
      << few[0];
}

TEST(Compare, GroupsThatTheFilesDoNotNameAreACaution) {
  Written written;
  written.content.study->data.groups = 40;
  const Comparison comparison = written.compare();
  ASSERT_EQ(comparison.cautions.size(), 1U);
  EXPECT_NE(comparison.cautions[0].find("do not name the groups"), std::string::npos);
}

TEST(Compare, AClassOfOneGroupInValidationIsNamedAndNothingSimulated) {
  Written written;
  // Groups of 600: all 500 images of a class in a part are one.
  tests::write_example_predictions(written.folder.path(), written.content, 600);
  const Evidence evidence = written.read();
  EXPECT_EQ(evidence.classes_in_few_groups, (std::set<std::string>{"normal", "tumour"}));
  const Recommendation answer = recommend(
      written.summaries, precision_of(*written.content.study, written.summaries, evidence),
      "squeezenet1_1",
      compare_levels(*written.content.study, written.summaries, "squeezenet1_1", evidence));
  EXPECT_EQ(answer.kind, Kind::cannot_tell);
  expect_says(answer, "Cannot tell: the error of a difference is not known. For now fire4 looks");
  expect_says(answer,
              "fewer than 3 groups (patients, slides; else images) of class normal, tumour");
  expect_says(answer, "Raise --valid-fraction, use --folds, or add patients.");
  EXPECT_EQ(all_words(answer).find("would settle it"), std::string::npos);
}

TEST(Compare, LevelsWithoutTwoSeedsInCommonAreNotSimulated) {
  Contest one;
  one.only({"head", "all"});
  one.add("head", {0.85, 0.851, 0.852});
  one.add("all", {0.90, 0.901, 0.902});
  one.fail(2);
  one.fail(3);
  one.units[4].key.seed = 7;
  expect_says(one.answer(), "Some two levels have fewer than two seeds or folds in common");
  EXPECT_EQ(all_words(one.answer()).find("would settle it"), std::string::npos);
}

TEST(Compare, ImagesAddToTheErrorOfSeeds) {
  const Written written;
  const Comparison comparison = written.compare();
  ASSERT_EQ(comparison.levels.size(), 5U);
  EXPECT_EQ(comparison.folds, 1U);
  EXPECT_GT(comparison.valid.images, 0);
  EXPECT_GT(comparison.test.images, 0);
  EXPECT_TRUE(comparison.is_good_enough(2)) << "fire7";
  EXPECT_FALSE(comparison.is_good_enough(1)) << "fire9";
  EXPECT_EQ(comparison.best, 3U) << "fire4";
}

TEST(Compare, ARuleThatCannotBeIsABug) {
  const Written written;
  const Evidence evidence = written.read();
  const auto with = [&](Rule rule) {
    return compare_levels(*written.content.study, written.summaries, "squeezenet1_1", evidence,
                          rule);
  };
  EXPECT_THROW(with({.margin = 0}), std::logic_error);
  EXPECT_THROW(with({.confidence = 1}), std::logic_error);
}

}  // namespace
}  // namespace fathom::results
