// Counted operations against counts by hand; tests/zoo/test_published.cpp compares every block of
// every architecture with torchvision's layers.
#include <gtest/gtest.h>

#include <numeric>

#include "fathom/zoo/flops.h"

namespace fathom::zoo {
namespace {

double total_forward(const std::vector<double>& flops) {
  return std::accumulate(flops.begin(), flops.end(), 0.0);
}

TEST(Flops, Vgg16LayerByLayer) {
  // 3 x 3 x in x out x height x width, at 224 pixels: Simonyan & Zisserman 2015, table 1, D.
  constexpr double kBlock1 = 9.0 * (3 * 64 + 64 * 64) * 224 * 224;
  constexpr double kBlock2 = 9.0 * (64 * 128 + 128 * 128) * 112 * 112;
  constexpr double kBlock3 = 9.0 * (128 * 256 + 2 * 256 * 256) * 56 * 56;
  constexpr double kBlock4 = 9.0 * (256 * 512 + 2 * 512 * 512) * 28 * 28;
  constexpr double kBlock5 = 9.0 * 3 * 512 * 512 * 14 * 14;
  const auto flops = count_forward_flops(build_network(find_architecture("vgg16")), 224);
  ASSERT_EQ(flops.size(), 5U);
  EXPECT_EQ(flops[0], 2 * kBlock1);
  EXPECT_EQ(flops[1], 2 * kBlock2);
  EXPECT_EQ(flops[2], 2 * kBlock3);
  EXPECT_EQ(flops[3], 2 * kBlock4);
  EXPECT_EQ(flops[4], 2 * kBlock5);
  EXPECT_NEAR(total_forward(flops) / 2, 15.35e9, 0.01e9);
}

TEST(Flops, PublishedTotals) {
  struct Published {
    std::string name;
    double multiply_adds, classifier, rounding;
  };
  // The papers' tables for MobileNetV2 (4), EfficientNet (2) and ConvNeXt (9); torchvision's pages
  // for the others.
  for (const auto& [name, multiply_adds, classifier, rounding] :
       std::vector<Published>{{"mobilenet_v2", 300e6, 1.28e6, 1e6},
                              {"efficientnet_b0", 0.39e9, 1.28e6, 0.005e9},
                              {"convnext_tiny", 4.5e9, 0.77e6, 0.05e9},
                              {"densenet121", 2.83e9, 1.02e6, 0.01e9},
                              {"resnet50", 4.09e9, 2.05e6, 0.01e9},
                              {"inception_v3", 5.71e9, 2.05e6, 0.01e9}}) {
    const Architecture& architecture = find_architecture(name);
    const auto flops = count_forward_flops(build_network(architecture), architecture.default_input);
    EXPECT_NEAR(total_forward(flops) / 2, multiply_adds - classifier, rounding) << name;
  }
}

/// One linear layer after a grouped, strided, dilated convolution.
Network grouped_network(const Architecture& architecture, bool bias) {
  auto root = std::make_shared<torch::nn::Module>();
  const auto conv = root->register_module(
      "conv",
      torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 6, {3, 1}).groups(3).stride(2).dilation(2)));
  const auto linear =
      root->register_module("linear", torch::nn::Linear(torch::nn::LinearOptions(6, 5).bias(bias)));
  Block first{"conv", {"conv"}, [conv](const torch::Tensor& x) {
                return torch::nn::Conv2d(conv)->forward(x);
              }};
  Block second{"linear", {"linear"}, [linear](const torch::Tensor& x) {
                 return torch::nn::Linear(linear)->forward(x.mean({2, 3}));
               }};
  return Network(architecture, root, {first, second}, 5, nullptr);
}

TEST(Flops, GroupsStridesDilationAndLinearLayers) {
  const Architecture architecture{.name = "grouped", .blocks = {"conv", "linear"}};
  for (const bool bias : {true, false}) {
    const auto flops = count_forward_flops(grouped_network(architecture, bias), 9);
    // Height (9 - 5) / 2 + 1 = 3, width (9 - 1) / 2 + 1 = 5; each output sees 3 taps of a channel.
    EXPECT_EQ(flops[0], 2 * 6 * 3 * (3 * 5));
    EXPECT_EQ(flops[1], 2 * 6 * 5);
  }
}

TEST(Flops, LeaveModesAndRunningStatisticsAlone) {
  const Network network = build_network(find_architecture("mobilenet_v2"));
  const auto frozen = network.block_modules(0).front();  // a convolution below "features.0"
  const auto parent = network.root().named_modules()["features.0"];
  frozen->eval();
  const torch::Tensor mean = network.block_buffers(3).front().second;
  const torch::Tensor before = mean.clone();
  count_forward_flops(network, 64);
  EXPECT_TRUE(torch::equal(mean, before));
  EXPECT_FALSE(frozen->is_training());
  EXPECT_TRUE(parent->is_training());
  EXPECT_TRUE(network.block_modules(1).front()->is_training());
}

}  // namespace
}  // namespace fathom::zoo
