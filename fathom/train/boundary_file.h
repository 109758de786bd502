// One boundary of many images as an immutable file of fixed-size records, each with the checksum of
// its bytes. Knows bytes alone: what the records mean is the prefix cache's business.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "fathom/base/error.h"

namespace fathom::train {

/// An image by its content (the first 15 bytes of its SHA-256), seen by one view (the last byte).
using RecordId = std::array<std::byte, 16>;

/// `pixel_hash`: hexadecimal, as data::pixel_hash gives it. `view`: 0 to 255.
RecordId record_id(const std::string& pixel_hash, int view);

/// What a file must say of itself: files of other networks, blocks or sizes are refused.
struct BoundaryHeader {
  std::string network;  ///< hash of everything that the numbers depend on
  std::string block;    ///< the block below the boundary
  std::uint64_t record_bytes = 0;
};

/// Thrown when a file is not a whole boundary file of the expected network and block.
class DamagedFile : public Error {
 public:
  using Error::Error;
};

/// An open file; its index is in memory, records are read one by one. (Not memory-mapped: mapped
/// pages would count as the process's own memory, and a failing disk would kill it.)
class BoundaryFile {
 public:
  /// Checks header, size and index. Throws DamagedFile, or Error when the file cannot be read.
  BoundaryFile(const std::filesystem::path& path, const BoundaryHeader& expected);
  ~BoundaryFile();
  BoundaryFile(const BoundaryFile&) = delete;
  BoundaryFile& operator=(const BoundaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::size_t count() const { return count_; }
  RecordId id(std::size_t record) const;
  /// Copies a record to `bytes`; false when they are not those that were written.
  bool read(std::size_t record, std::span<std::byte> bytes);

 private:
  void read_index(const BoundaryHeader& expected);

  std::filesystem::path path_;
  int fd_;
  std::uint64_t record_bytes_;
  std::size_t count_ = 0;
  std::vector<std::byte> index_;
  std::vector<bool> verified_;  ///< a record's checksum is computed at its first use
};

/// What follows a file's name while a process of this machine writes it; that process's number
/// comes after it.
std::string part_suffix();

/// Writes a file record by record. It appears under its final name by finish(); without that,
/// nothing stays.
class BoundaryWriter {
 public:
  BoundaryWriter(const std::filesystem::path& path, const BoundaryHeader& header);
  ~BoundaryWriter();
  BoundaryWriter(const BoundaryWriter&) = delete;
  BoundaryWriter& operator=(const BoundaryWriter&) = delete;

  /// Throws Error when the disk is full.
  void add(const RecordId& id, std::span<const std::byte> bytes);
  std::uint64_t bytes() const { return written_; }
  /// Writes index and header and renames. Not synced to the disk: a record that a power failure
  /// tears is found by its checksum and computed again.
  void finish();

 private:
  void write(std::span<const std::byte> bytes);

  std::filesystem::path path_, temporary_;
  BoundaryHeader header_;
  std::ofstream file_;
  std::vector<std::byte> index_;
  std::uint64_t written_ = 0;
  bool finished_ = false;
};

}  // namespace fathom::train
