#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <ostream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/process.h"
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
  const std::string here = this_machine() + "-", self = here + std::to_string(::getpid());
  const std::string left = ".plan.json." + here + "999999999.12.tmp";
  const std::string others = ".plan.json.00000000-999999999.0.tmp";
  const std::vector<std::string> kept{"plan.json", ".tmp", "plan.json." + here + "999999999.0.tmp",
                                      ".plan.json.x.0.tmp"};
  const std::string of_older_versions = ".plan.json.999999999.0.tmp";
  const std::vector<std::string> written{".plan.json." + self + ".0.tmp", others,
                                         of_older_versions};
  for (const auto& names : {kept, written}) {
    for (const std::string& name : names) write_file_atomically(folder / name, "kept");
  }
  write_file_atomically(folder / left, "of a process that is no more");
  const auto is_there = [&](const std::string& name) {
    return std::filesystem::exists(folder / name);
  };
  remove_unfinished_files(folder.path());
  remove_unfinished_files(folder / "no folder");
  EXPECT_FALSE(is_there(left));
  for (const std::string& name : written) EXPECT_TRUE(is_there(name)) << name;
  remove_all_unfinished_files(folder.path());
  for (const std::string& name : written) EXPECT_FALSE(is_there(name)) << name;
  for (const std::string& name : kept) EXPECT_TRUE(is_there(name)) << name;
}

TEST(AtomicFile, IsPrivateUntilItIsWhole) {
  namespace fs = std::filesystem;
  const tests::TemporaryFolder folder;
  const fs::path path = folder / "file";
  fs::perms while_written = fs::perms::none;
  write_file_atomically(path, [&](std::ostream& out) {
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      while_written = entry.status().permissions();
    }
    out << "text";
  });
  EXPECT_EQ(while_written, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(folder / "usual") << "text";
  EXPECT_EQ(fs::status(path).permissions(), fs::status(folder / "usual").permissions());
}

TEST(AtomicFile, IsCreatedOnceAlone) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "claims/job.0";
  EXPECT_TRUE(create_file_atomically(path, "first"));
  EXPECT_FALSE(create_file_atomically(path, "second"));
  EXPECT_EQ(read_file(path), "first");
  EXPECT_EQ(entries(path.parent_path()), 1U) << "no temporary file is left";
  write_file_atomically(folder / "file", "text");
  EXPECT_THAT(error_of([&] { create_file_atomically(folder / "file/job.0", "new"); }),
              HasSubstr("job.0: cannot write: Not a directory"));
}

TEST(AtomicFile, OfManyProcessesThatCreateItOneSucceeds) {
  const tests::TemporaryFolder folder;
  constexpr int kProcesses = 8, kFiles = 40, kFailed = 255;
  for (int p = 0; p < kProcesses; ++p) {
    if (::fork() != 0) continue;
    int won = 0;
    try {
      for (int file = 0; file < kFiles; ++file) {
        won += create_file_atomically(folder / std::to_string(file), std::to_string(p)) ? 1 : 0;
      }
    } catch (...) {
      won = kFailed;  // else the child would go on with the remaining tests
    }
    ::_exit(won);
  }
  int won = 0;
  for (int p = 0, status = 0; p<kProcesses&& ::wait(&status)> 0; ++p) {
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != kFailed);
    won += WEXITSTATUS(status);
  }
  EXPECT_EQ(won, kFiles);
  EXPECT_EQ(entries(folder.path()), std::size_t{kFiles});
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

TEST(AtomicFile, HasATemporaryNameOfItsOwn) {
  // As two containers whose processes have all in common but what they draw.
  const tests::TemporaryFolder folder;
  for (const char* container : {"a", "b"}) {
    if (::fork() != 0) continue;
    const auto path = folder / container / "file";
    write_file_atomically(path, [&](std::ostream& out) {
      const std::filesystem::path temporary =
          *std::filesystem::directory_iterator(path.parent_path());
      out << temporary.stem().extension().string();
    });
    ::_exit(0);
  }
  for (int children = 2; children > 0; --children) ::wait(nullptr);
  const std::string number = read_file(folder / "a/file");
  EXPECT_NE(number, read_file(folder / "b/file"));
  write_file_atomically(folder / (".file.00000000-1" + number + ".tmp"), "left");
  remove_all_unfinished_files(folder.path());
  EXPECT_EQ(entries(folder.path()), 2U) << "such names are known as unfinished";
}

TEST(ReadFile, OfOneThatIsCutOffMeanwhileTakesWhatIsThere) {
  // The kernel says a page of these files' size, and gives less.
  const std::filesystem::path cut = "/sys/devices/system/cpu/online";
  std::error_code none;
  if (std::filesystem::file_size(cut, none) < 1000 || none) GTEST_SKIP() << "no " << cut;
  const std::string bytes = read_file(cut);
  EXPECT_TRUE(bytes.starts_with("0")) << bytes;
  EXPECT_EQ(bytes.find('\0'), std::string::npos);
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
