// Class probabilities of a classifier on a set of images.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fathom/stats/scores.h"
#include "fathom/train/classifier.h"
#include "fathom/train/image_store.h"

namespace fathom::train {

/// Images to score, and how to show them to the network.
struct EvaluationSet {
  const ImageStore& images;
  std::span<const std::int64_t> indices;  ///< into `images`
  std::span<const int> labels;            ///< per image of the store
  const weights::Preprocessing& preprocessing;
  std::size_t batch_size;
};

/// Softmax in double precision over the logits of the images (view 0), in evaluation mode.
/// `keep_going` is called once per batch and may throw.
stats::Predictions predict(const Classifier& classifier, const EvaluationSet& set,
                           const std::function<void()>& keep_going);

}  // namespace fathom::train
