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

/// Softmax in double precision over the logits of images `indices` (view 0), in evaluation mode.
/// `labels` is indexed like the store. `keep_going` is called once per batch and may throw.
stats::Predictions predict(const Classifier& classifier, const ImageStore& images,
                           std::span<const std::int64_t> indices, std::span<const int> labels,
                           const weights::Preprocessing& preprocessing, std::int64_t batch_size,
                           const std::function<void()>& keep_going);

}  // namespace fathom::train
