// Archives that are not to be trusted, made by Python's zipfile and gzip.
#include <gmock/gmock.h>

#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/data/unpack.h"
#include "tests/support.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class Unpack : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    archives_ = new tests::TemporaryFolder;
    refused_ = tests::run_oracle("hostile_archives.py", {archives_->path()});
  }
  static void TearDownTestSuite() { delete archives_; }

  fs::path target() const { return folder_ / "work" / "SET"; }
  fs::path archive(const std::string& name) const { return *archives_ / name; }

  /// Everything below the folder, relative to it.
  std::vector<std::string> all_there() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      found.push_back(fs::relative(entry.path(), folder_.path()));
    }
    return found;
  }
  std::string gzip_error(const std::string& name) const {
    return tests::error_of([&] { unpack_gzip(archive(name), folder_ / "out.bin", {}); });
  }

  static inline tests::TemporaryFolder* archives_ = nullptr;
  static inline std::string refused_;
  tests::TemporaryFolder folder_;
};

TEST_F(Unpack, AZipBecomesItsFolder) {
  std::uint64_t last = 0, total = 0;
  unpack_zip(archive("good.zip"), target(), [&](std::uint64_t done, std::uint64_t all) {
    last = done;
    total = all;
    return true;
  });
  EXPECT_THAT(all_there(),
              UnorderedElementsAre("work", "work/SET", "work/SET/a", "work/SET/a/1.bin",
                                   "work/SET/b", "work/SET/b/2.bin", "work/SET/c"));
  EXPECT_EQ(read_file(target() / "a/1.bin"), read_file(archive("good.bin")));
  EXPECT_EQ(read_file(target() / "c"), "3");
  EXPECT_EQ(total, 256U * 40 + 1 + 8) << "with the member that is passed over";
  EXPECT_EQ(last, 256U * 40 + 1);
}

TEST_F(Unpack, HostileZipsAreRefusedAndLeaveNothing) {
  std::istringstream lines(refused_);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const std::string name = line.substr(0, line.find('\t'));
    const std::string message =
        tests::error_of([&] { unpack_zip(archive(name + ".zip"), target(), {}); });
    EXPECT_THAT(message, HasSubstr(line.substr(line.find('\t') + 1))) << name;
    EXPECT_FALSE(fs::exists(target())) << name;
    for (const std::string& left : all_there()) EXPECT_EQ(left, "work") << name;
  }
  EXPECT_EQ(count, 21U);
  EXPECT_FALSE(fs::exists("/tmp/fathom-outside"));
}

TEST_F(Unpack, WhatAKilledRunLeftIsRemoved) {
  write_file_atomically(folder_ / "work/.SET.unpacking/SET/stale", "x");
  unpack_zip(archive("good.zip"), target(), {});
  EXPECT_FALSE(fs::exists(target() / "stale"));
  EXPECT_FALSE(fs::exists(folder_ / "work/.SET.unpacking"));
}

TEST_F(Unpack, StopsWhenAskedToAndLeavesNothing) {
  const auto stop = [](std::uint64_t, std::uint64_t) { return false; };
  EXPECT_THROW(unpack_zip(archive("good.zip"), target(), stop), Interrupted);
  EXPECT_THROW(unpack_gzip(archive("good.bin.gz"), folder_ / "out.bin", stop), Interrupted);
  EXPECT_THAT(all_there(), UnorderedElementsAre("work"));
}

TEST_F(Unpack, GzipBecomesTheFile) {
  unpack_gzip(archive("good.bin.gz"), folder_ / "out.bin", {});
  EXPECT_EQ(read_file(folder_ / "out.bin"), read_file(archive("good.bin")));
}

TEST_F(Unpack, BadGzipIsRefusedAndLeavesNothing) {
  EXPECT_THAT(gzip_error("cut.bin.gz"), HasSubstr("damaged or cut off"));
  EXPECT_THAT(gzip_error("damaged.bin.gz"), HasSubstr("damaged or cut off"));
  EXPECT_THAT(gzip_error("plain.bin.gz"), HasSubstr("not a gzip file"));
  EXPECT_THAT(gzip_error("bomb.bin.gz"), HasSubstr("unpacks to more than"));
  EXPECT_THAT(gzip_error("none.bin.gz"), HasSubstr("cannot read"));
  EXPECT_THAT(all_there(), testing::IsEmpty());
}

}  // namespace
}  // namespace fathom::data::internal
