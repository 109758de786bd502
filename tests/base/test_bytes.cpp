#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "fathom/base/bytes.h"
#include "tests/support.h"

namespace fathom {
namespace {

using testing::HasSubstr;
using tests::error_of;

// 0x04030201, then 1.0F, then "xyz".
constexpr std::array<unsigned char, 11> kBytes{1, 2, 3, 4, 0, 0, 0x80, 0x3f, 'x', 'y', 'z'};

TEST(ByteReader, ReadsLittleEndianNumbersAndText) {
  ByteReader reader(std::as_bytes(std::span(kBytes)), "model.bin");
  EXPECT_EQ(reader.read<std::uint32_t>(), 0x04030201U);
  EXPECT_EQ(reader.read<float>(), 1.0F);
  EXPECT_EQ(reader.offset(), 8U);
  EXPECT_EQ(reader.left(), 3U);
  EXPECT_EQ(reader.take_text(3), "xyz");
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.take(0).size(), 0U);
}

TEST(ByteReader, RefusesToReadPastTheEnd) {
  ByteReader reader(std::as_bytes(std::span(kBytes)), "model.bin");
  reader.take(8);
  EXPECT_EQ(error_of([&] { reader.read<std::uint32_t>(); }),
            "model.bin: truncated: 4 bytes expected at offset 8, 3 left");
  EXPECT_THAT(error_of([&] { reader.take(~std::uint64_t{0}); }), HasSubstr("truncated"));
  EXPECT_EQ(reader.take_text(3), "xyz") << "a refused read consumes nothing";
}

TEST(CheckedMultiply, RefusesOverflow) {
  const std::uint64_t half = std::uint64_t{1} << 32;
  EXPECT_EQ(checked_multiply(half, half - 1, "shape"), half * (half - 1));
  EXPECT_EQ(checked_multiply(~std::uint64_t{0}, 0, "shape"), 0U);
  EXPECT_EQ(error_of([&] { checked_multiply(half, half, "shape"); }),
            "shape: size overflows 64 bits");
}

}  // namespace
}  // namespace fathom
