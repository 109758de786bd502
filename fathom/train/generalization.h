// How a unit does beyond its own test part: on external test sets, and on test images that were
// corrupted. Not which images those are: the plan says that.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "fathom/train/trainer.h"

namespace fathom::train {

/// The images of `task.corrupted`, each under every corruption at every severity.
std::vector<Sight> corrupted_sights(const UnitTask& task);

/// Probabilities of images of `inputs`, each seen by its view (no views: view 0).
using Predict =
    std::function<stats::Predictions(Boundaries& inputs, std::span<const std::int64_t> images,
                                     std::span<const int> views, std::span<const int> labels)>;

/// Scores the external sets and the corrupted images into `outcome` and its record.
void score_beyond_test(const UnitTask& task, const Predict& predict, UnitOutcome& outcome);

}  // namespace fathom::train
