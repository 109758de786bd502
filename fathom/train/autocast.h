// CPU autocast to bf16 for a scope.
#pragma once

#include <ATen/autocast_mode.h>

#include "fathom/train/options.h"

namespace fathom::train {

/// Autocast to bf16 while it lives, where `precision` says so. Cached bf16 copies of weights are
/// dropped at the end, for the next optimizer step makes them stale.
class Autocast {
 public:
  explicit Autocast(Precision precision) : on_(precision == Precision::bf16) {
    if (!on_) return;
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_cpu_enabled(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_;
};

}  // namespace fathom::train
