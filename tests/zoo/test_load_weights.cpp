#include <gtest/gtest.h>

#include "fathom/zoo/network.h"
#include "tests/support.h"

namespace fathom::zoo {
namespace {

using tests::error_of;
using weights::StateDict;

Network squeezenet_backbone() { return build_network(find_architecture("squeezenet1_1")); }

StateDict squeezenet_weights() { return to_state_dict(squeezenet_backbone().root()); }

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

bool same(const StateDict& a, const StateDict& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && torch::equal(to_tensor(x.second), to_tensor(y.second));
  });
}

TEST(LoadWeights, CopiesEveryTensor) {
  const StateDict weights = squeezenet_weights();
  Network network = squeezenet_backbone();
  ASSERT_FALSE(same(to_state_dict(network.root()), weights));
  load_weights(network, weights, "a file");
  EXPECT_TRUE(same(to_state_dict(network.root()), weights));
}

TEST(LoadWeights, KeepsParametersTrainable) {
  Network network = squeezenet_backbone();
  load_weights(network, squeezenet_weights(), "a file");
  for (const torch::Tensor& parameter : network.root().parameters()) {
    EXPECT_TRUE(parameter.requires_grad() && parameter.is_leaf());
  }
}

TEST(LoadWeights, NamesTheMissingAndLeavesTheNetworkAsItWas) {
  StateDict weights = squeezenet_weights();
  weights.erase("features.0.bias");
  weights.erase("features.3.squeeze.weight");
  Network network = squeezenet_backbone();
  const StateDict before = to_state_dict(network.root());
  const std::string error = error_of([&] { load_weights(network, weights, "w.pth"); });
  expect_contains(error,
                  "w.pth: not the weights of SqueezeNet 1.1; 2 tensors missing: features.0.bias, "
                  "features.3.squeeze.weight");
  EXPECT_TRUE(same(to_state_dict(network.root()), before));
}

TEST(LoadWeights, NamesFiveAndHowManyMore) {
  Network network = squeezenet_backbone();
  const std::string error = error_of([&] { load_weights(network, {}, "empty.pth"); });
  expect_contains(error, "; 50 tensors missing: features.0.weight, features.0.bias, ");
  expect_contains(error, " and 45 more");
}

TEST(LoadWeights, NamesTheLeftOver) {
  StateDict weights = squeezenet_weights();
  weights["features.13.weight"] = from_tensor(torch::zeros({1}));
  Network network = squeezenet_backbone();
  expect_contains(error_of([&] { load_weights(network, weights, "w.pth"); }),
                  "; 1 tensor left over: features.13.weight;");
}

TEST(LoadWeights, NamesTheWronglyShapedWithBothShapes) {
  StateDict weights = squeezenet_weights();
  weights["features.0.weight"] = from_tensor(torch::zeros({64, 1, 3, 3}));
  Network network = squeezenet_backbone();
  expect_contains(error_of([&] { load_weights(network, weights, "w.pth"); }),
                  "; 1 tensor of the wrong shape or type: features.0.weight is [64, 1, 3, 3], must "
                  "be [64, 3, 3, 3];");
}

TEST(LoadWeights, RefusesWholeNumbersForWeights) {
  StateDict weights = squeezenet_weights();
  weights["features.0.bias"] = from_tensor(torch::zeros({64}, torch::kInt8));
  Network network = squeezenet_backbone();
  expect_contains(error_of([&] { load_weights(network, weights, "w.pth"); }),
                  "features.0.bias holds whole numbers, must hold floating-point numbers");
}

TEST(LoadWeights, WidensHalfPrecision) {
  StateDict weights = squeezenet_weights();
  const torch::Tensor half = torch::randn({64}).to(torch::kHalf);
  weights["features.0.bias"] = from_tensor(half);
  Network network = squeezenet_backbone();
  load_weights(network, weights, "w.pth");
  const torch::Tensor loaded = network.root().named_parameters()["features.0.bias"];
  EXPECT_EQ(loaded.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::equal(loaded, half.to(torch::kFloat32)));
}

TEST(LoadWeights, TakesAPublishedFileForABackboneOfAnyClassCount) {
  StateDict weights = squeezenet_weights();
  weights["classifier.1.weight"] = from_tensor(torch::zeros({7, 512, 1, 1}));
  weights["classifier.1.bias"] = from_tensor(torch::zeros({7}));
  Network backbone = squeezenet_backbone();
  load_weights(backbone, weights, "w.pth");
  Network with_classifier = build_network(find_architecture("squeezenet1_1"), 1000);
  expect_contains(error_of([&] { load_weights(with_classifier, weights, "w.pth"); }),
                  "classifier.1.weight is [7, 512, 1, 1], must be [1000, 512, 1, 1]");
}

TEST(LoadWeights, ToleratesMissingBatchCounters) {
  Network network = build_network(find_architecture("mobilenet_v2"));
  StateDict weights = to_state_dict(network.root());
  const auto dropped = std::erase_if(
      weights, [](const auto& item) { return item.first.ends_with(".num_batches_tracked"); });
  EXPECT_EQ(dropped, 52U);  // as many normalization layers as torchvision's has
  load_weights(network, weights, "w.pth");
  weights.erase("features.0.1.running_mean");
  expect_contains(error_of([&] { load_weights(network, weights, "w.pth"); }),
                  "1 tensor missing: features.0.1.running_mean;");
}

TEST(Tensors, EveryTypeGoesBothWays) {
  const torch::Tensor values = torch::tensor({0.0, 1.0, 3.0, 100.0}).reshape({2, 2});
  for (const auto type :
       {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16, torch::kInt64,
        torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool}) {
    const torch::Tensor tensor = values.to(type);
    const weights::TensorData data = from_tensor(tensor.t());
    EXPECT_EQ(data.shape, (std::vector<std::int64_t>{2, 2}));
    EXPECT_EQ(data.bytes.size(), tensor.nbytes());
    const torch::Tensor back = to_tensor(data);
    EXPECT_EQ(back.scalar_type(), type);
    EXPECT_TRUE(torch::equal(back, tensor.t())) << type;
  }
}

TEST(Tensors, AreCopies) {
  torch::Tensor tensor = torch::ones({3});
  const weights::TensorData data = from_tensor(tensor);
  tensor.zero_();
  torch::Tensor back = to_tensor(data);
  EXPECT_TRUE(torch::equal(back, torch::ones({3})));
  back.zero_();
  EXPECT_TRUE(torch::equal(to_tensor(data), torch::ones({3})));
}

TEST(Tensors, ScalarsAndEmptyTensorsGoBothWays) {
  EXPECT_EQ(to_tensor(from_tensor(torch::tensor(7, torch::kInt64))).item<std::int64_t>(), 7);
  EXPECT_EQ(to_tensor(from_tensor(torch::zeros({0, 3}))).sizes(), (torch::IntArrayRef{0, 3}));
}

TEST(Tensors, OtherTypesAreRefusedByName) {
  expect_contains(error_of([] { from_tensor(torch::zeros({1}, torch::kComplexFloat)); }),
                  "a tensor of type ComplexFloat cannot be written");
}

}  // namespace
}  // namespace fathom::zoo
