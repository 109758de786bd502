// What a unit costs: operations by count, memory by the kernel's own books.
#pragma once

#include <cstdint>

#include "fathom/results/record.h"
#include "fathom/train/freeze.h"

namespace fathom::train {

/// Fills the three FLOP figures of `cost` for images of size x size pixels: the frozen forward
/// pass, the tuned forward pass, and the backward pass, which needs no gradient of the cut's input.
void add_flops(results::Cost& cost, const FrozenNetwork& network, int size);

/// Starts a new resident-memory peak for this process (Linux: /proc/self/clear_refs).
void reset_peak_memory();

/// The peak since reset_peak_memory(), bytes; 0 where the kernel does not tell.
std::int64_t peak_memory_bytes();

}  // namespace fathom::train
