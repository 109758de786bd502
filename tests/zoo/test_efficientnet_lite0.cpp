// EfficientNet-Lite0, which torchvision does not have, against an implementation in Python.
#include <gtest/gtest.h>

#include <sstream>

#include "fathom/zoo/network.h"
#include "tests/support.h"

namespace fathom::zoo {
namespace {

/// Running statistics and norms that are not the fresh ones and keep activations near 1.
void randomize_norms(torch::nn::Module& root) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : root.modules()) {
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) {
      norm->running_mean.uniform_(-0.2, 0.2);
      norm->running_var.uniform_(0.6, 1.4);
      norm->weight.uniform_(0.4, 0.8);
      norm->bias.uniform_(-0.2, 0.2);
    }
  }
}

TEST(EfficientNetLite0, ActivationsAtEveryBoundaryAndLogitsAreThoseOfTheOracle) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const tests::TemporaryFolder folder;
  const Network network = build_network(find_architecture("efficientnet_lite0"), 1000);
  network.root().eval();
  randomize_norms(network.root());
  const torch::Tensor input = torch::randn({2, 3, 96, 96});
  weights::StateDict io{{"input", from_tensor(input)},
                        {"logits", from_tensor(network.classify(input))}};
  for (std::size_t i = 0; i < network.blocks().size(); ++i) {
    io[std::to_string(i)] = from_tensor(network.forward_blocks(input, 0, i + 1));
  }
  weights::write_safetensors(folder / "state.safetensors", to_state_dict(network.root()));
  weights::write_safetensors(folder / "io.safetensors", io);
  std::istringstream differences(tests::run_oracle(
      "efficientnet_lite0_oracle.py", {folder / "state.safetensors", folder / "io.safetensors"}));
  for (std::size_t i = 0; i <= network.blocks().size(); ++i) {
    double difference = -1;
    ASSERT_TRUE(differences >> difference) << differences.str();
    EXPECT_GE(difference, 0);
    EXPECT_LE(difference, 1e-4) << i;
  }
}

TEST(EfficientNetLite0, HasThePublishedCounts) {
  // 4.7 M parameters in the table of TensorFlow's efficientnet/lite; the published file holds 149
  // parameters and 147 buffers.
  const Network network = build_network(find_architecture("efficientnet_lite0"), 1000);
  std::int64_t parameters = 0;
  for (const torch::Tensor& tensor : network.root().parameters()) parameters += tensor.numel();
  EXPECT_NEAR(static_cast<double>(parameters), 4.7e6, 0.05e6);
  EXPECT_EQ(to_state_dict(network.root()).size(), 296U);
}

TEST(EfficientNetLite0, TakesOddSizes) {
  const torch::NoGradGuard no_grad;
  const Network network = build_network(find_architecture("efficientnet_lite0"));
  network.root().eval();
  for (const int size : {33, 61, 97}) {
    const torch::Tensor features =
        network.forward_blocks(torch::rand({1, 3, size, size}), 0, network.blocks().size());
    EXPECT_EQ(features.size(2), size / 32) << size;
    EXPECT_TRUE(features.isfinite().all().item<bool>());
  }
}

}  // namespace
}  // namespace fathom::zoo
