#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "fathom/base/json.h"
#include "fathom/base/random.h"
#include "fathom/stats/scores.h"
#include "tests/support.h"

namespace fathom::stats {
namespace {

struct Case {
  Predictions predictions;
  std::size_t positive = 0;
};

/// Probabilities that lean towards the truth. `steps` > 0 rounds the weights to so many levels,
/// which makes ties between images and between the classes of one image.
Case random_case(Random& random, std::size_t images, std::size_t classes, int steps,
                 const std::vector<int>& allowed_labels) {
  Case made{{classes, {}, {}}, random.below(classes)};
  for (std::size_t i = 0; i < images; ++i) {
    const int label = allowed_labels[random.below(allowed_labels.size())];
    std::vector<double> weights(classes);
    for (std::size_t c = 0; c < classes; ++c) {
      weights[c] = random.uniform() + (static_cast<int>(c) == label ? 0.4 : 0.0);
      if (steps > 0) weights[c] = std::ceil(weights[c] * steps);
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (const double weight : weights) made.predictions.probabilities.push_back(weight / sum);
    made.predictions.labels.push_back(label);
  }
  return made;
}

std::vector<Case> make_awkward_cases() {
  Random random(20260301);
  std::vector<Case> cases;
  for (std::size_t classes = 2; classes <= 5; ++classes) {
    std::vector<int> all(classes);
    std::iota(all.begin(), all.end(), 0);
    std::vector<int> without_first(all.begin() + 1, all.end());
    for (const std::size_t images : {3U, 17U, 200U}) {
      for (const int steps : {0, 3}) {
        cases.push_back(random_case(random, images, classes, steps, all));
        cases.push_back(random_case(random, images, classes, steps, without_first));
      }
    }
  }
  cases.push_back({{2, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, {0, 1, 1}}, 1});  // nothing but ties
  cases.push_back({{2, {1, 0, 0, 1, 0, 1}, {0, 1, 0}}, 1});              // certain and wrong
  cases.push_back({{3, {1, 0, 0, 1, 0, 0, 1, 0, 0}, {0, 0, 0}}, 0});     // one class only
  return cases;
}

const std::vector<Case>& awkward_cases() {
  static const std::vector<Case> cases = make_awkward_cases();
  return cases;
}

Json ask_oracle() {
  Json input = Json::array();
  for (const Case& c : awkward_cases()) {
    input.push_back({{"classes", c.predictions.classes},
                     {"positive", c.positive},
                     {"labels", c.predictions.labels},
                     {"probabilities", c.predictions.probabilities}});
  }
  const tests::TemporaryFolder folder;
  write_json(folder / "cases.json", input);
  return Json::parse(tests::run_oracle("scores.py", {(folder / "cases.json").string()}));
}

/// One object per awkward case.
const Json& expected_figures() {
  static const Json figures = ask_oracle();
  return figures;
}

void expect_near(double found, const Json& expected, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(found)) << what << ": " << found;
  } else {
    EXPECT_NEAR(found, expected.get<double>(), 1e-12) << what;
  }
}

void expect_all_near(const std::vector<double>& found, const Json& expected,
                     const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i) expect_near(found[i], expected[i], what);
}

/// The height of a curve at x, between its points; the highest point where it is vertical.
double height_at(const std::vector<RocPoint>& curve, double x) {
  double height = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const RocPoint &a = curve[i - 1], &b = curve[i];
    if (x < a.false_positive_rate - 1e-15 || x > b.false_positive_rate + 1e-15) continue;
    const double run = b.false_positive_rate - a.false_positive_rate;
    const double share = run == 0 ? 1 : (x - a.false_positive_rate) / run;
    height = a.true_positive_rate + share * (b.true_positive_rate - a.true_positive_rate);
  }
  return height;
}

double area_under(const std::vector<RocPoint>& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
            (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
  }
  return area;
}

std::vector<RocPoint> curve_of(const Case& c) {
  std::vector<double> scores;
  std::vector<int> is_positive;
  for (std::size_t i = 0; i < c.predictions.size(); ++i) {
    scores.push_back(c.predictions.probabilities[i * c.predictions.classes + c.positive]);
    is_positive.push_back(c.predictions.labels[i] == static_cast<int>(c.positive));
  }
  return roc_curve(scores, is_positive);
}

TEST(Scores, AgreeWithSklearn) {
  const std::vector<Case>& cases = awkward_cases();
  const Json& expected = expected_figures();
  ASSERT_EQ(expected.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    const Scores found = score(cases[i].predictions, cases[i].positive);
    const Json& e = expected[i];
    expect_near(found.auc, e["auc"], "auc");
    expect_near(found.accuracy, e["accuracy"], "accuracy");
    expect_near(found.balanced_accuracy, e["balanced_accuracy"], "balanced_accuracy");
    expect_near(found.sensitivity, e["sensitivity"], "sensitivity");
    expect_near(found.specificity, e["specificity"], "specificity");
    expect_near(found.f1, e["f1"], "f1");
    expect_near(found.log_loss, e["log_loss"], "log_loss");
    expect_all_near(found.class_auc, e["class_auc"], "class_auc");
    expect_all_near(found.class_sensitivity, e["class_sensitivity"], "class_sensitivity");
    expect_all_near(found.class_specificity, e["class_specificity"], "class_specificity");
    expect_all_near(found.class_f1, e["class_f1"], "class_f1");
    EXPECT_EQ(Json(found.confusion.counts), e["confusion"]);
  }
}

TEST(Scores, RocCurveIsSklearnsWithoutTheStraightPoints) {
  const std::vector<Case>& cases = awkward_cases();
  const Json& expected = expected_figures();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    const std::vector<RocPoint> found = curve_of(cases[i]);
    if (expected[i]["roc"].is_null()) {
      EXPECT_TRUE(found.empty());
      continue;
    }
    const auto fpr = expected[i]["roc"][0].get<std::vector<double>>();
    const auto tpr = expected[i]["roc"][1].get<std::vector<double>>();
    EXPECT_LE(found.size(), fpr.size());
    for (std::size_t k = 0; k < fpr.size(); ++k) {
      const bool last_at_this_rate = k + 1 == fpr.size() || fpr[k + 1] != fpr[k];
      if (!last_at_this_rate) continue;
      EXPECT_NEAR(height_at(found, fpr[k]), tpr[k], 1e-12);
    }
    const std::size_t positive = cases[i].positive;
    EXPECT_NEAR(area_under(found), score(cases[i].predictions, positive).class_auc[positive],
                1e-12);
  }
}

TEST(Scores, RocCurveStartsAtInfinityAndKeepsCornersOnly) {
  // Two positives, then two negatives: one corner. The ends are always there.
  const std::vector<double> scores{0.9, 0.8, 0.3, 0.1};
  const std::vector<int> is_positive{1, 1, 0, 0};
  const auto curve = roc_curve(scores, is_positive);
  ASSERT_EQ(curve.size(), 3U);
  EXPECT_TRUE(std::isinf(curve[0].threshold));
  EXPECT_EQ(curve[1].true_positive_rate, 1);
  EXPECT_EQ(curve[1].false_positive_rate, 0);
  EXPECT_EQ(curve[1].threshold, 0.8);
  EXPECT_EQ(curve[2].false_positive_rate, 1);
  EXPECT_EQ(curve[2].threshold, 0.1);
}

TEST(Scores, NothingToScoreIsUndefinedNotZero) {
  const Scores empty = score({2, {}, {}}, 1);
  EXPECT_TRUE(std::isnan(empty.auc));
  EXPECT_TRUE(std::isnan(empty.accuracy));
  EXPECT_TRUE(std::isnan(empty.log_loss));
  EXPECT_TRUE(std::isnan(empty.balanced_accuracy));
}

TEST(Scores, ANetworkThatDivergedHasNoAuc) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Scores scores = score({2, {nan, nan, 0.2, 0.8, 0.9, 0.1}, {0, 1, 0}}, 1);
  EXPECT_TRUE(std::isnan(scores.auc));
}

TEST(Scores, LabelsOutsideTheClassesAreABug) {
  EXPECT_THROW(score({2, {0.5, 0.5}, {2}}, 1), std::logic_error);
  EXPECT_THROW(score({2, {0.5}, {1}}, 1), std::logic_error);
  EXPECT_THROW(score({2, {0.5, 0.5}, {1}}, 2), std::logic_error);
}

}  // namespace
}  // namespace fathom::stats
