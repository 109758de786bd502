// MobileNetV2 1.0 (Sandler et al. 2018, table 2) with torchvision's names. A stage is a run of
// inverted residuals of one output width.
#include <array>

#include "fathom/zoo/families.h"
#include "fathom/zoo/layers.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

/// Convolution, normalization, ReLU6.
struct ConvNormRelu6 : nn::Module {
  ConvNormRelu6(std::int64_t in, std::int64_t out, int kernel, int stride = 1,
                std::int64_t groups = 1)
      : conv(register_module("0", nn::Conv2d(nn::Conv2dOptions(in, out, kernel)
                                                 .stride(stride)
                                                 .padding(kernel / 2)
                                                 .groups(groups)
                                                 .bias(false)))),
        norm(register_module("1", nn::BatchNorm2d(out))) {}

  torch::Tensor forward(const torch::Tensor& x) { return relu6_(norm->forward(conv->forward(x))); }

  nn::Conv2d conv;
  nn::BatchNorm2d norm;
};

struct InvertedResidual : nn::Module {
  InvertedResidual(std::int64_t in, std::int64_t out, int expansion, int stride)
      : residual(stride == 1 && in == out) {
    const auto layers = add_container(*this, "conv");
    const std::int64_t hidden = in * expansion;
    int index = 0;
    const auto next = [&index] { return std::to_string(index++); };
    if (expansion != 1) {
      expand = layers->register_module(next(), std::make_shared<ConvNormRelu6>(in, hidden, 1));
    }
    depthwise = layers->register_module(
        next(), std::make_shared<ConvNormRelu6>(hidden, hidden, 3, stride, hidden));
    project =
        layers->register_module(next(), nn::Conv2d(nn::Conv2dOptions(hidden, out, 1).bias(false)));
    norm = layers->register_module(next(), nn::BatchNorm2d(out));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor wide = expand ? expand->forward(x) : x;
    const torch::Tensor y = norm->forward(project->forward(depthwise->forward(wide)));
    return residual ? x + y : y;
  }

  bool residual;
  std::shared_ptr<ConvNormRelu6> expand, depthwise;
  nn::Conv2d project{nullptr};
  nn::BatchNorm2d norm{nullptr};
};

struct ResidualStage {
  int expansion;
  std::int64_t width;
  int repeats, stride;
};
constexpr std::array<ResidualStage, 7> kResidualStages{{{1, 16, 1, 1},
                                                        {6, 24, 2, 2},
                                                        {6, 32, 3, 2},
                                                        {6, 64, 4, 2},
                                                        {6, 96, 3, 1},
                                                        {6, 160, 3, 2},
                                                        {6, 320, 1, 1}}};
constexpr std::int64_t kMobileNetV2Width = 1280;  ///< of the last boundary
constexpr auto kFeatures = "features.";

Block build_stage(const std::string& name, nn::Module& features, int& index, std::int64_t in,
                  const ResidualStage& stage) {
  std::vector<std::shared_ptr<InvertedResidual>> layers;
  for (int i = 0; i < stage.repeats; ++i, in = stage.width) {
    layers.push_back(std::make_shared<InvertedResidual>(in, stage.width, stage.expansion,
                                                        i == 0 ? stage.stride : 1));
  }
  return build_chain(name, features, kFeatures, index, std::move(layers));
}

Block build_conv(const std::string& name, nn::Module& features, int& index,
                 std::shared_ptr<ConvNormRelu6> layer) {
  return build_chain<ConvNormRelu6>(name, features, kFeatures, index, {std::move(layer)});
}

}  // namespace

Network build_mobilenet_v2(const Architecture& architecture, Classes classes) {
  auto root = std::make_shared<nn::Module>();
  const auto features = add_container(*root, "features");
  int index = 0;
  std::int64_t in = 32;
  std::vector<Block> blocks{build_conv(architecture.blocks.front(), *features, index,
                                       std::make_shared<ConvNormRelu6>(3, in, 3, 2))};
  for (std::size_t i = 0; i < kResidualStages.size(); ++i) {
    blocks.push_back(
        build_stage(architecture.blocks[i + 1], *features, index, in, kResidualStages[i]));
    in = kResidualStages[i].width;
  }
  blocks.push_back(build_conv(architecture.blocks.back(), *features, index,
                              std::make_shared<ConvNormRelu6>(in, kMobileNetV2Width, 1)));
  std::function<torch::Tensor(const torch::Tensor&)> classifier;
  if (classes) {
    const auto layers = add_container(*root, "classifier");
    classifier = linear_classifier(
        layers->register_module("1", nn::Linear(kMobileNetV2Width, *classes)), 0.2);
  }
  return Network(architecture, root, std::move(blocks), kMobileNetV2Width, classifier);
}

}  // namespace fathom::zoo
