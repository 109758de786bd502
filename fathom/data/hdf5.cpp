#include "fathom/data/hdf5.h"

#include <fmt/format.h>
#include <hdf5.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "fathom/base/bytes.h"
#include "fathom/base/error.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// The one lock of all calls into libhdf5. Its own messages on stderr are switched off, and the
/// loading of filter plugins too.
std::unique_lock<std::mutex> lock_library() {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  static const bool quiet = [] {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
    return true;
  }();
  FATHOM_CHECK(quiet);
  return lock;
}

/// Closes what libhdf5 opened, at the end of a scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor): a hid_t, closed

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// At most this much is read, and kept, at once.
constexpr std::uint64_t kMaxBlockBytes = std::uint64_t{256} << 20;
constexpr std::size_t kKeptBlocks = 4;

}  // namespace

/// A block that one thread reads while the others that need it wait.
struct Hdf5Bytes::Slot {
  std::uint64_t number = 0;
  std::once_flag read;
  Block block;
};

void Hdf5Bytes::fail(const std::string& reason) const { throw Error(where_ + ": " + reason); }

Hdf5Bytes::Hdf5Bytes(const fs::path& path, const std::string& name) : where_(path.string()) {
  const auto lock = lock_library();
  std::error_code missing;
  if (!fs::is_regular_file(path, missing)) fail("no such file");
  if (H5Fis_hdf5(path.c_str()) <= 0) {
    fail("not an HDF5 file, or a damaged one; unpack it first if it is a .gz file");
  }
  file_ = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file_ < 0) fail("cannot be opened: a truncated or damaged HDF5 file");
  try {
    open(name);
  } catch (...) {  // no destructor runs
    if (dataset_ >= 0) H5Dclose(dataset_);
    H5Fclose(file_);
    throw;
  }
}

Hdf5Bytes::~Hdf5Bytes() {
  const auto lock = lock_library();
  H5Dclose(dataset_);
  H5Fclose(file_);
}

void Hdf5Bytes::open(const std::string& name) {
  H5L_info_t link;
  if (H5Lget_info(file_, name.c_str(), &link, H5P_DEFAULT) < 0) {
    fail(fmt::format("no data set '{}'", name));
  }
  where_ += fmt::format(": data set '{}'", name);
  if (link.type != H5L_TYPE_HARD) fail("a link to elsewhere; only data in the file are read");
  dataset_ = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
  if (dataset_ < 0) fail("not a data set, or damaged");
  const Handle type(H5Dget_type(dataset_), H5Tclose);
  if (H5Tget_class(type) != H5T_INTEGER || H5Tget_size(type) != 1 ||
      H5Tget_sign(type) != H5T_SGN_NONE) {
    fail("its values are not of 8 bits unsigned");
  }
  const Handle space(H5Dget_space(dataset_), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 1) fail("a single value; an array is needed");
  std::vector<hsize_t> lengths(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space, lengths.data(), nullptr);
  shape_.assign(lengths.begin(), lengths.end());
  for (std::size_t i = 1; i < shape_.size(); ++i) {
    row_bytes_ = checked_multiply(row_bytes_, shape_[i], where_);
  }
  if (shape_[0] == 0 || row_bytes_ == 0) fail("empty");
  checked_multiply(row_bytes_, shape_[0], where_);
  if (row_bytes_ > kMaxBlockBytes) fail(fmt::format("rows of {} bytes", row_bytes_));
  read_layout();
}

void Hdf5Bytes::read_layout() {
  const Handle creation(H5Dget_create_plist(dataset_), H5Pclose);
  if (H5Pget_external_count(creation) > 0) fail("its values lie in other files");
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_VIRTUAL) fail("its values lie in other data sets");
  if (layout != H5D_CHUNKED) return;
  std::vector<hsize_t> chunk(shape_.size());
  if (H5Pget_chunk(creation, static_cast<int>(chunk.size()), chunk.data()) < 0) fail("damaged");
  std::uint64_t chunk_bytes = 1;
  for (const hsize_t length : chunk) {
    chunk_bytes = checked_multiply(chunk_bytes, length, where_);
  }
  if (chunk_bytes == 0 || chunk_bytes > kMaxBlockBytes) {
    fail(fmt::format("chunks of {} bytes; 1 to {} are read", chunk_bytes, kMaxBlockBytes));
  }
  // A chunk of less than whole rows: as many rows at once as one layer of chunks has, so that no
  // chunk is unpacked twice.
  const bool whole_rows = std::equal(chunk.begin() + 1, chunk.end(), shape_.begin() + 1);
  block_rows_ = std::clamp<std::uint64_t>(kMaxBlockBytes / row_bytes_, 1, chunk[0]);
  read_filters(creation, whole_rows && block_rows_ == chunk[0]);
}

void Hdf5Bytes::read_filters(std::int64_t creation, bool chunk_is_whole_rows) {
  const int count = H5Pget_nfilters(creation);
  int gzips = 0;
  bool simple = chunk_is_whole_rows;
  for (int i = 0; i < count; ++i) {
    std::size_t values = 0;
    std::array<char, 64> name{};
    unsigned flags = 0, config = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values,
                                               nullptr, name.size(), name.data(), &config);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32) {
      fail(fmt::format("compressed by filter {} ('{}'); gzip, shuffle and fletcher32 are read",
                       filter, name.data()));
    }
    gzips += filter == H5Z_FILTER_DEFLATE ? 1 : 0;
    // Shuffling values of one byte changes nothing; a checksum is libhdf5's to verify.
    simple = simple && filter != H5Z_FILTER_FLETCHER32;
  }
  if (simple && gzips <= 1) storage_ = gzips == 1 ? Storage::gzip_chunks : Storage::raw_chunks;
}

std::vector<std::uint8_t> Hdf5Bytes::row(std::uint64_t index) const {
  if (index >= shape_[0]) fail(fmt::format("no row {}; there are {}", index, shape_[0]));
  const Block rows = block(index / block_rows_);
  const auto begin = rows->begin() + static_cast<std::ptrdiff_t>(index % block_rows_ * row_bytes_);
  return {begin, begin + static_cast<std::ptrdiff_t>(row_bytes_)};
}

std::vector<std::uint8_t> Hdf5Bytes::all(std::uint64_t most) const {
  if (shape_[0] * row_bytes_ > most) {
    fail(fmt::format("{} bytes; at most {} are expected", shape_[0] * row_bytes_, most));
  }
  return read_rows(0, shape_[0]);
}

Hdf5Bytes::Block Hdf5Bytes::block(std::uint64_t number) const {
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(slots_, number, [](const auto& s) { return s->number; });
    if (found != slots_.end()) {
      slot = *found;
    } else {
      slot = std::make_shared<Slot>();
      slot->number = number;
      if (slots_.size() == kKeptBlocks) slots_.pop_front();
      slots_.push_back(slot);
    }
  }
  std::call_once(slot->read, [&] {
    slot->block = std::make_shared<const std::vector<std::uint8_t>>(read_block(number));
  });
  return slot->block;
}

/// The rows of one block; the last one of all may hold more than there are rows.
std::vector<std::uint8_t> Hdf5Bytes::read_block(std::uint64_t number) const {
  const std::uint64_t first = number * block_rows_;
  const auto rows = [&] { return read_rows(first, std::min(block_rows_, shape_[0] - first)); };
  if (storage_ == Storage::rows) return rows();
  std::vector<std::uint8_t> stored = stored_chunk(first);
  if (stored.empty()) return rows();
  const std::uint64_t size = block_rows_ * row_bytes_;
  if (storage_ == Storage::gzip_chunks) {
    std::vector<std::uint8_t> unpacked(size);
    uLongf got = size;
    const int result = uncompress(unpacked.data(), &got, stored.data(), stored.size());
    if (result != Z_OK || got != size) fail(fmt::format("rows from {} on are damaged", first));
    return unpacked;
  }
  if (stored.size() != size) fail(fmt::format("rows from {} on are damaged", first));
  return stored;
}

/// The bytes of the chunk at `first_row` as they are in the file; none where libhdf5 itself has to
/// read it (a chunk never written, or written without one of its filters).
std::vector<std::uint8_t> Hdf5Bytes::stored_chunk(std::uint64_t first_row) const {
  const auto lock = lock_library();
  std::vector<hsize_t> offset(shape_.size(), 0);
  offset[0] = first_row;
  hsize_t size = 0;
  hsize_t file_size = 0;
  if (H5Dget_chunk_storage_size(dataset_, offset.data(), &size) < 0 || size == 0) return {};
  if (H5Fget_filesize(file_, &file_size) < 0 || size > file_size) {
    fail(fmt::format("rows from {} on are damaged", first_row));
  }
  std::vector<std::uint8_t> stored(size);
  std::uint32_t left_out = 0;
  if (H5Dread_chunk(dataset_, H5P_DEFAULT, offset.data(), &left_out, stored.data()) < 0) {
    fail(fmt::format("rows from {} on cannot be read: a truncated or damaged file", first_row));
  }
  if (left_out != 0) stored.clear();
  return stored;
}

std::vector<std::uint8_t> Hdf5Bytes::read_rows(std::uint64_t first, std::uint64_t count) const {
  std::vector<std::uint8_t> values(count * row_bytes_);
  std::vector<hsize_t> start(shape_.size(), 0), lengths(shape_.begin(), shape_.end());
  start[0] = first;
  lengths[0] = count;
  const auto lock = lock_library();
  const Handle file_space(H5Dget_space(dataset_), H5Sclose);
  const Handle memory_space(
      H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr), H5Sclose);
  if (H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start.data(), nullptr, lengths.data(),
                          nullptr) < 0 ||
      H5Dread(dataset_, H5T_NATIVE_UINT8, memory_space, file_space, H5P_DEFAULT, values.data()) <
          0) {
    fail(fmt::format("rows from {} on cannot be read: a truncated or damaged file", first));
  }
  return values;
}

}  // namespace fathom::data::internal
