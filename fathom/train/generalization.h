// How a unit does beyond its own validation and test parts: on images that it was trained on, on
// external test sets, and on test images that were corrupted. Not which images those are: the plan
// says that.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "fathom/train/trainer.h"

namespace fathom::train {

/// The study's own images that score_beyond_test() asks for: those of `task.corrupted` as they are
/// and under every corruption at every severity, and those of `task.scored_train`.
std::vector<Sight> sights_beyond_test(const UnitTask& task);

/// How many boundaries of one image score_beyond_test() reads, external sets among them.
double reads_beyond_test(const UnitTask& task);

/// Probabilities of images of `inputs`, each seen by its view (no views: view 0).
using Predict =
    std::function<stats::Predictions(Boundaries& inputs, std::span<const std::int64_t> images,
                                     std::span<const int> views, std::span<const int> labels)>;

/// Scores the training images, the external sets and the corrupted images into `outcome` and its
/// record.
void score_beyond_test(const UnitTask& task, const Predict& predict, UnitOutcome& outcome);

}  // namespace fathom::train
