#include "fathom/train/freeze.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"

namespace fathom::train {
namespace {

bool is_norm(const torch::nn::Module& module) {
  return dynamic_cast<const torch::nn::BatchNorm2dImpl*>(&module) != nullptr ||
         dynamic_cast<const torch::nn::LayerNormImpl*>(&module) != nullptr ||
         dynamic_cast<const torch::nn::GroupNormImpl*>(&module) != nullptr;
}

/// The tensors of a module itself and below, to tell which of a block's tensors it owns.
std::set<torch::TensorImpl*> tensors_of(const torch::nn::Module& module) {
  std::set<torch::TensorImpl*> owned;
  for (const auto& tensor : module.parameters()) owned.insert(tensor.unsafeGetTensorImpl());
  for (const auto& tensor : module.buffers()) owned.insert(tensor.unsafeGetTensorImpl());
  return owned;
}

std::span<const std::byte> bytes_of(const torch::Tensor& contiguous) {
  return {static_cast<const std::byte*>(contiguous.data_ptr()),
          static_cast<std::size_t>(contiguous.numel()) * contiguous.element_size()};
}

torch::Tensor as_published(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU).contiguous();
}

}  // namespace

std::size_t first_tuned_block(const zoo::Architecture& architecture, const results::Level& level) {
  return level.norm_only ? 0 : architecture.blocks.size() - static_cast<std::size_t>(level.depth);
}

FrozenNetwork::FrozenNetwork(zoo::Network network, const results::Level& level, bool norm_frozen)
    : network_(std::move(network)),
      level_(level),
      first_tuned_(train::first_tuned_block(network_.architecture(), level)) {
  for (std::size_t block = 0; block < network_.blocks().size(); ++block) {
    freeze_block(block, norm_frozen);
  }
}

void FrozenNetwork::freeze_block(std::size_t block, bool norm_frozen) {
  const bool tuned = block >= first_tuned_;
  const bool statistics_follow = tuned && !norm_frozen && !level_.norm_only;
  std::set<torch::TensorImpl*> of_norms;
  for (const auto& top : network_.block_modules(block)) {
    for (const auto& module : top->modules()) {
      if (!is_norm(*module)) continue;
      of_norms.merge(tensors_of(*module));
      if (!statistics_follow) always_eval_.push_back(module);
    }
  }
  for (auto& [name, parameter] : network_.block_parameters(block)) {
    const bool of_norm = of_norms.contains(parameter.unsafeGetTensorImpl());
    const bool trained = tuned && (level_.norm_only ? of_norm : !(of_norm && norm_frozen));
    parameter.set_requires_grad(trained);
    (trained ? trained_ : frozen_).emplace_back(name, parameter);
  }
  for (auto& [name, buffer] : network_.block_buffers(block)) {
    (statistics_follow ? tuned_buffers_ : frozen_).emplace_back(name, buffer);
  }
}

void FrozenNetwork::set_training(bool training) const {
  for (std::size_t block = 0; block < network_.blocks().size(); ++block) {
    for (const auto& module : network_.block_modules(block)) {
      module->train(training && block >= first_tuned_);
    }
  }
  for (const auto& module : always_eval_) module->eval();
}

std::string FrozenNetwork::frozen_hash() const {
  Sha256 hash;
  for (const auto& [name, tensor] : frozen_) {
    hash.update(name).update(bytes_of(as_published(tensor)));
  }
  return hash.hex();
}

void FrozenNetwork::verify(const weights::StateDict& pretrained) const {
  std::vector<std::string> moved;
  for (const auto& [name, tensor] : frozen_) {
    const auto original = pretrained.find(name);
    if (original == pretrained.end()) {
      // Files older than PyTorch 0.4.1 lack this counter; it starts at zero.
      FATHOM_CHECK(name.ends_with("num_batches_tracked"));
      if (tensor.item<std::int64_t>() != 0) moved.push_back(name);
      continue;
    }
    const torch::Tensor before = zoo::to_tensor(original->second).to(tensor.scalar_type());
    const auto now = as_published(tensor);
    if (!std::ranges::equal(bytes_of(now), bytes_of(before.contiguous()))) moved.push_back(name);
  }
  if (moved.empty()) return;
  const std::size_t shown = std::min<std::size_t>(moved.size(), 5);
  throw Error(fmt::format(
      "the freeze contract is broken: {} frozen tensor(s) differ from the pretrained file: {}{}",
      moved.size(), fmt::join(moved.begin(), moved.begin() + static_cast<long>(shown), ", "),
      moved.size() > shown ? ", ..." : ""));
}

}  // namespace fathom::train
