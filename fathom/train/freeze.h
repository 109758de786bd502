// The freeze contract: what is trained and what is frozen in one network at one depth, and the
// proof afterwards that nothing frozen has moved. Not the training itself.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fathom/results/record.h"
#include "fathom/weights/state_dict.h"
#include "fathom/zoo/network.h"

namespace fathom::train {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Where the training of a level begins: blocks below run without autograd.
std::size_t first_tuned_block(const zoo::Architecture& architecture, const results::Level& level);

/// A network set to one level. Frozen parameters have requires_grad = false; frozen normalization
/// layers are kept in eval mode.
class FrozenNetwork {
 public:
  /// Sets requires_grad throughout. `norm_frozen`: normalization layers of tuned blocks stay as
  /// pretrained, parameters and statistics. At norm-only the statistics always stay.
  FrozenNetwork(zoo::Network network, const results::Level& level, bool norm_frozen);

  const zoo::Network& network() const { return network_; }
  const results::Level& level() const { return level_; }
  std::size_t first_tuned_block() const { return first_tuned_; }

  /// Puts every module into its mode for training or for evaluation. Frozen modules are in eval
  /// mode in both.
  void set_training(bool training) const;

  /// Parameters of the backbone that are trained (requires_grad), with their published names.
  const NamedTensors& trained_parameters() const { return trained_; }

  /// Statistics of normalization layers that follow the data: with the trained parameters all that
  /// training may change.
  const NamedTensors& tuned_buffers() const { return tuned_buffers_; }

  /// Every parameter and buffer that must not move.
  const NamedTensors& frozen_tensors() const { return frozen_; }

  /// SHA-256 over names and bytes of all frozen tensors, as they are now.
  std::string frozen_hash() const;

  /// Compares every frozen parameter and buffer with the pretrained tensors, byte by byte.
  /// Throws Error that names those that moved.
  void verify(const weights::StateDict& pretrained) const;

 private:
  void freeze_block(std::size_t block, bool norm_frozen);

  zoo::Network network_;
  results::Level level_;
  std::size_t first_tuned_;
  NamedTensors trained_;
  NamedTensors tuned_buffers_;
  NamedTensors frozen_;
  std::vector<std::shared_ptr<torch::nn::Module>> always_eval_;
};

}  // namespace fathom::train
