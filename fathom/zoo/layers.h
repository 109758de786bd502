// The operations that several families share. Not modules: names are each family's own.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fathom/zoo/network.h"

namespace fathom::zoo {

/// min(max(x, 0), 6), in place: x must be the fresh output of a convolution or normalization.
/// Works in bf16, for which LibTorch 1.13 has no backward of hardtanh on the CPU.
torch::Tensor relu6_(torch::Tensor x);

/// Mean over all positions: N x C x H x W to N x C.
torch::Tensor global_average(const torch::Tensor& x);

/// A child without parameters of its own, so that names nest ("features.0").
std::shared_ptr<torch::nn::Module> add_container(torch::nn::Module& parent,
                                                 const std::string& name);

/// The classifier of the networks that end in one linear layer: mean over positions, dropout of
/// `linear`'s training mode, `linear`.
std::function<torch::Tensor(const torch::Tensor&)> linear_classifier(
    const torch::nn::Linear& linear, double dropout);

/// A block of layers that follow one another, which become `parent`'s children `index`, `index` +
/// 1,
/// ...; `path` is the parent's name with its dot ("features.").
template <class Layer>
Block build_chain(const std::string& name, torch::nn::Module& parent, const std::string& path,
                  int& index, std::vector<std::shared_ptr<Layer>> layers) {
  Block block{.name = name};
  for (const auto& layer : layers) {
    const std::string key = std::to_string(index++);
    parent.register_module(key, layer);
    block.modules.push_back(path + key);
  }
  block.forward = [layers = std::move(layers)](const torch::Tensor& x) {
    torch::Tensor y = x;
    for (const auto& layer : layers) y = layer->forward(y);
    return y;
  };
  return block;
}

/// Fresh weights for every convolution below `root`: normal with variance 2 / fan-in, biases zero
/// (He et al. 2015, arXiv:1502.01852). LibTorch's default would shrink VGG's signal at every layer.
void initialize_convolutions(torch::nn::Module& root);

}  // namespace fathom::zoo
