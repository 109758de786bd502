// The LibTorch device that networks run on.
#pragma once

#include <torch/torch.h>

#include "fathom/train/options.h"

namespace fathom::train {

/// Bytes of a GPU's memory that may hold images, and as many that may hold an architecture's
/// boundaries, between steps; what is beyond is copied for every batch.
inline constexpr std::uint64_t kHeldBytes = std::uint64_t{2} << 30;

inline torch::Device torch_device(Device device) {
  return device == Device::cuda ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
}

}  // namespace fathom::train
