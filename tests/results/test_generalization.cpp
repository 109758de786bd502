// Numbers by hand, with quantiles and intervals from scipy (DeLong's components by numpy).
#include <gmock/gmock.h>

#include <cmath>

#include "fathom/results/corrupted_predictions.h"
#include "fathom/results/generalization.h"
#include "fathom/results/predictions.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

constexpr const char* kSet = "site2";
constexpr double kT2 = 4.302652729911275;  // scipy.stats.t.ppf(0.975, 2)

/// head and all of SqueezeNet in a folder, with an external set of 4 negative and 4 positive
/// images.
struct StudyOnDisk {
  tests::TemporaryFolder folder;
  JournalContent content{.study = tests::example_study(), .units = {}};

  StudyOnDisk() {
    content.study->architectures = {tests::example_squeezenet()};
    content.study->architectures[0].levels = {{"head", 0}, {"all", 9}};
    content.study->data.external = {{.name = kSet, .images = 8}};
  }

  UnitRecord& add(const Level& level, std::uint64_t seed, int fold = 0) {
    content.units.push_back(tests::example_unit("squeezenet1_1", level, seed, 0.9, 0));
    content.units.back().key.fold = fold;
    content.units.back().train.reset();
    return content.units.back();
  }

  /// The probabilities of the positive class, which the record vouches for.
  void write_external(UnitRecord& unit, const std::vector<double>& positive_probability) const {
    PredictionsFile file{.classes = {"normal", "tumour"}};
    file.valid.classes = file.test.classes = 2;
    for (std::size_t i = 0; i < positive_probability.size(); ++i) {
      const double p = positive_probability[i];
      file.test.probabilities.insert(file.test.probabilities.end(), {1 - p, p});
      file.test.labels.push_back(i < 4 ? 0 : 1);
      file.test_images.push_back("image-" + std::to_string(i));
    }
    unit.external = {{kSet, stats::score(file.test, 1), ""}};
    unit.external[0].predictions_sha256 =
        write_predictions(folder / "units" / unit.key.id() / external_file_name(kSet), file);
  }

  /// Of the only level, or of the difference of both. Predictions of the study's own images are
  /// written anew.
  LevelGeneralization measure() {
    tests::write_example_predictions(folder.path(), content);
    const auto summaries = summarize(*content.study, content.units);
    evidence = read_evidence(folder.path(), *content.study, summaries);
    levels = generalization_of(*content.study, summaries, evidence);
    const auto differences = against_full_tuning(*content.study, summaries, evidence);
    EXPECT_FALSE(differences[1]) << "all minus itself";
    return summaries[1].units.empty() ? levels[0] : differences[0].value();
  }

  Evidence evidence;
  std::vector<LevelGeneralization> levels;
};

// Negatives first.
const std::vector<std::vector<double>> kScores{{.5, .3, .2, .1, .9, .8, .6, .4},
                                               {.6, .3, .2, .1, .9, .7, .5, .45},
                                               {.55, .2, .4, .1, .8, .85, .3, .7}};

void expect_interval(const Measured& found, double mean, double low, double high) {
  EXPECT_NEAR(found.mean, mean, 1e-12);
  EXPECT_NEAR(found.interval.low, low, 1e-9);
  EXPECT_NEAR(found.interval.high, high, 1e-9);
}

void expect_undefined(const Measured& found) {
  EXPECT_TRUE(std::isnan(found.mean) && std::isnan(found.interval.low));
  EXPECT_EQ(found.trainings, 0U);
  EXPECT_FALSE(found.covers_images);
}

/// Further scores, for corrupted images.
const std::vector<std::vector<double>> kCorrupted{kScores[0],
                                                  kScores[1],
                                                  kScores[2],
                                                  {.7, .35, .2, .1, .9, .6, .3, .4},
                                                  {.45, .3, .65, .1, .5, .6, .3, .7},
                                                  {.2, .6, .4, .1, .95, .3, .7, .5}};

/// Scores 4 negative and 4 positive test images under stain and JPEG, the `row`th of kScores as
/// they are, and keeps the predictions. Severity s takes row (first + s * step) of kCorrupted, with
/// a step of 1 under stain and 2 under JPEG.
void write_corrupted_images(StudyOnDisk& study, UnitRecord& unit, std::size_t row,
                            std::size_t first) {
  CorruptedPredictions file{.classes = 2, .test_rows = {0, 10, 20, 30, 500, 600, 700, 800}};
  const auto scored = [&](const std::vector<double>& scores, std::vector<float>& logarithms) {
    for (const double p : scores) {
      logarithms.push_back(static_cast<float>(std::log(1 - p)));
      logarithms.push_back(static_cast<float>(std::log(p)));
    }
    return stats::auc(scores, std::vector<int>{0, 0, 0, 0, 1, 1, 1, 1});
  };
  unit.uncorrupted_auc = scored(kScores[row], file.uncorrupted);
  std::size_t step = 0;
  for (const char* kind : {"stain", "jpeg"}) {
    ++step;
    for (int severity = 1; severity <= 5; ++severity) {
      const auto& scores = kCorrupted[(first + static_cast<std::size_t>(severity) * step) % 6];
      unit.corruptions.push_back(
          {kind, severity, scored(scores, file.corrupted[{kind, severity}])});
    }
  }
  unit.corrupted_sha256 =
      write_corrupted(study.folder / "units" / unit.key.id() / kCorruptedFile, file);
}

/// Stain and JPEG at severities 1 and 2, in this order.
void corrupt(UnitRecord& unit, double uncorrupted, const std::vector<double>& aucs) {
  unit.uncorrupted_auc = uncorrupted;
  unit.corruptions = {
      {"stain", 1, aucs[0]}, {"stain", 2, aucs[1]}, {"jpeg", 1, aucs[2]}, {"jpeg", 2, aucs[3]}};
}

}  // namespace

TEST(Generalization, OfCorruptionsIsTheMeanOverKindsAndSeveritiesWithStudentsInterval) {
  StudyOnDisk study;
  corrupt(study.add({"head", 0}, 0), 0.90, {.80, .70, .90, .60});
  corrupt(study.add({"head", 0}, 1), 0.92, {.84, .74, .90, .64});
  corrupt(study.add({"head", 0}, 2), 0.91, {.82, .72, .88, .58});
  const LevelGeneralization made = study.measure();
  // Drops 0.15, 0.14 and 0.16: a standard deviation of 0.01.
  const double half = kT2 * 0.01 / std::sqrt(3.0);
  expect_interval(made.drop, 0.15, 0.15 - half, 0.15 + half);
  EXPECT_FALSE(made.drop.covers_images);
  EXPECT_NEAR(made.uncorrupted.mean, 0.91, 1e-12);
  EXPECT_NEAR(made.corrupted.mean, 0.76, 1e-12);
  ASSERT_EQ(made.corruptions.size(), 2U);
  EXPECT_EQ(made.corruptions[0].first, "stain");
  EXPECT_NEAR(made.corruptions[0].second.mean, 0.77, 1e-12);
  EXPECT_NEAR(made.corruptions[1].second.mean, 0.75, 1e-12);
  ASSERT_EQ(made.severities.size(), 5U);
  EXPECT_NEAR(made.severities[0].mean, 2.57 / 3, 1e-12);
  EXPECT_NEAR(made.severities[1].mean, 1.99 / 3, 1e-12);
  expect_undefined(made.severities[2]);
}

TEST(Generalization, OfCorruptionsSharesTheVarianceOfLevels) {
  StudyOnDisk study;
  const double heads[] = {.75, .76, .74}, alls[] = {.80, .76, .78};
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    corrupt(study.add({"head", 0}, seed), 0.90, std::vector(4, heads[seed]));
    corrupt(study.add({"all", 9}, seed), 0.90, std::vector(4, alls[seed]));
  }
  const LevelGeneralization difference = study.measure();
  // Variances of 0.01^2 and 0.02^2, pooled with 4 degrees of freedom; the larger keeps its own.
  const double t4 = 2.7764451051977987;  // scipy.stats.t.ppf(0.975, 4)
  const double head = t4 * std::sqrt(2.5e-4 / 3), all = t4 * std::sqrt(4e-4 / 3);
  expect_interval(study.levels[0].drop, 0.15, 0.15 - head, 0.15 + head);
  expect_interval(study.levels[1].drop, 0.12, 0.12 - all, 0.12 + all);
  // Differences of -0.05, 0 and -0.04: a variance of 0.0007.
  const double half = kT2 * std::sqrt(7e-4 / 3);
  expect_interval(difference.corrupted, -0.03, -0.03 - half, -0.03 + half);
  EXPECT_FALSE(difference.corrupted.covers_images);
}

TEST(Generalization, OfCorruptionsCoversTheImagesWhosePredictionsAreKept) {
  StudyOnDisk study;
  for (std::uint64_t s = 0; s < 3; ++s) {
    write_corrupted_images(study, study.add({"head", 0}, s), s, s * s);
  }
  const LevelGeneralization made = study.measure();
  EXPECT_TRUE(study.evidence.corrupted_problems.empty());
  EXPECT_TRUE(made.corrupted.covers_images && made.drop.covers_images);
  // The AUCs of float32 logarithms are those of the scores.
  expect_interval(made.uncorrupted, 0.8958333333333334, 0.49888789492592867, 0.9867179775231852);
  expect_interval(made.corrupted, 0.828125, 0.5348823962471905, 0.9528011485006563);
  expect_interval(made.corruptions[0].second, 0.825, 0.5261910342223284, 0.9524082663061425);
  expect_interval(made.corruptions[1].second, 0.83125, 0.5689445413279206, 0.9484109431006202);
  expect_interval(made.severities[0], 0.8541666666666666, 0.58005362970126, 0.9612956600929546);
  expect_interval(made.severities[4], 0.8177083333333334, 0.10331844442376455, 0.9943062737110901);
  expect_interval(made.drop, 0.06770833333333333, -0.06433756783575427, 0.1997542345024209);
}

TEST(Generalization, OfOneTrainingUnderCorruptionIsOverImagesAlone) {
  StudyOnDisk study;
  write_corrupted_images(study, study.add({"head", 0}, 0), 0, 0);
  const LevelGeneralization made = study.measure();
  expect_interval(made.corrupted, 0.815625, 0.44049295813262435, 0.961325313665672);
  expect_interval(made.drop, 0.121875, -0.2002801957614494, 0.4440301957614493);
}

TEST(Generalization, OfTwoLevelsUnderCorruptionIsPairedByImage) {
  StudyOnDisk study;
  for (std::uint64_t s = 0; s < 3; ++s) {
    write_corrupted_images(study, study.add({"head", 0}, s), s, s * s);
    write_corrupted_images(study, study.add({"all", 9}, s), (s + 1) % 3, s * s + 1 + s);
  }
  const LevelGeneralization difference = study.measure();
  EXPECT_TRUE(difference.corrupted.covers_images);
  expect_interval(difference.corrupted, 0.010416666666666704, -0.06922337001169504,
                  0.09005670334502844);
  expect_interval(difference.drop, -0.010416666666666704, -0.23343490577560352, 0.2126015724422701);
}

/// A difference that no image moves does not show how sure it is, whatever other levels vary by.
TEST(Generalization, OfTwoLevelsThatNoImageTellsApartIsUnknown) {
  StudyOnDisk study;
  for (std::uint64_t s = 0; s < 3; ++s) {
    write_corrupted_images(study, study.add({"head", 0}, s), s, s);
    write_corrupted_images(study, study.add({"all", 9}, s), s, s);
  }
  const LevelGeneralization difference = study.measure();
  EXPECT_EQ(difference.corrupted.mean, 0);
  EXPECT_TRUE(std::isnan(difference.corrupted.interval.low));
  EXPECT_FALSE(difference.corrupted.covers_images);
}

TEST(Generalization, TheAucOfKeptPredictionsIsThatOfTheirLogarithmsAsFloat32) {
  const std::vector<double> close{0.7, 0.7 + 1e-12};
  std::vector<float> logarithms;
  for (const double p : close) {
    logarithms.push_back(static_cast<float>(std::log(1 - p)));
    logarithms.push_back(static_cast<float>(std::log(p)));
  }
  const stats::Predictions kept = of_logarithms(logarithms, 2, {0, 1});
  EXPECT_NEAR(kept.probabilities[1], 0.7, 1e-7);
  EXPECT_EQ(stats::score(kept, 1).auc, 0.5) << "a tie in the file is one in the record";
}

TEST(Generalization, WithoutAFileOfCorruptedImagesIsOverTrainingsAlone) {
  StudyOnDisk study;
  for (std::uint64_t s = 0; s < 3; ++s) {
    write_corrupted_images(study, study.add({"head", 0}, s), s, s * s);
  }
  const std::string id = study.content.units[1].key.id();
  std::filesystem::remove(study.folder / "units" / id / kCorruptedFile);
  const LevelGeneralization made = study.measure();
  ASSERT_EQ(study.evidence.corrupted_problems.size(), 1U);
  EXPECT_EQ(study.evidence.corrupted_problems[0].unit->key.id(), id);
  EXPECT_THAT(study.evidence.corrupted_problems[0].reason, testing::HasSubstr(kCorruptedFile));
  EXPECT_FALSE(made.corrupted.covers_images);
  EXPECT_NEAR(made.corrupted.mean, 0.828125, 1e-12);
  EXPECT_EQ(made.corrupted.trainings, 3U);
  EXPECT_FALSE(std::isnan(made.corrupted.interval.low));
}

TEST(Generalization, CorruptedImagesThatAreOthersAreAProblem) {
  StudyOnDisk study;
  for (std::uint64_t s = 0; s < 2; ++s) {
    write_corrupted_images(study, study.add({"head", 0}, s), s, s);
  }
  UnitRecord& unit = study.content.units[1];
  const auto path = study.folder / "units" / unit.key.id() / kCorruptedFile;
  const stats::Predictions test{2, std::vector<double>(2000), std::vector<int>(1000)};
  CorruptedPredictions file = read_corrupted(path, unit.corrupted_sha256, test);
  file.test_rows[0] = 1;
  unit.corrupted_sha256 = write_corrupted(path, file);
  EXPECT_FALSE(study.measure().drop.covers_images);
  ASSERT_EQ(study.evidence.corrupted_problems.size(), 1U);
  EXPECT_EQ(study.evidence.corrupted_problems[0].reason,
            "it was scored on other images than the units before it");

  file.test_rows[0] = 0;
  file.corrupted.erase({"jpeg", 4});
  unit.corrupted_sha256 = write_corrupted(path, file);
  study.measure();
  ASSERT_EQ(study.evidence.corrupted_problems.size(), 1U);
  EXPECT_THAT(study.evidence.corrupted_problems[0].reason,
              testing::HasSubstr("lack jpeg, severity 4"));
}

TEST(Generalization, OverFoldsIsTheCorrectedResampledTOfTheMeansOverSeeds) {
  StudyOnDisk study;
  const double drops[3][2] = {{.10, .12}, {.15, .19}, {.20, .20}};
  for (int fold = 0; fold < 3; ++fold) {
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      const double auc = 0.9 - drops[fold][seed];
      corrupt(study.add({"head", 0}, seed, fold), 0.9, {auc, auc, auc, auc});
    }
  }
  const LevelGeneralization made = study.measure();
  // 1000 images tested to 3998 trained on, as in example_data().
  expect_interval(made.drop, 0.16, 0.009391012299003076, 0.31060898770099693);
  EXPECT_EQ(made.drop.trainings, 6U);
  EXPECT_FALSE(made.valid_to_test.covers_images) << "folds have no images in common";
}

/// The seeds of the folds of a level and of the one that tunes everything: the difference is over
/// those that both have.
TEST(Generalization, OverFoldsAnIncompleteLevelIsComparedOverWhatItHas) {
  StudyOnDisk study;
  study.content.study->architectures[0].levels = {{"head", 0}, {"fire9", 1}, {"all", 9}};
  const auto add = [&](const Level& level, std::uint64_t seed, int fold, double auc) {
    corrupt(study.add(level, seed, fold), 0.9, {auc, auc, auc, auc});
  };
  const double heads[3][2] = {{.70, .72}, {.71, .75}, {.74, .73}};
  const double alls[3][2] = {{.75, .76}, {.78, .78}, {.76, .79}};
  for (int fold = 0; fold < 3; ++fold) {
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      add({"head", 0}, seed, fold, heads[fold][seed]);
      add({"all", 9}, seed, fold, alls[fold][seed]);
    }
  }
  tests::write_example_predictions(study.folder.path(), study.content);
  const auto difference_of = [&](std::size_t level) {
    const auto summaries = summarize(*study.content.study, study.content.units);
    const Evidence evidence = read_evidence(study.folder.path(), *study.content.study, summaries);
    return against_full_tuning(*study.content.study, summaries, evidence).at(level)->corrupted;
  };
  const Measured complete = difference_of(0);
  EXPECT_NEAR(complete.mean, (-0.045 - 0.05 - 0.04) / 3, 1e-12);
  EXPECT_EQ(complete.trainings, 6U);
  // fire9 has one seed of two folds.
  add({"fire9", 1}, 0, 0, .74);
  add({"fire9", 1}, 1, 2, .77);
  tests::write_example_predictions(study.folder.path(), study.content);
  const Measured fire9 = difference_of(1), head = difference_of(0);
  EXPECT_NEAR(fire9.mean, (-0.01 - 0.02) / 2, 1e-12);
  EXPECT_EQ(fire9.trainings, 2U);
  EXPECT_LT(fire9.interval.low, fire9.interval.high);
  EXPECT_EQ(head.mean, complete.mean);
  EXPECT_EQ(head.trainings, 6U);
  EXPECT_EQ(head.interval.low, complete.interval.low);
}

TEST(Generalization, OfTrainingImagesIsHeldAgainstValidation) {
  StudyOnDisk study;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    UnitRecord& unit = study.add({"head", 0}, seed);
    unit.validation.auc = 0.9;
    unit.validation.log_loss = 0.30;
    unit.test->auc = 0.88;
    unit.train = {1000, 0.96 + 0.02 * static_cast<double>(seed), 0.10};
  }
  const LevelGeneralization made = study.measure();
  const double t1 = 12.706204736432095;  // scipy.stats.t.ppf(0.975, 1)
  EXPECT_NEAR(made.train_auc.mean, 0.97, 1e-12);
  expect_interval(made.train_to_valid, 0.07, 0.07 - t1 * 0.01, 0.07 + t1 * 0.01);
  EXPECT_NEAR(made.log_loss_gap.mean, 0.2, 1e-12);
  EXPECT_TRUE(std::isnan(made.log_loss_gap.interval.low)) << "nothing moved: not known how sure";
  EXPECT_NEAR(made.valid_to_test.mean, 0.02, 1e-12);
  EXPECT_TRUE(made.valid_to_test.covers_images);
  // Two equal gaps still have an error: that of the images of both parts.
  const UnitEvidence& one = study.evidence.units.begin()->second;
  const double images =
      stats::covariance(one.valid, one.valid) + stats::covariance(one.test, one.test);
  const double width = made.valid_to_test.interval.high - made.valid_to_test.interval.low;
  EXPECT_NEAR(width, 2 * 1.96 * std::sqrt(images), 0.1 * width);
}

TEST(Generalization, OfAnExternalSetCoversItsImages) {
  StudyOnDisk one;
  one.write_external(one.add({"head", 0}, 0), kScores[0]);
  const Measured alone = one.measure().external.at(0).second;
  expect_interval(alone, 0.9375, 0.29755408607977013, 0.9981208837326154);
  EXPECT_TRUE(alone.covers_images);

  StudyOnDisk three;
  for (std::uint64_t s = 0; s < 3; ++s) three.write_external(three.add({"head", 0}, s), kScores[s]);
  expect_interval(three.measure().external.at(0).second, 0.8958333333333334, 0.49888789492592855,
                  0.9867179775231852);

  StudyOnDisk folds;  // which share its images
  for (int f = 0; f < 3; ++f) {
    folds.write_external(folds.add({"head", 0}, 0, f), kScores[static_cast<std::size_t>(f)]);
  }
  const LevelGeneralization made = folds.measure();
  EXPECT_EQ(made.external.at(0).first, kSet);
  expect_interval(made.external.at(0).second, 0.8958333333333334, 0.4932651414544779,
                  0.9870095529112682);
}

TEST(Generalization, WithoutPredictionsOfAnExternalSetIsOverTrainingsAlone) {
  StudyOnDisk study;
  const double aucs[] = {.80, .82, .87};
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    UnitRecord& unit = study.add({"head", 0}, seed);
    study.write_external(unit, kScores[seed]);
    unit.external[0].scores.auc = aucs[seed];
    std::filesystem::remove_all(study.folder / "units" / unit.key.id());
  }
  const Measured found = study.measure().external.at(0).second;
  expect_interval(found, 0.83, 0.7212863911719598, 0.9020668050201412);
  EXPECT_FALSE(found.covers_images);
  ASSERT_EQ(study.evidence.external_problems.size(), 3U);
  EXPECT_NE(study.evidence.external_problems[0].reason.find("external-site2.csv"),
            std::string::npos);
  EXPECT_EQ(study.evidence.units.size(), 3U) << "the study's own predictions are there";
}

TEST(Generalization, AnExternalSetOfOtherImagesIsAProblem) {
  StudyOnDisk study;
  study.write_external(study.add({"head", 0}, 0), kScores[0]);
  study.write_external(study.add({"head", 0}, 1), {.5, .3, .2, .1, .9, .8});
  EXPECT_FALSE(study.measure().external.at(0).second.covers_images);
  ASSERT_EQ(study.evidence.external_problems.size(), 1U);
  EXPECT_EQ(study.evidence.external_problems[0].reason,
            "it was scored on other images than the units before it");
}

TEST(Generalization, OfOneSeedOrOfNothingIsUndefinedRatherThanCertain) {
  StudyOnDisk study;
  corrupt(study.add({"head", 0}, 0), 0.9, {.8, .7, .9, .6});
  const LevelGeneralization made = study.measure();
  EXPECT_NEAR(made.drop.mean, 0.15, 1e-12);
  EXPECT_TRUE(std::isnan(made.drop.interval.low)) << "one training shows no error";
  expect_undefined(made.external.at(0).second);
  expect_undefined(made.train_auc);
  expect_undefined(made.train_to_valid);
  expect_undefined(made.log_loss_gap);

  study.content.units.clear();
  study.content.study->data.external.clear();
  const LevelGeneralization nothing = study.measure();
  EXPECT_TRUE(nothing.external.empty() && nothing.corruptions.empty() &&
              nothing.severities.empty());
  expect_undefined(nothing.valid_to_test);
  expect_undefined(nothing.drop);
  EXPECT_TRUE(to_json(nothing)["drop"]["mean"].is_null());
}

TEST(Generalization, CountsTheKindsThatEveryUnitWasScoredUnder) {
  StudyOnDisk study;
  corrupt(study.add({"head", 0}, 0), 0.9, {.8, .8, .8, .8});
  UnitRecord& newer = study.add({"head", 0}, 1);
  corrupt(newer, 0.9, {.8, .8, .8, .8});
  newer.corruptions.push_back({"magnification", 1, 0.5});
  study.add({"head", 0}, 2);  // was not corrupted at all
  const LevelGeneralization made = study.measure();
  EXPECT_EQ(made.corruptions.size(), 2U);
  EXPECT_NEAR(made.corrupted.mean, 0.8, 1e-12);
  EXPECT_EQ(made.corrupted.trainings, 2U);
}

TEST(Generalization, OfTwoLevelsIsPairedBySeedAndImage) {
  StudyOnDisk study;
  UnitRecord& head = study.add({"head", 0}, 5);
  study.write_external(head, kScores[0]);
  corrupt(head, 0.9, {.8, .8, .8, .8});
  UnitRecord& all = study.add({"all", 9}, 5);
  study.write_external(all, kScores[1]);
  corrupt(all, 0.92, {.7, .7, .7, .7});
  corrupt(study.add({"all", 9}, 6), 0.5, {.5, .5, .5, .5});  // the head has no such seed
  const LevelGeneralization difference = study.measure();
  expect_interval(difference.external.at(0).second, 0.0625, -0.14650523035594298,
                  0.271505230355943);
  EXPECT_NEAR(difference.corrupted.mean, 0.1, 1e-12);
  EXPECT_NEAR(difference.drop.mean, -0.12, 1e-12);
  EXPECT_EQ(difference.corrupted.trainings, 1U);
  EXPECT_EQ(robustness_in_words(difference, "head", "all"),
            "AUC of head minus that of all, over the same trainings: +0.062 on site2 [-0.147, "
            "+0.272; over other images], -0.020 on test images as they are, +0.100 on "
            "the same images under corruption.");
}

TEST(Generalization, WithoutSetsAndCorruptionsThereIsNothingToSayOfRobustness) {
  StudyOnDisk study;
  study.add({"head", 0}, 0);
  study.add({"all", 9}, 0);
  EXPECT_EQ(robustness_in_words(study.measure(), "head", "all"), "");
}

TEST(FiguresBeyondTest, HaveTheSameNamesForEveryUnit) {
  StudyOnDisk study;
  UnitRecord& unit = study.add({"head", 0}, 0);
  const auto bare = figures_beyond_test(unit, *study.content.study);
  for (const auto& [name, value] : bare) EXPECT_TRUE(std::isnan(value)) << name;
  corrupt(unit, 0.9, {.8, .7, .9, .6});
  unit.train = {10, 0.99, 0.05};
  study.write_external(unit, kScores[0]);
  const auto found = figures_beyond_test(unit, *study.content.study);
  std::map<std::string, double> by_name;
  ASSERT_EQ(found.size(), bare.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].first, bare[i].first);
    by_name.insert(found[i]);
  }
  EXPECT_EQ(by_name.at("train_auc"), 0.99);
  EXPECT_EQ(by_name.at("train_log_loss"), 0.05);
  EXPECT_EQ(by_name.at("external_site2_auc"), 0.9375);
  EXPECT_EQ(by_name.at("uncorrupted_auc"), 0.9);
  EXPECT_EQ(by_name.at("corrupted_stain_2"), 0.7);
  EXPECT_EQ(by_name.at("corrupted_jpeg_1"), 0.9);
  EXPECT_TRUE(std::isnan(by_name.at("corrupted_magnification_5")));
}

}  // namespace fathom::results
