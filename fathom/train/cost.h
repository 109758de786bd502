// What a unit costs: operations by count, memory by the kernel's own books.
#pragma once

#include <cstdint>

#include "fathom/results/record.h"
#include "fathom/train/freeze.h"

namespace fathom::train {

/// Fills the three FLOP figures of `cost` for images of size x size pixels: the frozen forward
/// pass, that of the tuned blocks and a new linear head of `classes`, and the backward pass of
/// these, which needs no gradient of the cut's input. The head: 2 C K forward for C features and K
/// classes; backward as much for its weights, and as much again for its input where blocks below
/// are trained.
void add_flops(results::Cost& cost, const FrozenNetwork& network, int size, std::size_t classes);

/// Starts a new resident-memory peak for this process (Linux: /proc/self/clear_refs).
void reset_peak_memory();

/// The peak since reset_peak_memory(), bytes; 0 where the kernel does not tell.
std::int64_t peak_memory_bytes();

}  // namespace fathom::train
