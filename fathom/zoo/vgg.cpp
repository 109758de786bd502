// VGG16 and VGG19 (Simonyan & Zisserman 2015, configurations D and E) with torchvision's names.
// Each block ends with its pooling.
#include <array>

#include "fathom/zoo/families.h"
#include "fathom/zoo/layers.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

using ConvsPerBlock = std::array<int, 5>;
constexpr std::array<std::int64_t, 5> kWidths{64, 128, 256, 512, 512};

/// `index` counts torchvision's layers: convolution, ReLU, ..., pooling.
Block build_vgg_block(const std::string& name, nn::Module& features, int& index, std::int64_t in,
                      std::int64_t width, int convs) {
  Block block{.name = name};
  std::vector<std::shared_ptr<nn::Conv2dImpl>> layers;
  for (int i = 0; i < convs; ++i, index += 2, in = width) {
    const std::string layer = std::to_string(index);
    nn::Conv2d conv(nn::Conv2dOptions(in, width, 3).padding(1));
    layers.push_back(features.register_module(layer, conv.ptr()));
    block.modules.push_back("features." + layer);
  }
  ++index;
  block.forward = [layers](const torch::Tensor& x) {
    torch::Tensor y = x;
    for (const auto& conv : layers) y = conv->forward(y).relu_();
    return torch::max_pool2d(y, 2, 2);
  };
  return block;
}

std::function<torch::Tensor(const torch::Tensor&)> build_vgg_classifier(nn::Module& root,
                                                                        std::int64_t classes) {
  constexpr double kDropout = 0.5;
  const auto classifier = add_container(root, "classifier");
  const auto hidden1 = classifier->register_module("0", nn::Linear(512 * 7 * 7, 4096).ptr());
  const auto hidden2 = classifier->register_module("3", nn::Linear(4096, 4096).ptr());
  const auto output = classifier->register_module("6", nn::Linear(4096, classes).ptr());
  return [=](const torch::Tensor& x) {
    const bool training = output->is_training();
    torch::Tensor y = torch::adaptive_avg_pool2d(x, {7, 7}).flatten(1);
    y = torch::dropout(hidden1->forward(y).relu_(), kDropout, training);
    y = torch::dropout(hidden2->forward(y).relu_(), kDropout, training);
    return output->forward(y);
  };
}

Network build_vgg(const Architecture& architecture, Classes classes, const ConvsPerBlock& convs) {
  auto root = std::make_shared<nn::Module>();
  const auto features = add_container(*root, "features");
  std::vector<Block> blocks;
  int index = 0;
  std::int64_t in = 3;
  for (std::size_t i = 0; i < convs.size(); ++i) {
    blocks.push_back(
        build_vgg_block(architecture.blocks[i], *features, index, in, kWidths[i], convs[i]));
    in = kWidths[i];
  }
  std::function<torch::Tensor(const torch::Tensor&)> classifier;
  if (classes) classifier = build_vgg_classifier(*root, *classes);
  return Network(architecture, root, std::move(blocks), in, classifier);
}

}  // namespace

Network build_vgg16(const Architecture& architecture, Classes classes) {
  return build_vgg(architecture, classes, {2, 2, 3, 3, 3});
}

Network build_vgg19(const Architecture& architecture, Classes classes) {
  return build_vgg(architecture, classes, {2, 2, 4, 4, 4});
}

}  // namespace fathom::zoo
