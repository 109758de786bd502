#include "fathom/weights/dtype.h"

#include <fmt/format.h>

#include <array>

#include "fathom/base/bytes.h"
#include "fathom/base/error.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

constexpr std::array<DTypeRow, 10> kDTypes{{{DType::f64, "F64", 8},
                                            {DType::f32, "F32", 4},
                                            {DType::f16, "F16", 2},
                                            {DType::bf16, "BF16", 2},
                                            {DType::i64, "I64", 8},
                                            {DType::i32, "I32", 4},
                                            {DType::i16, "I16", 2},
                                            {DType::i8, "I8", 1},
                                            {DType::u8, "U8", 1},
                                            {DType::boolean, "BOOL", 1}}};

const DTypeRow& row_of(DType dtype) {
  const auto& row = kDTypes.at(static_cast<std::size_t>(dtype));
  FATHOM_CHECK(row.dtype == dtype);
  return row;
}

}  // namespace

std::size_t dtype_size(DType dtype) { return row_of(dtype).size; }

std::string dtype_name(DType dtype) { return std::string(row_of(dtype).name); }

DType dtype_named(std::string_view name, const std::string& what) {
  for (const DTypeRow& row : kDTypes) {
    if (row.name == name) return row.dtype;
  }
  throw Error(fmt::format(
      "{}: numbers of type '{}' are not read; allowed: F64, F32, F16, BF16, I64, I32, I16, I8, U8, "
      "BOOL",
      what, printable(name)));
}

std::uint64_t checked_byte_count(DType dtype, const std::vector<std::int64_t>& shape,
                                 const std::string& what) {
  std::uint64_t count = dtype_size(dtype);
  for (const std::int64_t size : shape) {
    if (size < 0) throw Error(fmt::format("{}: a dimension of {}", what, size));
    count = checked_multiply(count, static_cast<std::uint64_t>(size), what);
  }
  return count;
}

std::int64_t TensorData::elements() const {
  return static_cast<std::int64_t>(bytes.size() / dtype_size(dtype));
}

}  // namespace fathom::weights
