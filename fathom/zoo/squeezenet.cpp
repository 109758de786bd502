// SqueezeNet 1.1 (Iandola et al. 2016) with torchvision's names; blocks in the paper's numbering.
// A pooling layer belongs to the block below it, so that boundaries are small.
#include <array>

#include "fathom/zoo/families.h"
#include "fathom/zoo/layers.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct Fire : nn::Module {
  Fire(std::int64_t in, std::int64_t narrow, std::int64_t wide)
      : squeeze(register_module("squeeze", nn::Conv2d(nn::Conv2dOptions(in, narrow, 1)))),
        expand1x1(register_module("expand1x1", nn::Conv2d(nn::Conv2dOptions(narrow, wide, 1)))),
        expand3x3(register_module("expand3x3",
                                  nn::Conv2d(nn::Conv2dOptions(narrow, wide, 3).padding(1)))) {}

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = squeeze->forward(x).relu_();
    return torch::cat({expand1x1->forward(y).relu_(), expand3x3->forward(y).relu_()}, 1);
  }

  nn::Conv2d squeeze, expand1x1, expand3x3;
};

struct FireShape {
  int index;  ///< in torchvision's `features`
  std::int64_t narrow, wide;
  bool pool;  ///< followed by pooling
};
constexpr std::array<FireShape, 8> kFires{{{3, 16, 64, false},
                                           {4, 16, 64, true},
                                           {6, 32, 128, false},
                                           {7, 32, 128, true},
                                           {9, 48, 192, false},
                                           {10, 48, 192, false},
                                           {11, 64, 256, false},
                                           {12, 64, 256, false}}};

torch::Tensor pool(const torch::Tensor& x) {
  return torch::max_pool2d(x, 3, 2, 0, 1, /*ceil_mode=*/true);
}

Block build_squeezenet_stem(const std::string& name, nn::Module& features) {
  const auto conv =
      features.register_module("0", nn::Conv2d(nn::Conv2dOptions(3, 64, 3).stride(2)).ptr());
  return {name, {"features.0"}, [conv](const torch::Tensor& x) {
            return pool(conv->forward(x).relu_());
          }};
}

Block build_fire(const std::string& name, nn::Module& features, std::int64_t in,
                 const FireShape& shape) {
  const std::string index = std::to_string(shape.index);
  const auto fire =
      features.register_module(index, std::make_shared<Fire>(in, shape.narrow, shape.wide));
  return {name, {"features." + index}, [fire, pooled = shape.pool](const torch::Tensor& x) {
            const torch::Tensor y = fire->forward(x);
            return pooled ? pool(y) : y;
          }};
}

std::function<torch::Tensor(const torch::Tensor&)> build_squeezenet_classifier(
    nn::Module& root, std::int64_t classes) {
  constexpr double kDropout = 0.5;
  const auto classifier = add_container(root, "classifier");
  const auto conv =
      classifier->register_module("1", nn::Conv2d(nn::Conv2dOptions(512, classes, 1)).ptr());
  return [conv](const torch::Tensor& x) {
    const torch::Tensor y = torch::dropout(x, kDropout, conv->is_training());
    return global_average(conv->forward(y).relu_());
  };
}

}  // namespace

Network build_squeezenet1_1(const Architecture& architecture, Classes classes) {
  auto root = std::make_shared<nn::Module>();
  const auto features = add_container(*root, "features");
  std::vector<Block> blocks{build_squeezenet_stem(architecture.blocks[0], *features)};
  std::int64_t in = 64;
  for (std::size_t i = 0; i < kFires.size(); ++i) {
    blocks.push_back(build_fire(architecture.blocks[i + 1], *features, in, kFires[i]));
    in = 2 * kFires[i].wide;
  }
  std::function<torch::Tensor(const torch::Tensor&)> classifier;
  if (classes) classifier = build_squeezenet_classifier(*root, *classes);
  return Network(architecture, root, std::move(blocks), in, classifier);
}

}  // namespace fathom::zoo
