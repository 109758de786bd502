#include <gtest/gtest.h>

#include "fathom/results/learning_curve.h"
#include "tests/results/study_fixture.h"

namespace fathom::results {
namespace {

/// Head, fire9, fire7 and all with 20, 100 and 400 training images.
struct Curve {
  tests::OneArchitecture one;

  Curve() { one.study.data.shares = {{0.05, {10, 10}}, {0.25, {50, 50}}, {1, {200, 200}}}; }
  /// Validation AUCs of two seeds of head and all; the test AUC is 0.01 less.
  void add(double fraction, double head, double all) {
    const std::size_t before = one.units.size();
    one.add("head", {head, head});
    one.add("all", {all, all});
    for (std::size_t i = before; i < one.units.size(); ++i) {
      one.units[i].key.train_fraction = fraction;
    }
  }
  std::string words() const {
    return curve_in_words(learning_curve(one.study, one.units), "squeezenet1_1");
  }
};

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST(LearningCurve, SaysHowTheBestLevelMoves) {
  Curve curve;
  curve.add(0.05, 0.7, 0.6);
  curve.add(0.25, 0.8, 0.79);
  EXPECT_EQ(curve.words().find("400 ("), std::string::npos) << "nothing has finished there";
  curve.add(1, 0.85, 0.9);
  const std::string words = curve.words();
  expect_part(words,
              "The level with the highest validation AUC gets deeper with more images: head with "
              "20 training images (test AUC 0.690), head with 100 (test AUC 0.790), all with 400 "
              "(test AUC 0.890).");
  expect_part(words, "From 100 to 400 images the mean test AUC of all changes by +0.110.");
  expect_part(words, "and no test: the rule compares levels with 400 images alone");
}

TEST(LearningCurve, TellsEveryKindOfMovement) {
  Curve same, shallower, both;
  for (const double fraction : {0.05, 0.25, 1.0}) {
    same.add(fraction, 0.9, 0.8);
    shallower.add(fraction, fraction == 1 ? 0.9 : 0.7, 0.8);
    both.add(fraction, fraction == 0.25 ? 0.9 : 0.7, 0.8);
  }
  expect_part(same.words(), "stays the same: head with");
  expect_part(shallower.words(), "gets shallower with more images: all with");
  expect_part(both.words(), "moves to and fro: all with");
}

TEST(LearningCurve, OfOneFractionIsAPointWithoutWords) {
  tests::OneArchitecture one;
  one.add("head", {0.8, 0.82});
  const std::vector<CurvePoint> curve = learning_curve(one.study, one.units);
  ASSERT_EQ(curve.size(), 1U);
  EXPECT_EQ(curve[0].images, 3998U);
  EXPECT_EQ(best_level(curve[0], "squeezenet1_1")->level.name, "head");
  EXPECT_EQ(best_level(curve[0], "vgg16"), nullptr);
  EXPECT_EQ(curve_in_words(curve, "squeezenet1_1"), "");
}

}  // namespace
}  // namespace fathom::results
