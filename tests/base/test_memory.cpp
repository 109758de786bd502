#include <gtest/gtest.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/memory.h"
#include "tests/support.h"

namespace fathom {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

/// A made-up /proc and /sys.
class AvailableMemory : public testing::Test {
 protected:
  void SetUp() override {
    write("proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 5 kB\nMemAvailable: 8388608 kB\n");
  }
  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    write_file_atomically(root_ / file, text);
  }
  void write_group(const std::string& folder, const std::string& limit, const std::string& used) {
    write(folder + "/memory.max", limit + "\n");
    write(folder + "/memory.current", used + "\n");
  }
  std::optional<std::int64_t> found() { return available_memory(root_.path()); }
  tests::TemporaryFolder root_;
};

TEST_F(AvailableMemory, IsThatOfTheMachineWithoutControlGroups) {
  EXPECT_EQ(found(), 8192 * kMiB);
  EXPECT_FALSE(available_memory(root_ / "nowhere"));
}

TEST_F(AvailableMemory, IsWhatTheTightestGroupAboveLeaves) {
  write("proc/self/cgroup", "0::/slurm/job/step\n");
  write_group("sys/fs/cgroup/slurm/job/step", "max", "104857600");
  EXPECT_EQ(found(), 8192 * kMiB) << "no limit";
  write_group("sys/fs/cgroup/slurm/job", "1073741824", "209715200");
  write("sys/fs/cgroup/slurm/job/memory.stat",
        "anon 1\nfile 9\ninactive_file 104857600\nactive_file 5\n");
  EXPECT_EQ(found(), (1024 - 200 + 100) * kMiB) << "page cache can be given up";
  write_group("sys/fs/cgroup/slurm", "314572800", "209715200");
  EXPECT_EQ(found(), 100 * kMiB);
  write_group("sys/fs/cgroup", "1048576", "2097152");
  EXPECT_EQ(found(), 0) << "a container's own group; more is used than allowed";
}

TEST_F(AvailableMemory, KnowsTheFirstVersionOfControlGroups) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory,hugetlb:/a/b\n1:name=systemd:/\n0::/x\n");
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1073741824\n");
  write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "536870912\n");
  write("sys/fs/cgroup/memory/a/memory.stat", "inactive_file 5\ntotal_inactive_file 1048576\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "536870912\n");
  EXPECT_EQ(found(), 513 * kMiB);
}

TEST_F(AvailableMemory, OddFilesSetNoLimit) {
  write("proc/self/cgroup", "nonsense\n0::/a\n:\n");
  write_group("sys/fs/cgroup/a", "-5", "much");
  EXPECT_EQ(found(), 8192 * kMiB);
  write("proc/meminfo", "MemAvailable: lots kB\n");
  EXPECT_FALSE(found());
}

TEST_F(AvailableMemory, OfThisMachineIsPlausible) {
  const std::optional<std::int64_t> bytes = available_memory();
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(*bytes > kMiB && *bytes < (std::int64_t{1} << 50)) << *bytes;
}

}  // namespace
}  // namespace fathom
