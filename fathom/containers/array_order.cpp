#include "fathom/containers/array_order.h"

#include <cstring>

#include "fathom/base/error.h"

namespace fathom::containers {

std::vector<std::uint8_t> transposed(std::span<const std::uint8_t> values, std::size_t value_bytes,
                                     const std::vector<std::uint64_t>& shape,
                                     const std::vector<std::size_t>& axes) {
  FATHOM_CHECK(axes.size() == shape.size());
  std::vector<std::uint64_t> stride(shape.size());  // bytes between neighbours of a dimension
  std::uint64_t bytes = value_bytes;
  for (std::size_t d = shape.size(); d-- > 0;) {
    stride[d] = bytes;
    bytes *= shape[d];
  }
  FATHOM_CHECK(bytes == values.size());
  std::vector<std::uint8_t> result(values.size());
  std::vector<std::uint64_t> index(shape.size());  // in the result
  std::uint64_t from = 0;
  for (std::uint64_t to = 0; to < bytes; to += value_bytes) {
    std::memcpy(&result[to], &values[from], value_bytes);
    for (std::size_t d = axes.size(); d-- > 0;) {
      const std::uint64_t length = shape[axes[d]];
      if (++index[d] < length) {
        from += stride[axes[d]];
        break;
      }
      from -= stride[axes[d]] * (length - 1);
      index[d] = 0;
    }
  }
  return result;
}

}  // namespace fathom::containers
