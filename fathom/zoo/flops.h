// Counts the floating-point operations of blocks by running them once and watching the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "fathom/zoo/network.h"

namespace fathom::zoo {

/// Operations for one image of size x size pixels; a multiply-add counts as two. Convolutions and
/// matrix products only: the rest is below 2 % in these networks.
struct BlockFlops {
  double forward = 0;
  double backward_weights = 0;  ///< gradient of the weights
  double backward_input = 0;    ///< gradient of the block's input and of all inside it
};

/// One entry per block.
std::vector<BlockFlops> count_flops(const Network& network, int size);

}  // namespace fathom::zoo
