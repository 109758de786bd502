#include <cmath>

#include "fathom/train/similarity.h"
#include "tests/train/probe_cases.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

using tests::noisy_features;
using tests::turns;

/// A unit of two epochs whose features are compared on all test images.
std::vector<double> similarity_of(const std::string& architecture, const std::string& level,
                                  double learning_rate) {
  tests::TinyTask tiny(architecture, level);
  tiny.task.compared = part_indices(*tiny.task.assignment, data::Split::test);
  tiny.task.key.learning_rate = learning_rate;
  return train_unit(tiny.task).record.similarity;
}

}  // namespace

TEST(Cka, IsTheUnbiasedOneOfThePapers) {
  Json cases = Json::array();
  std::vector<double> found;
  for (const std::int64_t images : {12, 30}) {
    for (const std::int64_t columns : {3, 50}) {
      const torch::Tensor a = noisy_features(7, turns(images, 2), 2);
      const torch::Tensor b = noisy_features(columns, turns(images, 2), 2);
      found.push_back(linear_cka(a, b));
      cases.push_back({{"a", tests::rows_of(a)}, {"b", tests::rows_of(b)}});
    }
  }
  const Json expected = tests::ask_probe_oracle("cka", cases);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i].get<double>(), 1e-10) << "case " << i;
  }
}

TEST(Cka, SeesThroughRotationScaleAndShift) {
  const torch::Tensor a = noisy_features(5, turns(40, 2), 2);
  const torch::Tensor rotation = std::get<0>(torch::linalg_qr(noisy_features(5, turns(5, 2), 0)));
  EXPECT_NEAR(linear_cka(a, 3 * a.matmul(rotation) + 7), 1, 1e-12);
  // Many features of few images: the plain estimate of unrelated ones would be near 1.
  EXPECT_LT(std::abs(linear_cka(noisy_features(400, turns(40, 2), 0),
                                noisy_features(401, turns(40, 2), 0))),
            0.2);
}

TEST(Cka, OfTooFewImagesOrConstantFeaturesIsNotDefined) {
  EXPECT_TRUE(std::isnan(linear_cka(torch::rand({3, 5}), torch::rand({3, 5}))));
  EXPECT_TRUE(std::isnan(linear_cka(torch::rand({9, 5}), torch::ones({9, 5}))));
}

TEST(Similarity, FrozenBlocksAreOneAndTunedOnesAreMeasured) {
  const std::vector<double> found = similarity_of("squeezenet1_1", "fire8", 1e-2);
  ASSERT_EQ(found.size(), 9U);
  for (std::size_t b = 0; b < 7; ++b) EXPECT_EQ(found[b], 1) << b;
  EXPECT_LT(found[8], 0.99);
  EXPECT_EQ(similarity_of("squeezenet1_1", "head", 1e-2), std::vector<double>(9, 1.0));
}

TEST(Similarity, ANetworkThatHardlyMovesStaysWhatItWas) {
  // The tuned copy takes another way than the frozen one: this is the check that both are the same.
  for (const double cka : similarity_of("mobilenet_v2", "norm-only", 1e-12)) {
    EXPECT_NEAR(cka, 1, 1e-6);
  }
  for (const double cka : similarity_of("squeezenet1_1", "all", 1e-12)) EXPECT_NEAR(cka, 1, 1e-6);
}

TEST(Similarity, IsNotMeasuredUnlessImagesAreNamed) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  EXPECT_TRUE(train_unit(tiny.task).record.similarity.empty());
  tiny.set_level("head");
  EXPECT_TRUE(train_unit(tiny.task).record.similarity.empty());
}

}  // namespace fathom::train
