// Logistic regression on features in memory: what a linear classifier reads off a frozen network.
// Not the head of a unit, which is trained as all depths are (head_training.h).
#pragma once

#include <torch/torch.h>

#include <span>

#include "fathom/stats/scores.h"

namespace fathom::train {

/// Minimizes mean cross-entropy + strength / 2 * |W|^2 over features that are standardized by the
/// training images' mean and standard deviation; the intercept is free. Two classes have one weight
/// vector, more have one each (softmax), so that scikit-learn's LogisticRegression with
/// C = 1 / (strength * images) is the same model.
class LinearProbe {
 public:
  /// `features`: n x D, finite; `labels`: n values below `classes`.
  LinearProbe(const torch::Tensor& features, std::span<const int> labels, std::size_t classes);

  /// Fits by L-BFGS in float64, from where the last fit ended: strong penalties first is fastest.
  void fit(double strength);

  /// Probabilities of other images by the last fit; their `labels` go along.
  stats::Predictions predict(const torch::Tensor& features, std::span<const int> labels) const;

 private:
  torch::Tensor standardized(const torch::Tensor& features) const;
  torch::Tensor logits(const torch::Tensor& standardized) const;

  std::size_t classes_;
  torch::Tensor mean_, deviation_;
  torch::Tensor features_, labels_;
  torch::Tensor weight_, bias_;  ///< rows x D, rows; rows = 1 for two classes
};

}  // namespace fathom::train
