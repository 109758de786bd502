// Arrays in HDF5 files, written by h5py.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/containers/hdf5_file.h"
#include "tests/containers/container_files.h"

namespace fathom::containers {
namespace {

using testing::HasSubstr;

class Hdf5Storage : public testing::TestWithParam<std::string> {};

TEST_P(Hdf5Storage, GivesTheRowsThatH5pyWrote) {
  const Hdf5Bytes bytes(written_containers("arrays") / (GetParam() + ".h5"), "x");
  EXPECT_EQ(bytes.shape(), (std::vector<std::uint64_t>{kRows, 6, 5, 3}));
  for (const std::size_t row : {0, 10, 3, 4, 5, 6, 7, 8, 9, 1, 2}) {
    const auto got = bytes.row(row);
    EXPECT_EQ(std::string(got.begin(), got.end()), expected_row(row)) << row;
  }
  EXPECT_THAT(tests::error_of([&] { bytes.row(kRows); }), HasSubstr("no row 11; there are 11"));
}

INSTANTIATE_TEST_SUITE_P(All, Hdf5Storage,
                         testing::Values("contiguous", "compact", "raw", "gzip", "gzip_each",
                                         "shuffled", "checked", "checked_first", "crossing",
                                         "each_value", "resizable", "newer"),
                         [](const auto& row) { return row.param; });

TEST(Hdf5, ChunksThatWereNeverWrittenHaveTheFillValue) {
  const Hdf5Bytes bytes(written_containers("arrays") / "unwritten.h5", "x");
  EXPECT_THAT(bytes.row(0), testing::Each(7));
  const auto got = bytes.row(5);
  EXPECT_EQ(std::string(got.begin(), got.end()), expected_row(5));
}

TEST(Hdf5, NumbersOfEveryTypeInGroupsAreRead) {
  Hdf5File file(written_containers("arrays") / "types.h5");
  for (const std::string type : {"i2", "u4", "i8", "f2", "f4", "f8"}) {
    SCOPED_TRACE(type);
    const auto array = file.array("a/group/" + type);
    EXPECT_EQ(array->type().bytes, static_cast<std::uint32_t>(type[1] - '0'));
    EXPECT_EQ(array->type().kind, type[0] == 'f'   ? Hdf5Type::Kind::floating
                                  : type[0] == 'i' ? Hdf5Type::Kind::whole_signed
                                                   : Hdf5Type::Kind::whole);
    EXPECT_EQ(array->shape(), (std::vector<std::uint64_t>{2, 5, 4, 3}));
    const auto values = array->all(1 << 20);
    EXPECT_EQ(std::string(values.begin(), values.end()),
              read_file(written_containers("arrays") / ("types." + type)));
  }
}

TEST(Hdf5, TextsOfObjectsAreRead) {
  Hdf5File file(written_containers("arrays") / "types.h5");
  using Texts = std::vector<std::string>;
  EXPECT_EQ(file.texts("a", "texts"), (Texts{"one", "three"}));
  ASSERT_TRUE(file.texts("a", "text"));
  EXPECT_EQ(file.texts("a", "text")->front().size(), 150U);
  EXPECT_EQ(file.texts("a", "none"), Texts{});
  EXPECT_EQ(file.texts("a", "nothing"), std::nullopt);
  EXPECT_EQ(file.texts("b", "texts"), std::nullopt);
  EXPECT_TRUE(file.has("a/group/f4"));
  EXPECT_FALSE(file.has("group/f4"));
  EXPECT_THAT(tests::error_of([&] { file.texts("a", "number"); }),
              HasSubstr("types.h5: group 'a': attribute 'number' is no text"));
  EXPECT_THAT(tests::error_of([&] { file.array("a/b"); }),
              HasSubstr("types.h5: data set 'a/b': missing"));
}

TEST(Hdf5, ManyThreadsReadTheSameRows) {
  const Hdf5Bytes gzip(written_containers("arrays") / "gzip.h5", "x");
  const Hdf5Bytes crossing(written_containers("arrays") / "crossing.h5", "x");
  const std::string all = read_file(written_containers("arrays") / "expected.bin");
  parallel_for(
      2000,
      [&](std::size_t i) {
        const std::size_t row = i * 7 % kRows;
        const auto got = (i % 2 == 0 ? gzip : crossing).row(row);
        if (!std::equal(got.begin(), got.end(), all.begin() + static_cast<long>(row * kRowBytes),
                        [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
          throw Error("a row is not as it was written");
        }
      },
      8);
}

TEST(Hdf5, WhatCannotBeReadIsToldWithItsReason) {
  const auto error = [](const std::string& name) {
    return tests::error_of([&] { Hdf5Bytes(written_containers("bad") / name, "x").all(1 << 20); });
  };
  write_file_atomically(written_containers("bad") / "text.h5", "no HDF5");
  EXPECT_THAT(error("nowhere.h5"), HasSubstr("nowhere.h5: no such file"));
  EXPECT_THAT(error("text.h5"), HasSubstr("text.h5: not an HDF5 file"));
  EXPECT_THAT(error("other.h5"), HasSubstr("other.h5: no data set 'x'"));
  EXPECT_THAT(error("wide.h5"), HasSubstr("data set 'x': its values are not of 8 bits unsigned"));
  EXPECT_THAT(error("float.h5"), HasSubstr("not of 8 bits unsigned"));
  EXPECT_THAT(error("scalar.h5"), HasSubstr("a single value, or none; an array is needed"));
  EXPECT_THAT(error("lzf.h5"), HasSubstr("compressed by filter 32000 ('lzf')"));
  EXPECT_THAT(error("cut.h5"), HasSubstr("truncated or damaged"));
  EXPECT_THAT(error("links.h5"), HasSubstr("links.h5: 'x' is a link to elsewhere"));
  EXPECT_THAT(error("soft.h5"), HasSubstr("soft.h5: 'x' is a link to elsewhere"));
  EXPECT_THAT(error("group.h5"), HasSubstr("data set 'x': not a data set, or damaged"));
  EXPECT_THAT(error("none.h5"), HasSubstr("data set 'x': empty"));
  EXPECT_THAT(error("latest.h5"), HasSubstr("data layout version 4: a newer form of HDF5"));
  EXPECT_THAT(error("members.h5"), HasSubstr("a group of many members: a newer form of HDF5"));
  EXPECT_THAT(error("checksum.h5"), HasSubstr("is damaged"));
  EXPECT_THAT(error("external.h5"), HasSubstr("its values lie in other files"));
  EXPECT_THAT(error("virtual.h5"), HasSubstr("its values lie in other data sets"));
  EXPECT_THAT(
      tests::error_of([] { Hdf5Bytes(written_containers("bad") / "flipped.h5", "x").row(1); }),
      HasSubstr("flipped.h5: data set 'x': the chunk at offset"));
}

}  // namespace
}  // namespace fathom::containers
