// Arrays of numbers in HDF5 files, a few rows at a time, from several threads. Not for finding them
// (hdf5_file does) and not for writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fathom/containers/file_bytes.h"
#include "fathom/containers/hdf5_layout.h"

namespace fathom::containers {

/// One data set of numbers; its first dimension counts the rows. Read as h5py and libhdf5 write by
/// default: in one piece or in chunks of any shape, gzip, shuffle and fletcher32.
///
/// Whatever the file is, it is read or refused with an Error; every read is bounded by the file.
/// libhdf5 takes no part: files damaged on purpose crash it (docs/results/fuzzing.md). Nothing
/// outside the file is read for it: links, external and virtual storage are refused.
class Hdf5Array {
 public:
  /// `layout` is that of the data set `name` of `file`.
  Hdf5Array(std::shared_ptr<const FileBytes> file, const std::string& name, Hdf5Layout layout);
  ~Hdf5Array();

  const Hdf5Type& type() const { return layout_.type; }
  const std::vector<std::uint64_t>& shape() const { return layout_.shape; }
  std::uint64_t row_bytes() const { return layout_.row_bytes; }
  /// What is unpacked at once; 0 where the values lie in one piece.
  std::uint64_t chunk_bytes() const { return layout_.chunk_bytes; }

  /// The bytes of one row (row_bytes() of them). Thread-safe. Throws Error: no such row, damaged.
  /// Rows whose values lie in the same chunks are unpacked together, by all threads that ask for
  /// one of them, and the last few such blocks are kept: read rows in their order.
  std::vector<std::uint8_t> row(std::uint64_t index) const;

  /// All values, of which nothing is kept here. Throws Error when they are more than `most`, or
  /// damaged.
  std::vector<std::uint8_t> all(std::uint64_t most) const;

 protected:
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  struct Block;

  std::shared_ptr<Block> block_of(std::uint64_t index) const;
  void read_block(Block& block) const;
  void read_part(Block& block, std::size_t part) const;
  std::vector<std::uint8_t> unpacked(const Hdf5Chunk& chunk) const;
  void copy_common(const Hdf5Chunk& chunk, const std::vector<std::uint8_t>& values,
                   Block& block) const;

  std::shared_ptr<const FileBytes> file_;
  std::string where_;
  Hdf5Layout layout_;
  std::uint64_t layer_rows_ = 1;  ///< rows that lie in the same chunks
  std::uint64_t block_rows_ = 1;  ///< rows that are unpacked together: a layer or a part of it
  mutable std::mutex mutex_;
  mutable std::deque<std::shared_ptr<Block>> blocks_;
};

/// An array of unsigned 8-bit values in the root group of a file.
class Hdf5Bytes : public Hdf5Array {
 public:
  /// Throws Error as read_hdf5_layout does, and when the values are of another type.
  Hdf5Bytes(const std::filesystem::path& path, const std::string& name);

 private:
  Hdf5Bytes(const std::shared_ptr<const FileBytes>& file, const std::string& name);
};

}  // namespace fathom::containers
