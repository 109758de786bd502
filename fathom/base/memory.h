// How much memory this process may still take. Not for what it has taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace fathom {

/// Bytes that can be taken before the system swaps or ends programs: the least of MemAvailable
/// (proc_meminfo(5)) and what the process's control groups leave (their limit minus their use, page
/// cache that is not in use counted as free), version 1 or 2, those above included. What cannot be
/// read sets no limit; none where nothing can be. `root`: where /proc and /sys are found.
std::optional<std::int64_t> available_memory(const std::filesystem::path& root = "/");

}  // namespace fathom
