// External test sets: scored by every unit, part of what a study is, and never trained on.
#include "fathom/base/atomic_file.h"
#include "fathom/results/corrupted_aucs.h"
#include "fathom/results/predictions.h"
#include "fathom/train/views.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;

/// The tiny study with the tissue of another seed as an external set.
struct ExternalStudy : tests::TinyStudy {
  ExternalStudy() {
    data::SyntheticOptions other;
    other.out = (folder / "elsewhere").string();
    other.count = 40;
    other.size = 32;
    other.groups = 8;
    other.seed = 5;
    data::write_synthetic(other);
    options.data.external = {"elsewhere=" + (folder / "elsewhere/labels.csv").string()};
    options.seeds = 1;
  }
};

}  // namespace

TEST(ExternalSets, AreScoredByEveryUnitAndTheirPredictionsWritten) {
  const ExternalStudy study;
  const Plan plan = study.plan();
  ASSERT_EQ(plan.study.data.external.size(), 1U);
  EXPECT_EQ(plan.study.data.external[0].images, 40U);
  EXPECT_TRUE(plan.study.data.warnings.empty() ||
              plan.study.data.warnings[0].find("external") == std::string::npos);
  run_plan(plan);
  const auto units = results::read_journals(study.options.out).units;
  ASSERT_EQ(units.size(), 2U);  // the head, trained by its own program, and a deeper level
  for (const results::UnitRecord& unit : units) {
    ASSERT_EQ(unit.external.size(), 1U);
    EXPECT_EQ(unit.external[0].name, "elsewhere");
    const auto file = results::read_predictions(
        fs::path(study.options.out) / "units" / unit.key.id() / "external-elsewhere.csv",
        unit.external[0].predictions_sha256);
    EXPECT_EQ(file.test.size(), 40U);
    EXPECT_FALSE(file.test_groups.empty());
    EXPECT_NEAR(stats::score(file.test, 1).auc, unit.external[0].scores.auc, 1e-9);
  }
}

TEST(ExternalSets, TheStudysOwnTestPartAsAnExternalSetScoresTheSame) {
  tests::TinyStudy study;
  study.options.seeds = 1;
  const Plan without = make_plan(study.options, "", Json::object());
  std::string table = "path,label\n";
  for (std::size_t i = 0; i < without.dataset.samples.size(); ++i) {
    const data::Sample& sample = without.dataset.samples[i];
    if (without.folds[0][i] != data::Split::test) continue;
    table +=
        sample.id + "," + without.dataset.classes[static_cast<std::size_t>(sample.label)] + "\n";
  }
  write_file_atomically(study.folder / "images/test.csv", table);
  study.options.data.external = {"same=" + (study.folder / "images/test.csv").string()};
  const Plan plan = study.plan();
  ASSERT_FALSE(plan.study.data.warnings.empty());
  EXPECT_NE(plan.study.data.warnings.back().find("are also among the study's own"),
            std::string::npos);
  run_plan(plan);
  for (const auto& unit : results::read_journals(study.options.out).units) {
    EXPECT_NEAR(unit.external.at(0).scores.auc, unit.test->auc, 1e-6);
  }
}

TEST(Corruptions, OfTestImagesAreScoredByEveryUnit) {
  tests::TinyStudy study;
  study.options.seeds = 1;
  study.options.corrupted_images = 6;
  run_plan(study.plan());
  const auto units = results::read_journals(study.options.out).units;
  ASSERT_EQ(units.size(), 2U);
  for (const results::UnitRecord& unit : units) {
    ASSERT_EQ(unit.corruptions.size(), train::corrupted_views().size());
    EXPECT_TRUE(std::isfinite(unit.uncorrupted_auc));
    for (const results::CorruptionScores& scores : unit.corruptions) {
      EXPECT_GE(scores.auc, 0);
      EXPECT_LE(scores.auc, 1);
      EXPECT_GE(scores.severity, 1);
    }
  }
  // The predictions that were kept give the recorded AUCs again.
  for (const results::UnitRecord& unit : units) {
    const auto folder = std::filesystem::path(study.options.out) / "units" / unit.key.id();
    const auto test =
        results::read_predictions(folder / "predictions.csv", unit.predictions_sha256).test;
    const auto kept =
        results::read_corrupted(folder / results::kCorruptedFile, unit.corrupted_sha256, test);
    std::vector<int> labels;
    for (const std::int64_t row : kept.test_rows) {
      labels.push_back(test.labels[static_cast<std::size_t>(row)]);
    }
    const auto found = results::corrupted_aucs(kept, labels, 1, stats::single_images(labels.size()),
                                               results::common_corruptions({&unit}));
    EXPECT_NEAR(found.uncorrupted.auc, unit.uncorrupted_auc, 1e-12);
    double sum = 0;
    for (const results::CorruptionScores& scores : unit.corruptions) sum += scores.auc;
    EXPECT_NEAR(found.mean.auc, sum / static_cast<double>(unit.corruptions.size()), 1e-12);
  }
}

TEST(TrainingImages, AreScoredBesideValidationInItsProportions) {
  tests::TinyStudy study;
  study.options.seeds = 1;
  const Plan plan = study.plan();
  run_plan(plan);
  std::size_t valid = 0;
  for (const results::ClassCount& count : plan.study.data.classes) valid += count.valid;
  for (const results::UnitRecord& unit : results::read_journals(study.options.out).units) {
    ASSERT_TRUE(unit.train);
    EXPECT_EQ(unit.train->images, valid);
    EXPECT_GT(unit.train->log_loss, 0);
    EXPECT_GT(unit.cost.extra_seconds.value_or(0), 0);
  }
}

TEST(ExternalSets, BelongToTheStudy) {
  ExternalStudy study;
  const Plan with = study.plan();
  const Plan again = read_plan(study.options.out);
  ASSERT_EQ(again.external.size(), 1U);
  EXPECT_EQ(again.external[0].dataset.samples.size(), 40U);
  EXPECT_EQ(again.external[0].dataset.samples[3].hash, with.external[0].dataset.samples[3].hash);
  study.options.data.external.clear();
  EXPECT_NE(tests::error_of([&] { study.plan(); }).find("the external sets differ"),
            std::string::npos);
}

}  // namespace fathom::study
