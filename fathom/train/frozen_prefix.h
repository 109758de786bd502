// The pretrained network as all units of a study share it: forward only, in evaluation mode,
// without autograd. What a unit tunes is its own copy (freeze.h).
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "fathom/train/options.h"
#include "fathom/weights/card.h"
#include "fathom/zoo/network.h"

namespace fathom::train {

/// Global average over the positions, in float32: N x C x H x W to N x C.
torch::Tensor pooled_features(const torch::Tensor& boundary);

/// Puts every convolution's weights into channels-last memory, the layout in which oneDNN's
/// convolutions run without reordering.
void use_channels_last(torch::nn::Module& module);

class FrozenPrefix {
 public:
  FrozenPrefix(const zoo::Architecture& architecture, const weights::PretrainedWeights& weights,
               const Compute& compute);

  std::size_t blocks() const { return network_.blocks().size(); }
  std::int64_t feature_channels() const { return network_.feature_channels(); }

  /// Boundary `to`, on the device, from boundary `from` (0: the preprocessed images, float32
  /// channels-last), which may lie elsewhere.
  torch::Tensor forward(const torch::Tensor& x, std::size_t from, std::size_t to) const;

  /// Whether every parameter and buffer is, to the bit, what it was at the beginning.
  bool is_unmoved() const { return checksum() == first_checksum_; }

 private:
  std::uint64_t checksum() const;

  zoo::Network network_;
  Compute compute_;
  std::uint64_t first_checksum_ = 0;
};

}  // namespace fathom::train
