// Units that train the head alone: a linear classifier on stored features, all of them in one
// program. Units of one call share data, parts and settings and differ in seed and learning rate.
#pragma once

#include <span>
#include <vector>

#include "fathom/train/trainer.h"

namespace fathom::train {

/// Trains the tasks side by side: the same architecture, assignment and options in each. Every unit
/// gets the result that it would get alone. A unit whose loss is not finite gets a record with
/// `failure` and the others go on. Throws Error when the freeze contract is broken.
std::vector<UnitOutcome> train_heads(std::span<const UnitTask> tasks, const UnitObserver& observer);

/// What one head-only unit will cost, from a few steps; prefix_seconds is left at zero.
results::Cost estimate_head(const UnitTask& task);

}  // namespace fathom::train
