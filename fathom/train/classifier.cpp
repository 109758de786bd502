#include "fathom/train/classifier.h"

#include <ATen/CPUGeneratorImpl.h>

#include "fathom/base/random.h"
#include "fathom/train/autocast.h"
#include "fathom/train/frozen_prefix.h"

namespace fathom::train {
namespace {

torch::nn::Linear seeded_linear(std::int64_t channels, std::int64_t classes, std::uint64_t seed) {
  torch::manual_seed(derive_seed(seed, "head"));
  return torch::nn::Linear(channels, classes);
}

}  // namespace

Head::Head(std::int64_t channels, std::int64_t classes, std::uint64_t seed)
    : linear_(seeded_linear(channels, classes, seed)) {}

torch::Tensor Head::forward(const torch::Tensor& features) const {
  // nn holders are pointers: calling through a copy leaves this object's constness honest.
  auto linear = linear_;
  return linear(features);
}

NamedTensors Head::parameters() const {
  return {{"head.weight", linear_->weight}, {"head.bias", linear_->bias}};
}

torch::Tensor dropout_factors(std::int64_t rows, std::int64_t channels, double share,
                              std::uint64_t seed, std::int64_t step) {
  if (share == 0) return {};
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(
      derive_seed(seed, "dropout", static_cast<std::uint64_t>(step)));
  return torch::empty({rows, channels}).bernoulli_(1 - share, generator).div_(1 - share);
}

Classifier::Classifier(FrozenNetwork network, Head head, const Compute& compute)
    : network_(std::move(network)), head_(std::move(head)), compute_(compute) {
  network_.network().root().to(torch_device(compute.device));
  head_.move_to(torch_device(compute.device));
}

torch::Tensor Classifier::suffix(const torch::Tensor& boundary,
                                 const torch::Tensor& dropout) const {
  torch::Tensor top;
  {
    const Autocast autocast(compute_);
    const zoo::Network& network = network_.network();
    top = network.forward_blocks(boundary, network_.first_tuned_block(), network.blocks().size());
  }
  const torch::Tensor features = pooled_features(top);
  return head_.forward(dropout.defined() ? features * dropout : features);
}

NamedTensors Classifier::trained_parameters() const {
  NamedTensors tensors = network_.trained_parameters();
  const NamedTensors head = head_.parameters();
  tensors.insert(tensors.end(), head.begin(), head.end());
  return tensors;
}

}  // namespace fathom::train
