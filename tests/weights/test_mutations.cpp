// Damaged copies of good files of every format: each must be read or refused with an Error.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "fathom/base/error.h"
#include "fathom/base/random.h"
#include "fathom/weights/state_dict.h"
#include "tests/support.h"
#include "tests/weights/weight_examples.h"

namespace fathom::weights::tests {
using namespace fathom::tests;

/// Reads every byte, so that a tensor that points outside its file cannot pass unnoticed.
bool reads(const std::filesystem::path& path) {
  try {
    content_hash(read_weight_file(path).tensors);
    return true;
  } catch (const Error&) {
    return false;
  }
}

class Mutations : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    run_oracle("weight_files.py", {"write", folder_->path().string()});
    run_oracle("keras_files.py", {"write", folder_->path().string()});
    write_safetensors(*folder_ / "small.safetensors", small_state_dict(), {{"k", "v"}});
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::vector<std::string> files() {
    return {"small.safetensors",
            "views_2_zip.pth",
            "views_2_legacy.pth",
            "state_dict_4_zip.pth",
            "state_dict_4_legacy.pth",
            "deflated.pth",
            "2017.pth",
            "vgg16.h5",
            "packed.h5",
            "vgg16.keras",
            "plain.npz"};
  }

  static void write_raw(const std::filesystem::path& path, std::string_view bytes) {
    std::filesystem::remove(path);  // cutting an existing file waits for the disk on ext4
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  static std::unique_ptr<TemporaryFolder> folder_;
};
std::unique_ptr<TemporaryFolder> Mutations::folder_;

TEST_F(Mutations, ATruncatedFileIsRefusedWhereverItEnds) {
  for (const std::string& file : files()) {
    SCOPED_TRACE(file);
    const std::string whole = read_file(*folder_ / file);
    ASSERT_TRUE(reads(*folder_ / file));
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 300);
    for (std::size_t size = 0; size < whole.size(); size += step) {
      write_raw(*folder_ / "cut", std::string_view(whole).substr(0, size));
      EXPECT_FALSE(reads(*folder_ / "cut")) << size << " of " << whole.size() << " bytes";
    }
    write_raw(*folder_ / "cut", std::string_view(whole).substr(0, whole.size() - 1));
    EXPECT_FALSE(reads(*folder_ / "cut"));
  }
}

TEST_F(Mutations, FlippedBytesAreReadOrRefused) {
  Random random(derive_seed(1, "flips"));
  int refused = 0;
  for (const std::string& file : files()) {
    SCOPED_TRACE(file);
    const std::string whole = read_file(*folder_ / file);
    for (int round = 0; round < 1000; ++round) {
      std::string damaged = whole;
      for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
        damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
      }
      write_raw(*folder_ / "flipped", damaged);
      refused += !reads(*folder_ / "flipped");
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(Mutations, PiecesPutTogetherAtRandomAreReadOrRefused) {
  Random random(derive_seed(1, "pieces"));
  for (const std::string& file : files()) {
    SCOPED_TRACE(file);
    const std::string whole = read_file(*folder_ / file);
    for (int round = 0; round < 300; ++round) {
      const std::size_t from = random.below(whole.size()), to = random.below(whole.size());
      const std::size_t size = random.below(std::min<std::size_t>(whole.size() - from, 64));
      std::string damaged = whole;
      if (round % 2 == 0) {
        damaged.insert(to, whole, from, size);
      } else {
        damaged.replace(to, size, whole, from, size);
      }
      write_raw(*folder_ / "pieced", damaged);
      reads(*folder_ / "pieced");
    }
  }
}

}  // namespace fathom::weights::tests
