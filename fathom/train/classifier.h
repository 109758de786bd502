// The part of a network that one unit trains: the blocks above the cut, pooling and the new head.
// What is below the cut comes from boundaries.h.
#pragma once

#include <torch/torch.h>

#include <string>

#include "fathom/train/freeze.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// The new linear classifier above the pooled features. Always trained, in fp32.
class Head {
 public:
  /// Weights that depend on the seed alone, Kaiming-uniform as those of torch::nn::Linear.
  Head(std::int64_t channels, std::int64_t classes, std::uint64_t seed);

  /// n x C pooled features to n x classes logits.
  torch::Tensor forward(const torch::Tensor& features) const;
  void move_to(torch::Device device) { linear_->to(device); }
  /// "head.weight" (classes x channels) and "head.bias".
  NamedTensors parameters() const;

 private:
  torch::nn::Linear linear_;
};

/// The factors by which dropout multiplies the features of one training step: 0 for dropped ones,
/// 1 / (1 - share) for the others; rows x channels, a function of seed and step alone, so that all
/// depths of a seed drop the same. Undefined where nothing is dropped.
torch::Tensor dropout_factors(std::int64_t rows, std::int64_t channels, double share,
                              std::uint64_t seed, std::int64_t step);

class Classifier {
 public:
  /// Network and head come on the processor and are moved to the device.
  Classifier(FrozenNetwork network, Head head, const Compute& compute);

  /// Logits in float32 from the activation at the cut, all on the device; with autograd where it is
  /// enabled. `dropout`: dropout_factors(), or undefined.
  torch::Tensor suffix(const torch::Tensor& boundary, const torch::Tensor& dropout = {}) const;

  void set_training(bool training) const { network_.set_training(training); }
  const FrozenNetwork& network() const { return network_; }

  /// Everything that the optimizer moves: tuned blocks and head.
  NamedTensors trained_parameters() const;

 private:
  FrozenNetwork network_;
  Head head_;
  Compute compute_;
};

}  // namespace fathom::train
