// The convolution of all networks: LibTorch's numbers up to rounding, in less work where planes are
// small, as the last blocks' are of patches of 96 pixels. What a convolution consists of is its
// caller's (layers.h).
#pragma once

#include <torch/torch.h>

namespace fathom::zoo {

/// x: N x C x H x W; weight: K x C/groups x kernel; bias: K or undefined; no dilation. Unlike
/// LibTorch's own:
/// - Taps of the kernel that meet nothing but padding are left out: of 3 x 3 taps on one pixel, one
///   is left.
/// - In bf16, the gradient of the weights over at most 5 x 5 output positions is one matrix product
///   over the gathered inputs. oneDNN 2.6 needs 1.2 to 8 times as long there for the same taps, and
///   on larger planes less (docs/results/small-planes.md).
torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias, const torch::nn::Conv2dOptions& options);

}  // namespace fathom::zoo
