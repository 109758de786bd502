// Autocast to bf16 for a scope.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include "fathom/train/device.h"

namespace fathom::train {

/// Autocast to bf16 while it lives, where the precision says so. Cached bf16 copies of weights are
/// dropped at the end, for the next optimizer step makes them stale.
class Autocast {
 public:
  explicit Autocast(const Compute& compute)
      : on_(compute.precision == Precision::bf16), device_(compute.device) {
    if (!on_) return;
    enable(true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    enable(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  void enable(bool on) const {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    const torch::DeviceType type = torch_device(device_).type();
    at::autocast::set_autocast_dtype(type, at::kBFloat16);
    at::autocast::set_autocast_enabled(type, on);
#else
    if (device_ == Device::cuda) {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(on);
    } else {
      at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
      at::autocast::set_cpu_enabled(on);
    }
#endif
  }

  bool on_;
  Device device_;
};

}  // namespace fathom::train
