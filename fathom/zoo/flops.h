// Counts the floating-point operations of blocks by running them once and watching the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "fathom/zoo/network.h"

namespace fathom::zoo {

/// Forward operations of each block for one image of size x size pixels; a multiply-add counts as
/// two, in the padding too; taps that meet nothing else are left out (convolve.h). Convolutions and
/// matrix products only: the rest is below 2 % in these networks.
std::vector<double> count_forward_flops(const Network& network, int size);

/// Backward operations of the blocks from `first` up for one image, as autograd runs them: for the
/// parameters that require a gradient, and for nothing below them.
double count_backward_flops(const Network& network, std::size_t first, int size);

}  // namespace fathom::zoo
