#include "fathom/base/memory.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace fathom {
namespace {
namespace fs = std::filesystem;

/// The number that a file holds and no more; none of "max", and where there is no such file.
std::optional<std::int64_t> number_in(const fs::path& file) {
  std::ifstream stream(file);
  std::int64_t number = 0;
  if (stream >> number && number >= 0) return number;
  return std::nullopt;
}

/// The number behind a word at the beginning of a line.
std::optional<std::int64_t> number_after(const fs::path& file, const std::string& word) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string first;
    std::int64_t number = 0;
    if (words >> first >> number && first == word) return number;
  }
  return std::nullopt;
}

/// The files of one version of control groups: docs.kernel.org/admin-guide/cgroup-v2.html and
/// cgroup-v1/memory.html.
struct GroupFiles {
  const char *limit, *used, *unused_cache;
};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes",
                               "total_inactive_file"};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file"};

void lower_to(std::optional<std::int64_t>& least, std::int64_t bytes) {
  least = std::min(least.value_or(bytes), std::max<std::int64_t>(bytes, 0));
}

void lower_by_group(const fs::path& folder, const GroupFiles& files,
                    std::optional<std::int64_t>& least) {
  const auto limit = number_in(folder / files.limit), used = number_in(folder / files.used);
  if (!limit || !used) return;
  const auto cache = number_after(folder / "memory.stat", files.unused_cache);
  lower_to(least, *limit - *used + cache.value_or(0));
}

/// The group and all above it, of which some may lie outside of what a container sees.
void lower_by_groups(const fs::path& mount, fs::path group, const GroupFiles& files,
                     std::optional<std::int64_t>& least) {
  group = group.relative_path();
  while (!group.empty()) {
    lower_by_group(mount / group, files, least);
    group = group.parent_path();
  }
  lower_by_group(mount, files, least);
}

bool names_memory(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "memory") return true;
  }
  return false;
}

}  // namespace

std::optional<std::int64_t> available_memory(const fs::path& root) {
  std::optional<std::int64_t> least;
  if (const auto kib = number_after(root / "proc/meminfo", "MemAvailable:")) {
    lower_to(least, *kib * 1024);
  }
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");  // lines of "number:controllers:path"
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) {
      lower_by_groups(mount, group, kVersion2, least);
    } else if (names_memory(controllers)) {
      lower_by_groups(mount / "memory", group, kVersion1, least);
    }
  }
  return least;
}

}  // namespace fathom
