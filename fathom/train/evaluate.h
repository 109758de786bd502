// Class probabilities of a classifier on a set of images.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "fathom/stats/scores.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/classifier.h"

namespace fathom::train {

/// Images that are scored together. Fixed, so that scores do not depend on the training batch.
inline constexpr std::size_t kScoreBatch = 128;

/// Appends the softmax, in double precision, of a batch's logits (n x classes).
void append_probabilities(stats::Predictions& predictions, const torch::Tensor& logits);

struct Predicted {
  stats::Predictions predictions;
  double input_seconds = 0;  ///< of the time, to get the boundaries
};

/// Probabilities of the images, each seen by its view (no views: view 0), in evaluation mode.
/// `labels`: per image of the store. `keep_going` is called once per batch and may throw.
Predicted predict(const Classifier& classifier, Boundaries& inputs,
                  std::span<const std::int64_t> images, std::span<const int> views,
                  std::span<const int> labels, const std::function<void()>& keep_going);

}  // namespace fathom::train
