#include <gtest/gtest.h>

#include "fathom/base/error.h"
#include "fathom/weights/state_dict.h"
#include "tests/support.h"
#include "tests/weights/weight_examples.h"

namespace fathom::weights::tests {
using namespace fathom::tests;

TEST(TorchZips, HostileArchivesAreRefusedEachWithItsOwnMessage) {
  const TemporaryFolder folder;
  run_oracle("hostile_zips.py", {folder.path().string()});
  const std::vector<std::pair<std::string, std::string>> cases{
      {"bomb", "far more than the file holds: refused"},
      {"lying_size", "member 'a/data/0'"},
      {"flipped", "CRC"},
      {"missing_storage", "member 'a/data/0': missing"},
      {"short_storage", "has 8 bytes where 4 numbers of F32 were promised"},
      {"twice", "member 'a/data/0' stands twice"},
      {"no_object", "without data.pkl"},
      {"two_objects", "more than one data.pkl"},
      {"big_endian", "big-endian"},
      {"path_trick", "member 'a/data/../../../etc/passwd': missing"},
      {"encrypted", "member 'a/data/0': encrypted; save the file without a password"},
      {"bzip2", "member 'a/data.pkl': packed by method 12 of zip; 0 (stored) and 8 (deflated)"},
      {"many", "a zip archive of 10001 members; at most 10000 are read"},
      {"attack", "posix.system is not a tensor: refused; nothing in the file was run"},
      {"trailing_pickle", "after the end"},
      {"stride_bomb", "far more than the file holds: refused"}};
  for (const auto& [name, expected] : cases) {
    SCOPED_TRACE(name);
    const std::string message = error_of([&] { read_weight_file(folder / (name + ".pth")); });
    EXPECT_TRUE(message.starts_with((folder / (name + ".pth")).string())) << message;
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  }
  EXPECT_EQ(read_weight_file(folder / "good.pth").tensors.at("w").elements(), 4);
  EXPECT_FALSE(std::filesystem::exists(folder / "was_run"));
}

}  // namespace fathom::weights::tests
