// The values of an array in another order of its dimensions. Not for arithmetic on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fathom::containers {

/// numpy.transpose: dimension i of the result is dimension axes[i] of the array, whose values lie
/// in C order, `value_bytes` each. `axes` names every dimension of `shape` once.
std::vector<std::uint8_t> transposed(std::span<const std::uint8_t> values, std::size_t value_bytes,
                                     const std::vector<std::uint64_t>& shape,
                                     const std::vector<std::size_t>& axes);

}  // namespace fathom::containers
