// What a unit reads: from which boundary, which images and views, how often. Not the reading
// (boundaries.h) nor the training.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fathom/train/trainer.h"

namespace fathom::train {

/// Every image and view that the units of one study ask for: each once, in ascending order.
std::vector<Sight> sights_of(std::span<const UnitTask> tasks);

/// The boundary that a unit reads (boundaries.h): its cut, or the features for the head alone.
std::size_t boundary_of(const UnitTask& task);

/// How many boundaries of one image a unit reads to be trained and tested.
double reads_of(const UnitTask& task);

}  // namespace fathom::train
