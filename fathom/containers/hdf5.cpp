#include "fathom/containers/hdf5.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>

#include "fathom/base/error.h"
#include "fathom/containers/hdf5_structure.h"

namespace fathom::containers {
namespace {

constexpr std::uint64_t kMaxKeptBytes = std::uint64_t{512} << 20;  ///< of all blocks
constexpr std::uint64_t kPieceReadBytes = std::uint64_t{64} << 10;

/// HDF5's checksum of a chunk (H5_checksum_fletcher32): sums of big-endian words modulo 65535.
std::uint32_t fletcher32(std::span<const std::uint8_t> bytes) {
  std::uint32_t first = 0, second = 0;
  const auto fold = [](std::uint32_t sum) { return (sum & 0xffff) + (sum >> 16); };
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint32_t low = i + 1 < bytes.size() ? bytes[i + 1] : 0;
    first = fold(first + (std::uint32_t{bytes[i]} << 8 | low));
    second = fold(second + first);
  }
  return second << 16 | first;
}

/// Takes the checksum off the end; false when it does not fit.
bool undo_fletcher32(std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < 4) return false;
  std::uint32_t stored = 0;
  for (int i = 0; i < 4; ++i) {
    stored |= std::uint32_t{bytes[bytes.size() - 4 + static_cast<std::size_t>(i)]} << (8 * i);
  }
  bytes.resize(bytes.size() - 4);
  return fletcher32(bytes) == stored;
}

/// Unpacks up to `most` bytes; false when they are damaged or more.
bool undo_gzip(std::vector<std::uint8_t>& bytes, std::uint64_t most) {
  constexpr std::uint64_t kBestRatio = 1032;  // of deflate: nothing is allocated for a mere claim
  std::vector<std::uint8_t> unpacked(std::min<std::uint64_t>(most, kBestRatio * bytes.size()));
  uLongf got = unpacked.size();
  if (uncompress(unpacked.data(), &got, bytes.data(), bytes.size()) != Z_OK) return false;
  unpacked.resize(got);
  bytes = std::move(unpacked);
  return true;
}

/// Undoes the sorting of the bytes of `size`-byte values by their place in the value; what is left
/// over at the end was not sorted.
void undo_shuffle(std::vector<std::uint8_t>& bytes, std::size_t size) {
  const std::size_t values = bytes.size() / size;
  std::vector<std::uint8_t> sorted = bytes;
  for (std::size_t place = 0; place < size; ++place) {
    for (std::size_t i = 0; i < values; ++i) bytes[i * size + place] = sorted[place * values + i];
  }
}

/// Copies a box of values from one array into another: dimension `d` and those behind it.
struct BoxCopy {
  std::uint64_t value_bytes = 1;
  std::vector<std::uint64_t> count, from_stride, to_stride;

  void run(std::size_t d, const std::uint8_t* from, std::uint8_t* to) const {
    if (d + 1 == count.size()) {
      std::copy_n(from, count[d] * value_bytes, to);
      return;
    }
    for (std::uint64_t i = 0; i < count[d]; ++i) {
      run(d + 1, from + i * from_stride[d], to + i * to_stride[d]);
    }
  }
};

/// How many bytes lie between neighbours of each dimension.
std::vector<std::uint64_t> strides(const std::vector<std::uint64_t>& lengths,
                                   std::uint64_t value_bytes) {
  std::vector<std::uint64_t> result(lengths.size(), value_bytes);
  for (std::size_t i = lengths.size() - 1; i > 0; --i) result[i - 1] = result[i] * lengths[i];
  return result;
}

/// `count` bytes of a value that is repeated.
std::vector<std::uint8_t> filled(std::uint64_t count, const std::vector<std::uint8_t>& value) {
  std::vector<std::uint8_t> bytes(count, value.empty() ? 0 : value[0]);
  if (std::ranges::count(value, bytes[0]) == std::ssize(value)) return bytes;
  for (std::uint64_t i = 0; i < count; ++i) bytes[i] = value[i % value.size()];
  return bytes;
}

}  // namespace

/// Some rows. The threads that need one of them read the parts together.
struct Hdf5Array::Block {
  std::uint64_t first = 0;  ///< row
  std::uint64_t rows = 0;
  std::span<const Hdf5Chunk> chunks;  ///< the written ones of the layer
  std::size_t parts = 0;

  std::once_flag allocated;
  std::vector<std::uint8_t> values;
  std::atomic<std::size_t> next_part{0};
  std::mutex mutex;
  std::condition_variable all_done;
  std::size_t done = 0;
  std::exception_ptr failure;
};

void Hdf5Array::fail(const std::string& reason) const { throw Error(where_ + ": " + reason); }

Hdf5Array::Hdf5Array(std::shared_ptr<const FileBytes> file, const std::string& name,
                     Hdf5Layout layout)
    : file_(std::move(file)),
      where_(fmt::format("{}: data set '{}'", file_->where(), name)),
      layout_(std::move(layout)) {
  const bool is_chunked = !layout_.chunk.empty();
  layer_rows_ = is_chunked ? std::min(layout_.chunk[0], layout_.shape[0]) : layout_.shape[0];
  const std::uint64_t most = is_chunked ? kMaxHdf5PieceBytes : kPieceReadBytes;
  block_rows_ = std::clamp<std::uint64_t>(most / layout_.row_bytes, 1, layer_rows_);
}

Hdf5Array::~Hdf5Array() = default;

std::vector<std::uint8_t> Hdf5Array::row(std::uint64_t index) const {
  if (index >= layout_.shape[0]) {
    fail(fmt::format("no row {}; there are {}", index, layout_.shape[0]));
  }
  const std::shared_ptr<Block> block = block_of(index);
  read_block(*block);
  const auto begin = block->values.begin() +
                     static_cast<std::ptrdiff_t>((index - block->first) * layout_.row_bytes);
  return {begin, begin + static_cast<std::ptrdiff_t>(layout_.row_bytes)};
}

std::vector<std::uint8_t> Hdf5Array::all(std::uint64_t most) const {
  const std::uint64_t bytes = layout_.shape[0] * layout_.row_bytes;
  if (bytes > most) fail(fmt::format("{} bytes; at most {} are expected", bytes, most));
  std::vector<std::uint8_t> values;
  values.reserve(bytes);
  while (values.size() < bytes) {
    const std::shared_ptr<Block> block = block_of(values.size() / layout_.row_bytes);
    read_block(*block);
    values.insert(values.end(), block->values.begin(), block->values.end());
  }
  const std::lock_guard lock(mutex_);
  blocks_.clear();
  return values;
}

std::shared_ptr<Hdf5Array::Block> Hdf5Array::block_of(std::uint64_t index) const {
  const std::uint64_t layer = index / layer_rows_;
  const std::uint64_t first = layer * layer_rows_ + index % layer_rows_ / block_rows_ * block_rows_;
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(blocks_, first, [](const auto& b) { return b->first; });
  if (found != blocks_.end()) return *found;

  auto block = std::make_shared<Block>();
  block->first = first;
  block->rows =
      std::min({block_rows_, (layer + 1) * layer_rows_ - first, layout_.shape[0] - first});
  block->parts = 1;
  if (!layout_.chunk.empty()) {
    std::uint64_t per_layer = 1;
    for (std::size_t i = 1; i < layout_.grid.size(); ++i) per_layer *= layout_.grid[i];
    const auto bound = [&](std::uint64_t number) {
      return std::ranges::lower_bound(layout_.chunks, number, {}, &Hdf5Chunk::number);
    };
    block->chunks = {bound(layer * per_layer), bound((layer + 1) * per_layer)};
    block->parts = block->chunks.size();
  }
  // At a border, two blocks are read at the same time.
  const std::size_t kept =
      std::clamp<std::uint64_t>(kMaxKeptBytes / (block_rows_ * layout_.row_bytes), 2, 4);
  if (blocks_.size() == kept) blocks_.pop_front();
  blocks_.push_back(block);
  return block;
}

void Hdf5Array::read_block(Block& block) const {
  std::call_once(block.allocated,
                 [&] { block.values = filled(block.rows * layout_.row_bytes, layout_.fill); });
  for (std::size_t part; (part = block.next_part++) < block.parts;) {
    std::exception_ptr failure;
    try {
      read_part(block, part);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(block.mutex);
    if (failure) block.failure = failure;
    if (++block.done == block.parts) block.all_done.notify_all();
  }
  std::unique_lock lock(block.mutex);
  block.all_done.wait(lock, [&] { return block.done == block.parts; });
  if (block.failure) std::rethrow_exception(block.failure);
}

void Hdf5Array::read_part(Block& block, std::size_t part) const {
  if (!layout_.chunk.empty()) {
    const Hdf5Chunk& chunk = block.chunks[part];
    return copy_common(chunk, unpacked(chunk), block);
  }
  if (layout_.address == kHdf5Nowhere) return;
  block.values = file_->read(layout_.address + block.first * layout_.row_bytes,
                             block.rows * layout_.row_bytes);
}

std::vector<std::uint8_t> Hdf5Array::unpacked(const Hdf5Chunk& chunk) const {
  std::vector<std::uint8_t> bytes = file_->read(chunk.address, chunk.bytes);
  // Every checksum that was added before packing adds its own length.
  const std::uint64_t most = layout_.chunk_bytes + 4 * layout_.filters.size();
  bool is_good = true;
  for (std::size_t i = layout_.filters.size(); i-- > 0 && is_good;) {
    if ((chunk.left_out >> i & 1) != 0) continue;
    if (layout_.filters[i] == Hdf5Filter::shuffle) undo_shuffle(bytes, layout_.type.bytes);
    if (layout_.filters[i] == Hdf5Filter::fletcher32) is_good = undo_fletcher32(bytes);
    if (layout_.filters[i] == Hdf5Filter::gzip) is_good = undo_gzip(bytes, most);
  }
  if (!is_good || bytes.size() != layout_.chunk_bytes) {
    fail(fmt::format("the chunk at offset {} is damaged", chunk.address));
  }
  return bytes;
}

/// Copies what the chunk and the block have in common.
void Hdf5Array::copy_common(const Hdf5Chunk& chunk, const std::vector<std::uint8_t>& values,
                            Block& block) const {
  const std::size_t rank = layout_.shape.size();
  const std::uint64_t value_bytes = layout_.type.bytes;
  BoxCopy box{value_bytes, std::vector<std::uint64_t>(rank), strides(layout_.chunk, value_bytes),
              strides(layout_.shape, value_bytes)};
  std::uint64_t from = 0, to = 0;
  std::uint64_t number = chunk.number;
  for (std::size_t i = rank; i-- > 0;) {
    const std::uint64_t start = number % layout_.grid[i] * layout_.chunk[i];
    number /= layout_.grid[i];
    const std::uint64_t block_start = i == 0 ? block.first : 0;
    const std::uint64_t block_end = i == 0 ? block.first + block.rows : layout_.shape[i];
    const std::uint64_t begin = std::max(start, block_start);
    box.count[i] = std::min(start + layout_.chunk[i], block_end) - begin;
    from += (begin - start) * box.from_stride[i];
    to += (begin - block_start) * box.to_stride[i];
  }
  box.run(0, values.data() + from, block.values.data() + to);
}

Hdf5Bytes::Hdf5Bytes(const std::filesystem::path& path, const std::string& name)
    : Hdf5Bytes(std::make_shared<FileBytes>(path), name) {}

Hdf5Bytes::Hdf5Bytes(const std::shared_ptr<const FileBytes>& file, const std::string& name)
    : Hdf5Array(file, name, read_hdf5_layout(*file, name)) {
  if (type() != Hdf5Type{}) fail("its values are not of 8 bits unsigned");
}

}  // namespace fathom::containers
