// Sizes of tensors as files claim them. Internal to weights/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fathom/weights/state_dict.h"

namespace fathom::weights {

constexpr std::size_t kMaxRank = 64;  ///< dimensions of a tensor; LibTorch's own bound

/// The inverse of dtype_name. Throws Error "WHAT: ..." on any other.
DType dtype_named(std::string_view name, const std::string& what);

/// Bytes of a tensor of that shape. Throws Error "WHAT: ..." on a negative dimension and when the
/// product overflows.
std::uint64_t checked_byte_count(DType dtype, const std::vector<std::int64_t>& shape,
                                 const std::string& what);

}  // namespace fathom::weights
