// A bounded reader over untrusted bytes: every read is checked against what is left.
// Not for text; not for writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "fathom/base/error.h"

namespace fathom {

/// a * b, or Error(`what`) on overflow: sizes in files are claims, not facts.
inline std::uint64_t checked_multiply(std::uint64_t a, std::uint64_t b, std::string_view what) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) {
    throw Error(std::string(what) + ": size overflows 64 bits");
  }
  return a * b;
}

/// Reads little-endian values from the front of a byte span. `what` names the file in errors.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string what)
      : bytes_(bytes), what_(std::move(what)) {}

  std::size_t left() const { return bytes_.size() - offset_; }
  std::size_t offset() const { return offset_; }
  bool done() const { return left() == 0; }

  /// The next `count` bytes, in place. Throws Error when fewer are left.
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > left()) {
      throw Error(what_ + ": truncated: " + std::to_string(count) + " bytes expected at offset " +
                  std::to_string(offset_) + ", " + std::to_string(left()) + " left");
    }
    const auto taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }

  std::string_view take_text(std::uint64_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  /// One little-endian number.
  template <class T>
  T read() {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t offset_ = 0;
  std::string what_;
};

}  // namespace fathom
