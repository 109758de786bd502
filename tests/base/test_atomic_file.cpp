#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ostream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "tests/support.h"

namespace fathom {
namespace {

using testing::HasSubstr;
using tests::error_of;

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

TEST(AtomicFile, WritesAnyBytesAndMakesFolders) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "a/b/file.bin";
  const std::string bytes("\0\n\r\xff text", 9);
  write_file_atomically(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  write_file_atomically(path, "");
  EXPECT_EQ(read_file(path), "");
  EXPECT_EQ(entries(path.parent_path()), 1U);
}

TEST(AtomicFile, AFailedWriteKeepsTheOldFileAndLeavesNothing) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "journal";
  write_file_atomically(path, "old");
  const auto half_a_write = [](std::ostream& out) {
    out << "half of the new";
    throw Error("interrupted by the test");
  };
  EXPECT_EQ(error_of([&] { write_file_atomically(path, half_a_write); }),
            "interrupted by the test");
  EXPECT_EQ(read_file(path), "old");
  const auto broken_stream = [](std::ostream& out) { out.setstate(std::ios::badbit); };
  EXPECT_THAT(error_of([&] { write_file_atomically(path, broken_stream); }),
              HasSubstr(path.string() + ": cannot write"));
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, WhatKilledWritersLeftIsRemoved) {
  const tests::TemporaryFolder folder;
  const std::string self = std::to_string(::getpid());
  const std::vector<std::string> kept{".plan.json." + self + ".0.tmp", "plan.json", ".tmp",
                                      "plan.json.999999999.0.tmp", ".plan.json.x.0.tmp"};
  for (const std::string& name : kept) write_file_atomically(folder / name, "kept");
  write_file_atomically(folder / ".plan.json.999999999.12.tmp", "of a process that is no more");
  remove_unfinished_files(folder.path());
  remove_unfinished_files(folder / "no folder");
  EXPECT_FALSE(std::filesystem::exists(folder / ".plan.json.999999999.12.tmp"));
  for (const std::string& name : kept) EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
}

TEST(AtomicFile, PlacesWhereNothingCanBeWritten) {
  const tests::TemporaryFolder folder;
  write_file_atomically(folder / "file", "text");
  // Permissions do not bind root, who may run the tests; a file in place of a folder does.
  for (const auto* below : {"file/x", "file/a/x"}) {
    EXPECT_THAT(error_of([&] { write_file_atomically(folder / below, "new"); }),
                HasSubstr((folder / below).string() + ": cannot write"));
  }
  std::filesystem::create_directory(folder / "folder");
  EXPECT_THAT(error_of([&] { write_file_atomically(folder / "folder", "new"); }),
              HasSubstr("folder: cannot write: Is a directory"));
  EXPECT_EQ(entries(folder.path()), 2U) << "no temporary file is left";
}

TEST(ReadFile, SaysWhyNot) {
  const tests::TemporaryFolder folder;
  write_file_atomically(folder / "file", "12345");
  EXPECT_THAT(error_of([&] { read_file(folder / "none"); }), HasSubstr("none: cannot read: no su"));
  EXPECT_THAT(error_of([&] { read_file(folder.path()); }), HasSubstr("not a readable file"));
  EXPECT_THAT(error_of([&] { read_file(folder / "file/x"); }), HasSubstr("cannot read"));
  EXPECT_EQ(read_file(folder / "file", 5), "12345");
  EXPECT_THAT(error_of([&] { read_file(folder / "file", 4); }),
              HasSubstr("5 bytes; at most 4 are read here"));
}

}  // namespace
}  // namespace fathom
