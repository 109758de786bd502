// The network with its new head, as one unit trains it: frozen prefix, tuned suffix, pooling and a
// linear classifier.
#pragma once

#include <torch/torch.h>

#include <string>

#include "fathom/train/freeze.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// Global average pooling, dropout, linear: N x C x H x W -> N x classes. Always trained, in fp32.
class Head {
 public:
  /// Fresh weights from torch's generator (Kaiming-uniform, as torch::nn::Linear).
  Head(std::int64_t channels, std::int64_t classes, double dropout);

  torch::Tensor forward(const torch::Tensor& boundary) const;
  void set_training(bool training) const;
  /// "head.weight" (classes x channels) and "head.bias".
  NamedTensors parameters() const;

 private:
  torch::nn::Dropout dropout_;
  torch::nn::Linear linear_;
};

class Classifier {
 public:
  Classifier(FrozenNetwork network, Head head, Precision precision);

  /// The activation at the cut, without autograd. `images` n x 3 x s x s, float32, channels-last.
  torch::Tensor prefix(const torch::Tensor& images) const;

  /// Logits in float32 from the activation at the cut; with autograd where it is enabled.
  torch::Tensor suffix(const torch::Tensor& boundary) const;

  void set_training(bool training) const;
  const FrozenNetwork& network() const { return network_; }

  /// Everything that the optimizer moves: tuned blocks and head.
  NamedTensors trained_parameters() const;
  /// Everything that training changes: trained parameters and normalization statistics.
  NamedTensors tuned_tensors() const;

 private:
  FrozenNetwork network_;
  Head head_;
  Precision precision_;
};

}  // namespace fathom::train
