// Damaged copies of good CSV, npz and HDF5 files: each must be read or refused with an Error.
#include <gmock/gmock.h>

#include <fstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/containers/hdf5_file.h"
#include "fathom/containers/npz.h"
#include "tests/containers/container_files.h"
#include "tests/mutate.h"

namespace fathom::containers {
namespace {
namespace fs = std::filesystem;

void read_as_hdf5(const fs::path& path) {
  const Hdf5Bytes bytes(path, "x");
  const std::uint64_t rows = bytes.shape()[0];
  for (const std::uint64_t row : {std::uint64_t{0}, rows / 2, rows - 1}) bytes.row(row);
  if (rows < 1000) bytes.all(std::uint64_t{1} << 20);
}

void read_as_hdf5_file(const fs::path& path) {
  Hdf5File file(path);
  for (const char* attribute : {"texts", "text", "none"}) file.texts("a", attribute);
  for (const char* type : {"i2", "f4", "f8"}) {
    file.array(std::string("a/group/") + type)->all(std::uint64_t{1} << 20);
  }
}

void read_as_npz(const fs::path& path) { NpzFile(path).read("x"); }

void read_as_csv(const fs::path& path) { read_csv(path); }

struct Format {
  std::string name;
  void (*read)(const fs::path&);
  std::vector<std::string> files;
  int rounds;  ///< mutations of every file
};

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

class DamagedFiles : public testing::TestWithParam<Format> {
 protected:
  /// Whether the bytes are read; an exception other than Error fails the test.
  bool reads(std::string_view bytes) {
    const fs::path path = folder_ / "damaged";
    fs::remove(path);  // cutting an existing file waits for the disk on ext4
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
    try {
      GetParam().read(path);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  tests::TemporaryFolder folder_;
};

TEST_P(DamagedFiles, AreReadOrRefused) {
  Random random(derive_seed(1, GetParam().name));
  for (const std::string& file : GetParam().files) {
    SCOPED_TRACE(file);
    const std::string whole = read_file(written_containers("arrays") / file);
    ASSERT_TRUE(reads(whole));
    int refused = 0;
    for (int round = 0; round < GetParam().rounds; ++round) {
      refused += !reads(tests::mutated(whole, random));
    }
    EXPECT_GT(refused, GetParam().rounds / 20);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedFiles,
    testing::Values(Format{"csv", read_as_csv, {"quoted.csv"}, 1000},
                    Format{"npz", read_as_npz, {"stored.npz", "deflated.npz"}, 500},
                    Format{"hdf5_file", read_as_hdf5_file, {"types.h5"}, 1000},
                    Format{"hdf5",
                           read_as_hdf5,
                           {"contiguous.h5", "compact.h5", "raw.h5", "gzip.h5", "checked.h5",
                            "crossing.h5", "each_value.h5", "newer.h5"},
                           500}),
    [](const auto& row) { return row.param.name; });

/// All places at which `part` stands in `whole`.
std::vector<std::size_t> places(const std::string& whole, const std::string& part) {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; (at = whole.find(part, at)) != std::string::npos; ++at) {
    found.push_back(at);
  }
  return found;
}

TEST(Hdf5, TreesThatRunInCirclesAreRefused) {
  const std::string whole = read_file(written_containers("arrays") / "each_value.h5");
  const tests::TemporaryFolder folder;
  const auto little_endian = [](std::uint64_t number) {
    return std::string(reinterpret_cast<const char*>(&number), sizeof number);
  };
  // A node of chunks: "TREE", 1, level, ...; its first child stands behind 20 + 48 bytes more.
  const std::vector<std::size_t> inner = places(whole, std::string("TREE\x01\x01", 6));
  const std::vector<std::size_t> leaves = places(whole, std::string("TREE\x01\x00", 6));
  ASSERT_EQ(inner.size(), 1U);
  ASSERT_GT(leaves.size(), 2U);
  for (const std::size_t target : {inner[0], leaves[1]}) {
    std::string damaged = whole;
    for (const std::size_t child : {inner[0] + 24 + 48, inner[0] + 24 + 48 + 56}) {
      damaged.replace(child, 8, little_endian(target));
    }
    write_file_atomically(folder / "x.h5", damaged);
    EXPECT_THAT(tests::error_of([&] { Hdf5Bytes(folder / "x.h5", "x"); }),
                testing::HasSubstr("a truncated or damaged file"));
  }
}

}  // namespace
}  // namespace fathom::containers
