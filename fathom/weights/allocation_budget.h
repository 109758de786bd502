// How many bytes one untrusted file may make us allocate: kFactor times its size plus kConstant.
// Against zip bombs and tensors whose strides repeat a few bytes into terabytes.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "fathom/base/error.h"

namespace fathom::weights {

class AllocationBudget {
 public:
  static constexpr std::uint64_t kFactor = 8;  ///< deflated weights seldom shrink to half
  static constexpr std::uint64_t kConstant = std::uint64_t{64} << 20;  ///< bytes

  explicit AllocationBudget(std::uint64_t file_bytes) : left_(kFactor * file_bytes + kConstant) {}

  /// Books `bytes` before they are allocated. Throws Error "WHAT: ..." when they are too many.
  void take(std::uint64_t bytes, const std::string& what) {
    if (bytes > left_) {
      throw Error(fmt::format(
          "{} would take {} bytes of memory, far more than the file holds: refused (allowed in "
          "all: {} times the file's size and {} MiB)",
          what, bytes, kFactor, kConstant >> 20));
    }
    left_ -= bytes;
  }

 private:
  std::uint64_t left_;
};

}  // namespace fathom::weights
