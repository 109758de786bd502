// A whole file in memory, read-only and paged in on demand. Not for files that others truncate
// meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace fathom::weights {

class MemoryMap {
 public:
  /// Throws Error naming the file when it cannot be read, is no regular file or is empty.
  explicit MemoryMap(const std::filesystem::path& path);
  ~MemoryMap();
  MemoryMap(const MemoryMap&) = delete;
  MemoryMap& operator=(const MemoryMap&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace fathom::weights
