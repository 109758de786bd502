// Arrays of bytes in HDF5 files, a few rows at a time, from several threads. libhdf5 is not
// thread-safe: every call of it is made under one lock; gzip is undone outside the lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fathom::data::internal {

/// One data set of unsigned 8-bit values; its first dimension counts the rows. Nothing outside the
/// file is read for it: external and soft links, external and virtual storage are refused, and so
/// are filters that would have to be loaded as plugins.
/// Chunks of whole rows are unpacked here, with every size checked. Other chunks are unpacked by
/// libhdf5, of which version 1.10 trusts the size of an unpacked chunk: a file damaged on purpose
/// can crash it, so open files of known origin only.
class Hdf5Bytes {
 public:
  using Block = std::shared_ptr<const std::vector<std::uint8_t>>;

  /// Throws Error naming file and data set: no HDF5 file, missing, of other values, as above.
  Hdf5Bytes(const std::filesystem::path& path, const std::string& name);
  ~Hdf5Bytes();
  Hdf5Bytes(const Hdf5Bytes&) = delete;
  Hdf5Bytes& operator=(const Hdf5Bytes&) = delete;

  const std::vector<std::uint64_t>& shape() const { return shape_; }
  std::uint64_t row_bytes() const { return row_bytes_; }

  /// The bytes of one row (row_bytes() of them). Thread-safe. Rows that are stored in one chunk are
  /// read together, and the last few chunks are kept: read rows in their order.
  std::vector<std::uint8_t> row(std::uint64_t index) const;

  /// All values. Throws Error when they are more than `most`.
  std::vector<std::uint8_t> all(std::uint64_t most) const;

 private:
  enum class Storage { rows, raw_chunks, gzip_chunks };
  struct Slot;

  void open(const std::string& name);
  void read_layout();
  void read_filters(std::int64_t creation, bool chunk_is_whole_rows);
  Block block(std::uint64_t number) const;
  std::vector<std::uint8_t> read_block(std::uint64_t number) const;
  std::vector<std::uint8_t> stored_chunk(std::uint64_t first_row) const;
  std::vector<std::uint8_t> read_rows(std::uint64_t first, std::uint64_t count) const;
  [[noreturn]] void fail(const std::string& reason) const;

  std::string where_;
  std::int64_t file_ = -1;     ///< hid_t
  std::int64_t dataset_ = -1;  ///< hid_t
  std::vector<std::uint64_t> shape_;
  std::uint64_t row_bytes_ = 1;
  std::uint64_t block_rows_ = 1;
  Storage storage_ = Storage::rows;
  mutable std::mutex mutex_;
  mutable std::deque<std::shared_ptr<Slot>> slots_;
};

}  // namespace fathom::data::internal
