// The probe's figures against scikit-learn, scipy and the papers' formulas in numpy
// (oracle/probe.py), and the probe of a whole network.
#include <cmath>

#include "fathom/train/linear_probe.h"
#include "fathom/train/logme.h"
#include "fathom/train/probe.h"
#include "tests/train/probe_cases.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

using Labels = std::vector<int>;
using tests::noisy_features;
using tests::rows_of;
using tests::turns;

struct LogmeCase {
  const char* name;
  torch::Tensor features;
  Labels labels;
  std::size_t classes;
};

std::vector<LogmeCase> logme_cases() {
  const Labels two = turns(60, 2), few = turns(20, 2), five = turns(50, 5), gap = turns(40, 3);
  const torch::Tensor doubled = noisy_features(4, two, 1);
  return {{"more images than features", noisy_features(8, two, 1), two, 2},
          {"more features than images", noisy_features(30, few, 1), few, 2},
          {"one feature", noisy_features(1, two, 3), two, 2},
          {"five classes", noisy_features(6, five, 2), five, 5},
          {"a class without images", noisy_features(6, gap, 1), gap, 4},
          {"every feature twice", torch::cat({doubled, doubled}, 1), two, 2}};
}

}  // namespace

TEST(Logme, IsThePapersIterationAndTheLargestEvidence) {
  Json cases = Json::array();
  for (const LogmeCase& one : logme_cases()) {
    cases.push_back(
        {{"features", rows_of(one.features)}, {"labels", one.labels}, {"classes", one.classes}});
  }
  const Json expected = tests::ask_probe_oracle("logme", cases);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const LogmeCase one = logme_cases()[i];
    const double found = logme(one.features, one.labels, one.classes);
    EXPECT_NEAR(found, expected[i]["iteration"].get<double>(), 1e-8) << one.name;
    EXPECT_NEAR(found, expected[i]["search"].get<double>(), 1e-7) << one.name;
  }
}

TEST(Logme, IsDefinedWhereFeaturesTellAllOrNothing) {
  const Labels labels = turns(30, 2);
  const torch::Tensor zeros = torch::zeros({30, 4});
  // Without a feature y is noise of variance 1/2 around zero.
  EXPECT_NEAR(logme(zeros, labels, 2), -0.5 * std::log(2 * M_PI * std::exp(1.0) * 0.5), 1e-9);
  // The labels of both classes as features.
  const torch::Tensor told = torch::one_hot(torch::tensor(turns(30, 2)).to(torch::kInt64), 2);
  const double all = logme(told.to(torch::kFloat32), labels, 2);
  EXPECT_TRUE(std::isfinite(all));
  EXPECT_GT(all, logme(noisy_features(4, labels, 3), labels, 2) + 1);
}

TEST(LinearProbe, IsLogisticRegressionOfScikitLearn) {
  Json cases = Json::array();
  std::vector<stats::Predictions> found;
  for (const int classes : {2, 4}) {
    const Labels labels = turns(80, classes), other_labels = turns(25, classes);
    torch::Tensor features = noisy_features(12, labels, 1);
    features.select(1, 3).fill_(7);  // one that never varies
    const torch::Tensor others = noisy_features(12, other_labels, 1);
    LinearProbe probe(features, labels, static_cast<std::size_t>(classes));
    for (const double strength : {1.0, 0.01, 0.0001}) {
      probe.fit(strength);
      found.push_back(probe.predict(others, other_labels));
      cases.push_back({{"features", rows_of(features)},
                       {"labels", labels},
                       {"others", rows_of(others)},
                       {"strength", strength}});
    }
  }
  const Json expected = tests::ask_probe_oracle("linear_probe", cases);
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto wanted = expected[i].get<std::vector<double>>();
    ASSERT_EQ(wanted.size(), found[i].probabilities.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      EXPECT_NEAR(found[i].probabilities[k], wanted[k], 2e-5) << "case " << i;
    }
  }
}

namespace {

ProbeImages images_of(const tests::TinyTask& tiny) {
  return {.train = part_indices(*tiny.task.assignment, data::Split::train),
          .valid = part_indices(*tiny.task.assignment, data::Split::valid),
          .test = part_indices(*tiny.task.assignment, data::Split::test)};
}

std::vector<results::ProbeRecord> probe_folds(
    const tests::TinyTask& tiny, const std::vector<ProbeImages>& folds,
    const std::function<void()>& keep_going = [] {}) {
  std::vector<std::string> groups;
  for (const data::Sample& sample : tiny.dataset.samples) groups.push_back(sample.group);
  return probe(tiny.task, folds, groups, keep_going);
}

results::ProbeRecord probe_one(const tests::TinyTask& tiny, const ProbeImages& images) {
  return probe_folds(tiny, {images}).at(0);
}

}  // namespace

TEST(Probe, LooksAtEveryBoundaryAndNamesItsLevel) {
  tests::TinyTask tiny("squeezenet1_1");
  const ProbeImages images = images_of(tiny);
  const results::ProbeRecord record = probe_one(tiny, images);
  ASSERT_EQ(record.boundaries.size(), 10U);
  EXPECT_EQ(record.boundaries.front().below, "image");
  EXPECT_EQ(record.boundaries.front().level, "all");
  EXPECT_EQ(record.boundaries.front().features, 3U);
  EXPECT_EQ(record.boundaries[8].below, "fire8");
  EXPECT_EQ(record.boundaries[8].level, "fire9");
  EXPECT_EQ(record.boundaries.back().below, "fire9");
  EXPECT_EQ(record.boundaries.back().level, "head");
  EXPECT_EQ(record.boundaries.back().features, 512U);
  EXPECT_EQ(record.train, images.train.size());
  // The top boundary is what heads are trained on.
  const Labels labels = labels_of(tiny.task.labels, images.train);
  EXPECT_NEAR(record.boundaries.back().logme,
              logme(tiny.inputs->features(images.train, {}), labels, 2), 1e-5);
  for (const results::ProbedBoundary& boundary : record.boundaries) {
    for (const auto& part : {boundary.validation, boundary.test}) {
      // A perfect ranking, or a perfectly wrong one, has no interval.
      EXPECT_EQ(std::isnan(part.interval.low), part.auc == 0 || part.auc == 1) << boundary.below;
      EXPECT_FALSE(part.auc < part.interval.low || part.auc > part.interval.high);
    }
  }
  results::ProbeRecord again = probe_one(tiny, images);
  again.seconds = record.seconds;
  EXPECT_EQ(to_json(again), to_json(record));
}

TEST(Probe, KeepsTheStrengthWithTheLowestValidationLoss) {
  tests::TinyTask tiny("squeezenet1_1");
  const ProbeImages images = images_of(tiny);
  const results::ProbedBoundary top = probe_one(tiny, images).boundaries.back();
  const Labels train = labels_of(tiny.task.labels, images.train);
  const Labels valid = labels_of(tiny.task.labels, images.valid);
  LinearProbe alone(tiny.inputs->features(images.train, {}), train, 2);
  double least = INFINITY, best = 0, auc = 0;
  for (const double strength : {1.0, 0.1, 0.01, 0.001, 0.0001}) {
    alone.fit(strength);
    const auto scores =
        stats::score(alone.predict(tiny.inputs->features(images.valid, {}), valid), 1);
    if (scores.log_loss >= least) continue;
    least = scores.log_loss;
    best = strength;
    auc = scores.auc;
  }
  EXPECT_EQ(top.strength, best);
  EXPECT_NEAR(top.validation.auc, auc, 1e-9);
}

TEST(Probe, OfSeveralFoldsIsThatOfEachAlone) {
  tests::TinyTask tiny("squeezenet1_1");
  const ProbeImages first = images_of(tiny);
  const ProbeImages second{.train = first.train, .valid = first.test, .test = first.valid};
  const std::vector<results::ProbeRecord> folds = probe_folds(tiny, {first, second});
  ASSERT_EQ(folds.size(), 2U);
  EXPECT_EQ(folds[1].fold, 1);
  EXPECT_EQ(folds[1].test, first.valid.size());
  const results::ProbeRecord alone = probe_one(tiny, second);
  for (std::size_t b = 0; b < alone.boundaries.size(); ++b) {
    EXPECT_EQ(folds[1].boundaries[b].strength, alone.boundaries[b].strength);
    EXPECT_NEAR(folds[1].boundaries[b].test.auc, alone.boundaries[b].test.auc, 1e-9);
    EXPECT_NEAR(folds[1].boundaries[b].logme, alone.boundaries[b].logme, 1e-6);
  }
}

TEST(Probe, WithoutATestPartHasNoTestFigures) {
  tests::TinyTask tiny("squeezenet1_1");
  ProbeImages images = images_of(tiny);
  images.test.clear();
  const results::ProbeRecord record = probe_one(tiny, images);
  EXPECT_TRUE(std::isnan(record.boundaries[4].test.auc));
  EXPECT_FALSE(std::isnan(record.boundaries[4].validation.auc));
}

TEST(Probe, FeaturesThatAreNotFiniteAreAnErrorThatNamesTheBlock) {
  tests::TinyTask tiny("squeezenet1_1");
  tiny.weights.tensors["features.3.squeeze.bias"] =
      zoo::from_tensor(torch::full({16}, std::nan("")));
  tiny.open_inputs();
  const std::string message = tests::error_of([&] { probe_one(tiny, images_of(tiny)); });
  EXPECT_NE(message.find("after fire2 are not all finite"), std::string::npos) << message;
}

TEST(Probe, CanBeStopped) {
  tests::TinyTask tiny("squeezenet1_1");
  EXPECT_THROW(probe_folds(tiny, {images_of(tiny)}, [] { throw Interrupted(); }), Interrupted);
}

}  // namespace fathom::train
