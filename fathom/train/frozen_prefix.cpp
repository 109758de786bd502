#include "fathom/train/frozen_prefix.h"

#include "fathom/base/hash.h"
#include "fathom/train/autocast.h"
#include "fathom/zoo/layers.h"

namespace fathom::train {
namespace {

/// Convolution weights in bf16, so that autocast need not convert them for every batch.
void store_in_bf16(torch::nn::Module& root) {
  for (const torch::Tensor& parameter : root.parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.detach().to(torch::kBFloat16));
  }
}

}  // namespace

torch::Tensor pooled_features(const torch::Tensor& boundary) {
  return boundary.to(torch::kFloat32).mean({2, 3});
}

void use_channels_last(torch::nn::Module& module) {
  for (const torch::Tensor& parameter : module.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.detach().contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
}

FrozenPrefix::FrozenPrefix(const zoo::Architecture& architecture,
                           const weights::PretrainedWeights& weights, const Compute& compute)
    : network_(zoo::load_network(architecture, weights.tensors, weights.card.name,
                                 weights.card.conventions)),
      compute_(compute) {
  network_.root().eval();
  zoo::fold_norms(network_.root());
  for (const torch::Tensor& parameter : network_.root().parameters())
    parameter.set_requires_grad(false);
  if (compute.precision == Precision::bf16) store_in_bf16(network_.root());
  use_channels_last(network_.root());
  network_.root().to(torch_device(compute.device));
  first_checksum_ = checksum();
}

torch::Tensor FrozenPrefix::forward(const torch::Tensor& x, std::size_t from,
                                    std::size_t to) const {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(compute_);
  return network_.forward_blocks(x.to(torch_device(compute_.device)), from, to);
}

std::uint64_t FrozenPrefix::checksum() const {
  std::uint64_t sum = 0;
  const auto add = [&](const std::vector<torch::Tensor>& tensors) {
    for (const torch::Tensor& tensor : tensors) {
      // In memory order: the tensors are dense, in whatever layout.
      const torch::Tensor here = tensor.to(torch::kCPU);
      sum = sum * 31 + xxh3({static_cast<const std::byte*>(here.data_ptr()), here.nbytes()});
    }
  };
  add(network_.root().parameters());
  add(network_.root().buffers());
  return sum;
}

}  // namespace fathom::train
