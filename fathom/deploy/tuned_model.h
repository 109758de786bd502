// A tuned model as a network that answers: forward only, in evaluation mode. Not for training.
#pragma once

#include <torch/torch.h>

#include "fathom/deploy/model_file.h"
#include "fathom/train/frozen_prefix.h"

namespace fathom::deploy {

class TunedModel {
 public:
  /// Throws Error naming the model's file: an architecture that this version does not have, tensors
  /// that are missing, left over, of another shape or no numbers with a point.
  TunedModel(const Model& model, train::Precision precision);

  /// n x 3 x H x W preprocessed images (train::ImageStore::batch) to n x classes logits in float32,
  /// before the temperature.
  torch::Tensor logits(const torch::Tensor& images) const;

 private:
  train::FrozenPrefix backbone_;
  torch::Tensor weight_, bias_;
};

}  // namespace fathom::deploy
