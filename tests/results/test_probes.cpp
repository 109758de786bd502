#include <gtest/gtest.h>

#include <cmath>

#include "fathom/results/probes.h"
#include "tests/results/study_fixture.h"

namespace fathom::results {
namespace {

/// The example's probe with 600 training and 200 test images, and this test AUC at the images.
ProbeRecord fold_with(int fold, double test_auc) {
  ProbeRecord probe = tests::example_probe();
  probe.fold = fold;
  probe.train = 600;
  probe.valid = 100;
  probe.test = 200;
  probe.boundaries[0].test.auc = test_auc;
  probe.boundaries[0].logme = -0.5 - fold;
  return probe;
}

}  // namespace

TEST(Probes, OneFoldStandsAsItIs) {
  const ProbeRecord probe = tests::example_probe();
  const std::vector<ProbeSummary> made = summarize_probes({{probe}}, 1);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(to_json(made[0].mean), to_json(probe));
  EXPECT_EQ(made[0].scope_in_words(),
            "3998 training images, 1000 for validation and 1000 for test; 95 % intervals over "
            "images");
}

TEST(Probes, OneFoldOfSeveralIsSaidToBeAlone) {
  const ProbeRecord probe = tests::example_probe();
  EXPECT_TRUE(
      summarize_probes({{probe}}, 5)[0].scope_in_words().starts_with("fold 1 of 5 alone: 3998 "));
}

TEST(Probes, SeveralFoldsGiveTheirMeanAndItsCorrectedInterval) {
  std::vector<ProbeRecord> folds{fold_with(0, 0.80), fold_with(1, 0.84), fold_with(2, 0.79)};
  folds[2].boundaries[0].strength = 0.1;
  const ProbeSummary made = summarize_probes(folds, 3)[0];
  EXPECT_EQ(made.folds, 3U);
  const ProbedBoundary& lowest = made.mean.boundaries[0];
  // numpy and scipy: variance (1/3 + 200/600) times that of the folds, Student's t with 2 degrees
  // of freedom, on the scale of log odds.
  EXPECT_NEAR(lowest.test.auc, 0.81, 1e-12);
  EXPECT_NEAR(lowest.test.interval.low, 0.6997399983823062, 1e-9);
  EXPECT_NEAR(lowest.test.interval.high, 0.8863471724816979, 1e-9);
  EXPECT_NEAR(lowest.logme, -1.5, 1e-12);
  EXPECT_TRUE(std::isnan(lowest.strength)) << "folds chose differently";
  EXPECT_EQ(made.mean.boundaries[1].strength, 0.01);
  EXPECT_NEAR(made.mean.seconds, 3 * 12.5, 1e-12);
  EXPECT_EQ(made.scope_in_words(),
            "means over 3 folds, the first with 600 training images, 100 for validation and 200 "
            "for test; 95 % intervals over folds (corrected resampled t-test)");
}

TEST(Probes, AFoldWithoutAFigureIsLeftOutOfItsMean) {
  const std::vector<ProbeRecord> folds{fold_with(0, 0.80), fold_with(1, std::nan("")),
                                       fold_with(2, 0.70)};
  const ProbeSummary made = summarize_probes(folds, 4)[0];
  EXPECT_NEAR(made.mean.boundaries[0].test.auc, 0.75, 1e-12);
  EXPECT_TRUE(made.scope_in_words().starts_with("means over 3 of 4 folds, "));
}

TEST(Probes, ArchitecturesStandApart) {
  std::vector<ProbeRecord> probes{fold_with(0, 0.80), fold_with(0, 0.6), fold_with(1, 0.70)};
  probes[1].architecture = "vgg16";
  const std::vector<ProbeSummary> made = summarize_probes(probes, 2);
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].folds, 2U);
  EXPECT_EQ(made[1].mean.architecture, "vgg16");
  EXPECT_NEAR(made[1].mean.boundaries[0].test.auc, 0.6, 1e-12);
}

}  // namespace fathom::results
