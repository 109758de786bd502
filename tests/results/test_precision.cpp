#include <gtest/gtest.h>

#include <cmath>

#include "fathom/results/compare.h"
#include "fathom/results/precision.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using stats::Figure;

/// One level of the example study, in groups of `group_size` images, with its predictions on disk.
struct LevelOnDisk {
  tests::TemporaryFolder folder;
  JournalContent content{.study = tests::example_study(), .units = {}};
  std::vector<LevelSummary> summaries;

  explicit LevelOnDisk(std::size_t seeds, std::size_t group_size = 0,
                       const std::vector<double>& folds = {0.9}) {
    content.study->architectures = {tests::example_squeezenet()};
    content.study->architectures[0].levels = {{"head", 0}};
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
      for (std::size_t seed = 0; seed < seeds; ++seed) {
        const double auc = folds[fold] + 0.01 * static_cast<double>(seed);
        content.units.push_back(tests::example_unit("squeezenet1_1", {"head", 0}, seed, auc, 0));
        content.units.back().key.fold = static_cast<int>(fold);
      }
    }
    tests::write_example_predictions(folder.path(), content, group_size);
    summaries = summarize(*content.study, content.units);
  }
  /// Lets `change` change the predictions of every unit.
  template <class Change>
  void change_predictions(Change change) {
    for (UnitRecord& unit : content.units) {
      const auto path = tests::predictions_path(folder.path(), unit);
      PredictionsFile file = read_predictions(path, unit.predictions_sha256);
      change(unit, file);
      unit.predictions_sha256 = write_predictions(path, file);
    }
  }
  Evidence read() const { return read_evidence(folder.path(), *content.study, summaries); }
  LevelPrecision precision() const { return precision_of(*content.study, summaries, read())[0]; }
};

void expect_around(const stats::Interval& interval, double value) {
  EXPECT_LT(interval.low, value);
  EXPECT_GT(interval.high, value);
}

double width(const stats::Interval& interval) { return interval.high - interval.low; }

TEST(Precision, CoversSeedsAndImagesWithTheirPartsApart) {
  const LevelOnDisk level(3);
  const Evidence evidence = level.read();
  const LevelPrecision precision = precision_of(*level.content.study, level.summaries, evidence)[0];
  const LevelFigure& auc = precision.test.at(Cases::images)[Figure::auc];
  expect_around(auc.over_images, auc.mean);
  expect_around(auc.over_all, auc.mean);
  EXPECT_GT(width(auc.over_all), width(auc.over_images));
  EXPECT_EQ(auc.widest().low, auc.over_all.low);

  // The same parts by DeLong's method instead of the bootstrap.
  std::vector<stats::AucSample> samples;
  for (const auto& [unit, found] : evidence.units) samples.push_back(found.test);
  const stats::SeedMean expected = stats::mean_over_seeds(samples);
  EXPECT_NEAR(auc.mean, expected.mean, 1e-12);
  EXPECT_NEAR(std::sqrt(auc.images), std::sqrt(expected.images), 0.1 * std::sqrt(expected.images));
  EXPECT_NEAR(auc.seeds, expected.seeds_alone(), 0.1 * expected.seeds_alone());
  EXPECT_GT(auc.seeds_by_images, 0);
  for (const stats::FigureKind& kind : stats::kFigureKinds) {
    const LevelFigure& figure = precision.test.at(Cases::images)[kind.figure];
    expect_around(figure.over_images, figure.mean);
    EXPECT_GE(figure.over_all.low, kind.range.low) << kind.name;
  }
}

TEST(Precision, DoesNotDependOnTheOrderOfTheTrainings) {
  // One training has all test images in order, the other not.
  const auto interval = [](std::uint64_t perfect) {
    LevelOnDisk level(2);
    for (UnitRecord& unit : level.content.units) {
      if (unit.key.seed != perfect) continue;
      const auto path = tests::predictions_path(level.folder.path(), unit);
      PredictionsFile file = read_predictions(path, unit.predictions_sha256);
      for (std::size_t i = 0; i < file.test.size(); ++i) {
        const double p = file.test.labels[i] == 1 ? 0.75 : 0.25;
        file.test.probabilities[2 * i] = 1 - p;
        file.test.probabilities[2 * i + 1] = p;
      }
      unit.predictions_sha256 = write_predictions(path, file);
    }
    return level.precision().test.at(Cases::images)[Figure::auc].widest();
  };
  EXPECT_FALSE(std::isnan(interval(0).low));
  EXPECT_FALSE(std::isnan(interval(1).low));
}

TEST(Precision, OfOneTrainingIsOverImagesAlone) {
  const LevelPrecision precision = LevelOnDisk(1).precision();
  const LevelFigure& auc = precision.test.at(Cases::images)[Figure::auc];
  EXPECT_TRUE(std::isnan(auc.over_all.low) && std::isnan(auc.seeds) && std::isnan(auc.images));
  expect_around(auc.widest(), auc.mean);
  expect_around(precision.valid_auc.widest(), precision.valid_auc.mean);
}

/// As if every fold were tested on images of its own.
void give_folds_their_own_images(LevelOnDisk& level) {
  level.change_predictions([](const UnitRecord& unit, PredictionsFile& file) {
    for (std::string& name : file.test_images) name += "-" + std::to_string(unit.key.fold);
  });
}

TEST(Precision, OverFoldsIsTheCorrectedResampledT) {
  LevelOnDisk level(2, 0, {0.88, 0.90, 0.93});
  give_folds_their_own_images(level);
  const LevelFigure auc = level.precision().test.at(Cases::images)[Figure::auc];
  EXPECT_TRUE(std::isnan(auc.over_images.low) && std::isnan(auc.images));
  std::vector<double> folds(3);
  for (const auto& [unit, found] : level.read().units) {
    folds[static_cast<std::size_t>(unit->key.fold)] += found.test.auc / 2;
  }
  const double mean = (folds[0] + folds[1] + folds[2]) / 3;
  double variance = 0;
  for (const double fold : folds) variance += (fold - mean) * (fold - mean) / 2;
  const double test_to_train = 1000.0 / 3998;  // as in example_data()
  const double t = 4.302652729911275;          // scipy.stats.t.ppf(0.975, 2)
  EXPECT_NEAR(auc.mean, mean, 1e-12);
  const double error = std::sqrt((1.0 / 3 + test_to_train) * variance);
  const double odds = std::log(mean / (1 - mean)) - t * error / (mean * (1 - mean));
  EXPECT_NEAR(auc.over_all.low, 1 / (1 + std::exp(-odds)), 1e-9);
}

/// The data's own test part is that of every fold: its images move all folds alike, which is no
/// part of the variance between them.
TEST(Precision, OverFoldsThatShareTestImagesTheseCountToo) {
  LevelOnDisk shared(1, 0, {0.9, 0.9, 0.9}), own(1, 0, {0.9, 0.9, 0.9});
  give_folds_their_own_images(own);
  EXPECT_TRUE(shared.read().one_test_part);
  EXPECT_FALSE(own.read().one_test_part);
  const LevelFigure with = shared.precision().test.at(Cases::images)[Figure::auc];
  const LevelFigure without = own.precision().test.at(Cases::images)[Figure::auc];
  EXPECT_EQ(with.mean, without.mean);
  std::vector<stats::AucSample> samples;
  for (const auto& [unit, found] : shared.read().units) samples.push_back(found.test);
  const stats::Estimate expected = stats::over_seeds_and_images(
      stats::mean_over_seeds(samples),
      stats::mean_over_seeds(samples).between_trainings * (1 + 3 * 1000.0 / 3998), 2);
  EXPECT_NEAR(width(with.over_all), width(expected.interval_within({0, 1})),
              0.1 * width(with.over_all));
  EXPECT_GT(width(with.over_all), 1.2 * width(without.over_all));
  expect_around(with.over_images, with.mean);
}

TEST(Precision, WithoutPredictionsIsUndefined) {
  LevelOnDisk level(2);
  std::filesystem::remove_all(level.folder / "units");
  const LevelPrecision precision = level.precision();
  EXPECT_TRUE(precision.test.empty());
  EXPECT_TRUE(std::isnan(precision.valid_auc.mean) && std::isnan(precision.valid_auc.over_all.low));
}

TEST(Precision, OfTwoPatientsOfAClassIsNotKnown) {
  const LevelPrecision two = LevelOnDisk(2, 250).precision();  // a class has 500 images in a part
  EXPECT_TRUE(std::isnan(two.valid_auc.widest().low));
  EXPECT_TRUE(std::isnan(two.test.at(Cases::images)[Figure::auc].widest().low));
  const LevelPrecision four = LevelOnDisk(2, 125).precision();
  const LevelFigure& auc = four.test.at(Cases::images)[Figure::auc];
  expect_around(auc.widest(), auc.mean);
}

TEST(Precision, OfOneGroupOrThreeImages) {
  LevelOnDisk one_group(2, 0);
  one_group.change_predictions([](const UnitRecord&, PredictionsFile& file) {
    file.valid_groups.assign(file.valid.size(), "patient");
    file.test_groups.assign(file.test.size(), "patient");
  });
  const LevelFigure figure = one_group.precision().test.at(Cases::images)[Figure::accuracy];
  EXPECT_GT(figure.mean, 0.5);
  EXPECT_TRUE(std::isnan(figure.widest().low)) << "one group does not show how groups differ";

  LevelOnDisk three_images(2, 0);
  three_images.change_predictions([](const UnitRecord&, PredictionsFile& file) {
    file.test = {2, {0.75, 0.25, 0.25, 0.75, 0.5, 0.5}, {0, 1, 1}};
    file.test_images = {"a", "b", "c"};
  });
  const LevelFigure auc = three_images.precision().test.at(Cases::images)[Figure::auc];
  EXPECT_EQ(auc.mean, 1);
  EXPECT_TRUE(std::isnan(auc.widest().low)) << "no draw can put them out of order";
  const TestAuc test = test_auc_of(three_images.summaries[0], three_images.precision());
  EXPECT_EQ(test.mean, 1);
  EXPECT_TRUE(std::isnan(test.interval.low)) << "nor do the seeds tell";
}

TEST(GroupsAsCases, AreScoredWhereEachIsOfOneClass) {
  const LevelOnDisk level(2, 10);
  const Evidence evidence = level.read();
  EXPECT_EQ(evidence.no_group_scores, "");
  const UnitRecord& unit = level.content.units[0];
  const UnitEvidence& found = evidence.units.at(&unit);
  const PredictionsFile file =
      read_predictions(tests::predictions_path(level.folder.path(), unit), unit.predictions_sha256);
  // Mean probability of the positive class by patient, by hand.
  std::map<std::string, double> sums;
  std::map<std::string, int> labels;
  for (std::size_t i = 0; i < file.test.size(); ++i) {
    sums[file.test_groups[i]] += file.test.probabilities[2 * i + 1];
    labels[file.test_groups[i]] = file.test.labels[i];
  }
  std::vector<double> scores;
  std::vector<int> is_positive;
  for (const auto& [name, sum] : sums) {
    scores.push_back(sum / 10);
    is_positive.push_back(labels[name]);
  }
  const CaseScores& mean = found.test_scores.at(Cases::groups_by_mean);
  EXPECT_EQ(mean.cases, 100U);
  EXPECT_EQ(mean.groups, 100U);
  EXPECT_NEAR(mean.values[Figure::auc], stats::auc(scores, is_positive), 1e-12);
  EXPECT_GT(mean.values[Figure::auc], found.test_scores.at(Cases::images).values[Figure::auc]);
  EXPECT_EQ(found.test_scores.at(Cases::images).groups, 100U);
  EXPECT_LT(found.test_scores.at(Cases::groups_by_max).values[Figure::specificity],
            mean.values[Figure::specificity]);
  EXPECT_GT(mean.threshold, 0);
  EXPECT_NE(mean.threshold, found.figures.threshold) << "that of images is another";
  std::size_t found_positives = 0;
  for (std::size_t g = 0; g < scores.size(); ++g) {
    found_positives += is_positive[g] == 1 && scores[g] >= mean.threshold;
  }
  EXPECT_NEAR(mean.values[Figure::sensitivity_at_threshold],
              static_cast<double>(found_positives) / 50, 1e-12);
  EXPECT_LT(mean.by_formula[Figure::sensitivity].low, mean.values[Figure::sensitivity]);
  const CaseScores& max = found.test_scores.at(Cases::groups_by_max);
  expect_around(max.by_bootstrap(Figure::accuracy), max.values[Figure::accuracy]);
  EXPECT_TRUE(level.precision().test.contains(Cases::groups_by_max));
}

TEST(GroupsAsCases, AreLeftOutWhereOneHasSeveralClassesAndThatIsSaid) {
  LevelOnDisk level(2, 10);
  level.change_predictions([](const UnitRecord&, PredictionsFile& file) {
    file.test_groups.front() = file.test_groups.back();
  });
  const Evidence evidence = level.read();
  EXPECT_NE(
      evidence.no_group_scores.find("1 of 100 groups of the test part have images of several"),
      std::string::npos)
      << evidence.no_group_scores;
  EXPECT_EQ(evidence.units.begin()->second.test_scores.size(), 1U);
}

TEST(CaseScoresInGroups, HaveProportionsWhoseIntervalsKnowThem) {
  LevelOnDisk level(1, 10);
  // Patients in whom half of the images are taken wrongly.
  level.change_predictions([](const UnitRecord&, PredictionsFile& file) {
    for (std::size_t i = 0; i < file.test.size(); ++i) {
      const bool hard = i / 10 % 4 == 0 && i % 2 == 0;  // of every fourth patient
      const bool positive = (file.test.labels[i] == 1) != hard;
      file.test.probabilities[2 * i + 1] = positive ? 0.9 : 0.1;
      file.test.probabilities[2 * i] = positive ? 0.1 : 0.9;
    }
  });
  const Evidence evidence = level.read();
  const UnitEvidence& found = evidence.units.begin()->second;
  const CaseScores& scores = found.test_scores.at(Cases::images);
  for (const Figure figure : {Figure::accuracy, Figure::sensitivity, Figure::specificity,
                              Figure::sensitivity_at_threshold, Figure::specificity_at_threshold}) {
    const double cases = figure == Figure::accuracy ? 1000 : 500;
    const stats::Interval plain = stats::wilson_interval(scores.values[figure], cases);
    EXPECT_GT(width(scores.by_formula[figure]), 1.2 * width(plain)) << stats::name_of(figure);
    EXPECT_NEAR(width(scores.by_formula[figure]), width(scores.by_bootstrap(figure)),
                0.25 * width(plain))
        << stats::name_of(figure);
  }
}

TEST(CaseScoresInGroups, OfTwoPatientsOfAClassHaveNoIntervalThatNeedsIt) {
  LevelOnDisk level(1, 10);
  // All positives are of two patients, the negatives of fifty.
  level.change_predictions([](const UnitRecord&, PredictionsFile& file) {
    for (std::size_t i = 0; i < file.test.size(); ++i) {
      if (file.test.labels[i] == 1) file.test_groups[i] = i % 2 == 0 ? "one" : "two";
    }
  });
  const Evidence evidence = level.read();
  const CaseScores& scores = evidence.units.begin()->second.test_scores.at(Cases::images);
  for (const Figure figure : {Figure::auc, Figure::accuracy, Figure::sensitivity, Figure::ppv,
                              Figure::sensitivity_at_threshold, Figure::npv_at_threshold}) {
    EXPECT_TRUE(std::isnan(scores.by_formula[figure].low)) << stats::name_of(figure);
    EXPECT_TRUE(std::isnan(scores.by_bootstrap(figure).low)) << stats::name_of(figure);
  }
  expect_around(scores.by_formula[Figure::specificity], scores.values[Figure::specificity]);
}

TEST(CaseScoresAllInOrder, HaveNoBootstrapIntervalOfNoWidth) {
  LevelOnDisk level(1);
  level.change_predictions([](const UnitRecord&, PredictionsFile& file) {
    for (std::size_t i = 0; i < file.test.size(); ++i) {
      file.test.probabilities[2 * i + 1] = file.test.labels[i] == 1 ? 0.9 : 0.1;
      file.test.probabilities[2 * i] = 1 - file.test.probabilities[2 * i + 1];
    }
  });
  const Evidence evidence = level.read();
  const CaseScores& scores = evidence.units.begin()->second.test_scores.at(Cases::images);
  EXPECT_EQ(scores.values[Figure::auc], 1);
  EXPECT_TRUE(std::isnan(scores.by_bootstrap(Figure::auc).low));
  EXPECT_TRUE(std::isnan(scores.by_formula[Figure::auc].low));
  EXPECT_GT(scores.by_formula[Figure::sensitivity].low, 0.99) << "Wilson's has a width there";
}

TEST(CaseScoresOfSeveralClasses, HaveFormulaIntervalsOnlyWhereAFormulaIs) {
  LevelOnDisk level(1);
  level.content.study->data.classes = {{"a", 10, 20, 30}, {"b", 10, 20, 30}, {"c", 10, 20, 30}};
  tests::write_example_predictions(level.folder.path(), level.content);
  const Evidence evidence = level.read();
  const CaseScores& scores = evidence.units.begin()->second.test_scores.at(Cases::images);
  expect_around(scores.by_formula[Figure::auc], scores.values[Figure::auc]);
  expect_around(scores.by_formula[Figure::accuracy], scores.values[Figure::accuracy]);
  EXPECT_TRUE(std::isnan(scores.by_formula[Figure::sensitivity].low));
  expect_around(scores.by_bootstrap(Figure::sensitivity), scores.values[Figure::sensitivity]);
}

TEST(ImagesAlone, AreDeLongAndTheBootstrapOverTheSamePairs) {
  tests::TemporaryFolder folder;
  JournalContent content = tests::example_content();
  tests::write_example_predictions(folder.path(), content);
  const auto summaries = summarize(*content.study, content.units);
  const Evidence evidence = read_evidence(folder.path(), *content.study, summaries);
  const Comparison comparison =
      compare_levels(*content.study, summaries, "squeezenet1_1", evidence);
  ASSERT_EQ(comparison.test_images_alone.size(), 5U);
  const ImagesAlone& head = comparison.test_images_alone[0];
  EXPECT_NEAR(head.difference, comparison.test.at(0, comparison.best).value, 1e-12);
  EXPECT_NEAR(head.by_bootstrap.low, head.by_delong.low, 0.1 * width(head.by_delong));
  EXPECT_NEAR(head.by_bootstrap.high, head.by_delong.high, 0.1 * width(head.by_delong));
  EXPECT_LT(head.p_value, 1e-6);
  const ImagesAlone& best = comparison.test_images_alone[comparison.best];
  EXPECT_EQ(best.difference, 0);
  EXPECT_TRUE(std::isnan(best.p_value) && std::isnan(best.by_delong.low) &&
              std::isnan(best.by_bootstrap.low))
      << "the best against itself is no test";
}

TEST(RuleOfAStudy, IsThatOfItsSettings) {
  EXPECT_EQ(rule_of({}), Rule());
  EXPECT_EQ(rule_of({{"study", {{"seeds", 3}}}}), Rule()) << "a study older than the settings";
  EXPECT_EQ(rule_of({{"study", {{"margin", 0.02}, {"confidence", 0.9}}}}), (Rule{0.02, 0.9}));
  const std::string message = tests::error_of([] { rule_of({{"study", {{"margin", "wide"}}}}); });
  EXPECT_NE(message.find("study.settings.study.margin is \"wide\""), std::string::npos) << message;
  EXPECT_NE(tests::error_of([] {
              rule_of({{"study", {{"confidence", 2}}}});
            }).find("0.5 to 0.999"),
            std::string::npos);
}

}  // namespace
}  // namespace fathom::results
