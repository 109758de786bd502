// The loss of a unit: cross-entropy with class weights and label smoothing.
#pragma once

#include <torch/torch.h>

#include <span>

#include "fathom/train/options.h"

namespace fathom::train {

/// Mean cross-entropy over a batch of logits (n x classes, float32) and labels (n, int64).
/// class_weights = balanced gives class c the weight N / (classes * N_c) over the labels of the
/// training images, so that all classes weigh the same (King & Zeng 2001, "Logistic regression in
/// rare events data").
torch::nn::CrossEntropyLoss make_loss(const TrainOptions& options,
                                      std::span<const int> training_labels, std::size_t classes,
                                      torch::Device device = torch::kCPU);

}  // namespace fathom::train
