// More bytes than memory should hold: they lie in a file without a name, are read and written like
// memory, and can be put out of it. Not for what another run shall find: that is the prefix cache.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace fathom::train {

class PagedBytes {
 public:
  /// Zeros; their room in `folder`, which is made, is taken at once and free again when the process
  /// ends in whatever way. Throws Error when there is none.
  PagedBytes(std::size_t size, const std::filesystem::path& folder);
  ~PagedBytes();
  PagedBytes(const PagedBytes&) = delete;
  PagedBytes& operator=(const PagedBytes&) = delete;

  std::byte* data() const { return bytes_.data(); }

  /// Gives up the memory; the bytes stay and are read again when touched. Other threads may use
  /// them meanwhile.
  void release_memory() const;

 private:
  std::span<std::byte> bytes_;
};

}  // namespace fathom::train
