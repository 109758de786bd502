// A file, on disk or in memory, read piece by piece, from several threads, and never beyond its
// end. Not for files that are wanted whole: read_file is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace fathom::containers {

class FileBytes {
 public:
  /// Throws Error naming the file: missing, no regular file, not to be opened.
  explicit FileBytes(const std::filesystem::path& path);
  /// A file that is in memory, called `where` in errors.
  FileBytes(std::shared_ptr<const std::vector<std::byte>> content, std::string where);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::uint64_t size() const { return size_; }         ///< in bytes, when it was opened
  const std::string& where() const { return where_; }  ///< its path, for errors

  /// `count` bytes from `offset` on. Throws Error naming the file when they end behind it, also if
  /// it was cut meanwhile. Nothing is allocated for bytes that the file does not have.
  std::vector<std::uint8_t> read(std::uint64_t offset, std::uint64_t count) const;

 private:
  std::string where_;
  int descriptor_ = -1;
  std::shared_ptr<const std::vector<std::byte>> content_;  ///< without a descriptor
  std::uint64_t size_ = 0;
};

}  // namespace fathom::containers
