#include "fathom/containers/hdf5_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/containers/hdf5_structure.h"

namespace fathom::containers {
namespace {

/// Puts a layout together from the messages of a data set's header.
class LayoutReader {
 public:
  explicit LayoutReader(Hdf5Metadata& file) : file_(file) {}

  Hdf5Layout read(const std::vector<Hdf5Message>& messages) {
    for (const Hdf5Message& message : messages) read_message(message);
    if (!has_type_ || !has_layout_ || layout_.shape.empty()) {
      file_.fail("not a data set, or damaged");
    }
    check_shape();
    if (!layout_.fill.empty() && layout_.fill.size() != layout_.type.bytes) {
      file_.fail_damaged("a fill value");
    }
    if (layout_.chunk.empty()) {
      check_piece();
    } else {
      check_chunk();
      if (layout_.address != kHdf5Nowhere) read_chunks();
    }
    return std::move(layout_);
  }

 private:
  void read_message(const Hdf5Message& message) {
    ByteReader reader = file_.reader(message.data);
    switch (message.type) {
      case 0x01:
        check_own(message);
        return read_shape(reader);
      case 0x03:
        check_own(message);
        return read_type(reader);
      case 0x05:
        check_own(message);
        return read_fill(reader);
      case 0x07:
        file_.fail("its values lie in other files");
      case 0x08:
        check_own(message);
        return read_storage(reader, message.address);
      case 0x0b:
        check_own(message);
        return read_filters(reader);
      default:
        return;  // times, attributes, comments
    }
  }

  void check_own(const Hdf5Message& message) const {
    if (message.shared) file_.refuse_newer("a header message shared with other objects");
  }

  void read_shape(ByteReader& reader) {
    const auto version = reader.read<std::uint8_t>();
    const auto rank = reader.read<std::uint8_t>();
    if (version < 1 || version > 2 || rank > kMaxRank) file_.fail_damaged("a shape");
    reader.take(version == 1 ? 6 : 2);
    if (rank == 0) file_.fail("a single value, or none; an array is needed");
    layout_.shape.clear();
    for (int i = 0; i < rank; ++i) layout_.shape.push_back(reader.read<std::uint64_t>());
  }

  void read_type(ByteReader& reader) {
    constexpr int kWholeNumber = 0, kFloating = 1, kBigEndian = 1, kSigned = 8;
    const int kind = reader.read<std::uint8_t>() & 15;
    const int properties = reader.read<std::uint8_t>();
    reader.take(2);
    Hdf5Type type{.bytes = reader.read<std::uint32_t>()};
    const bool is_sized = type.bytes == 1 || type.bytes == 2 || type.bytes == 4 || type.bytes == 8;
    const bool is_swapped = (properties & kBigEndian) != 0 && type.bytes > 1;
    if (kind > kFloating || !is_sized || is_swapped) {
      file_.fail("its values are no little-endian numbers of 8 to 64 bits");
    }
    if (kind == kWholeNumber) {
      type.kind =
          (properties & kSigned) != 0 ? Hdf5Type::Kind::whole_signed : Hdf5Type::Kind::whole;
    } else {
      type.kind = Hdf5Type::Kind::floating;
      check_floating(reader, type.bytes);
    }
    layout_.type = type;
    has_type_ = true;
  }

  /// Two bytes may be bfloat16, which h5py knows nothing of.
  void check_floating(ByteReader& reader, std::uint32_t bytes) const {
    reader.take(2);
    const auto precision = reader.read<std::uint16_t>();
    reader.take(1);
    const auto exponent_bits = reader.read<std::uint8_t>();
    const int expected = bytes == 2 ? 5 : bytes == 4 ? 8 : 11;
    if (bytes == 1 || precision != 8 * bytes || exponent_bits != expected) {
      file_.fail("its values are floating-point numbers of an unusual kind");
    }
  }

  void read_fill(ByteReader& reader) {
    const auto version = reader.read<std::uint8_t>();
    bool has_value = false;
    if (version < 3) {
      reader.take(2);
      has_value = reader.read<std::uint8_t>() != 0;
    } else {
      has_value = (reader.read<std::uint8_t>() & 32) != 0;
    }
    if (!has_value) return;
    const std::string_view value = reader.take_text(reader.read<std::uint32_t>());
    layout_.fill.assign(value.begin(), value.end());
  }

  void read_storage(ByteReader& reader, std::uint64_t address) {
    constexpr int kCompact = 0, kContiguous = 1, kVirtual = 3;
    const auto version = reader.read<std::uint8_t>();
    const auto kind = reader.read<std::uint8_t>();
    if (version == 4 && kind == kVirtual) file_.fail("its values lie in other data sets");
    if (version != 3) file_.refuse_newer(fmt::format("data layout version {}", version));
    if (kind > 2) file_.fail_damaged("a data layout");
    if (kind == kCompact) {
      piece_bytes_ = reader.read<std::uint16_t>();
      layout_.address = address + reader.offset();
    } else if (kind == kContiguous) {
      layout_.address = reader.read<std::uint64_t>();
      piece_bytes_ = reader.read<std::uint64_t>();
    } else {
      const int rank = reader.read<std::uint8_t>() - 1;  // the last is the size of a value
      layout_.address = reader.read<std::uint64_t>();
      layout_.chunk.clear();
      for (int i = 0; i < rank; ++i) layout_.chunk.push_back(reader.read<std::uint32_t>());
    }
    has_layout_ = true;
  }

  void read_filters(ByteReader& reader) {
    const auto version = reader.read<std::uint8_t>();
    const auto count = reader.read<std::uint8_t>();
    if (version < 1 || version > 2 || count > kMaxRank) file_.fail_damaged("filters");
    reader.take(version == 1 ? 6 : 0);
    layout_.filters.clear();
    for (int i = 0; i < count; ++i) layout_.filters.push_back(read_filter(reader, version));
  }

  Hdf5Filter read_filter(ByteReader& reader, int version) const {
    const auto id = reader.read<std::uint16_t>();
    const bool has_name = version == 1 || id >= 256;
    const std::uint16_t name_bytes = has_name ? reader.read<std::uint16_t>() : 0;
    reader.take(2);
    const auto values = reader.read<std::uint16_t>();
    const std::string name(reader.take_text(name_bytes));
    const bool is_padded = version == 1 && values % 2 == 1;
    reader.take(4 * (std::uint64_t{values} + (is_padded ? 1 : 0)));
    switch (id) {
      case 1:
        return Hdf5Filter::gzip;
      case 2:
        return Hdf5Filter::shuffle;
      case 3:
        return Hdf5Filter::fletcher32;
      default:
        file_.fail(
            fmt::format("compressed by filter {} ('{}'); gzip, shuffle and fletcher32 are "
                        "read",
                        id, name.c_str()));
    }
  }

  void check_shape() {
    const std::vector<std::uint64_t>& shape = layout_.shape;
    if (std::ranges::count(shape, 0U) > 0) file_.fail("empty");
    layout_.row_bytes = layout_.type.bytes;
    for (std::size_t i = 1; i < shape.size(); ++i) {
      layout_.row_bytes = checked_multiply(layout_.row_bytes, shape[i], file_.where());
    }
    checked_multiply(layout_.row_bytes, shape[0], file_.where());
    if (layout_.row_bytes > kMaxHdf5PieceBytes) {
      file_.fail(fmt::format("rows of {} bytes; at most {} are read", layout_.row_bytes,
                             kMaxHdf5PieceBytes));
    }
  }

  void check_piece() const {
    const std::uint64_t bytes = layout_.row_bytes * layout_.shape[0];
    if (layout_.address == kHdf5Nowhere) return;
    if (piece_bytes_ < bytes || layout_.address > file_.file_size() ||
        bytes > file_.file_size() - layout_.address) {
      file_.fail_damaged("values beyond its end");
    }
  }

  void check_chunk() {
    if (layout_.chunk.size() != layout_.shape.size()) file_.fail_damaged("chunks of other shape");
    layout_.chunk_bytes = layout_.type.bytes;
    for (std::size_t i = 0; i < layout_.chunk.size(); ++i) {
      const std::uint64_t length = layout_.chunk[i];
      layout_.chunk_bytes = checked_multiply(layout_.chunk_bytes, length, file_.where());
      if (length == 0) break;
      layout_.grid.push_back((layout_.shape[i] - 1) / length + 1);
    }
    if (layout_.chunk_bytes == 0 || layout_.chunk_bytes > kMaxHdf5PieceBytes) {
      file_.fail(fmt::format("chunks of {} bytes; 1 to {} are read", layout_.chunk_bytes,
                             kMaxHdf5PieceBytes));
    }
  }

  void read_chunks() {
    const std::size_t key_bytes = 8 + 8 * (layout_.shape.size() + 1);
    walk_hdf5_tree(file_, layout_.address, Hdf5Tree::chunks, key_bytes,
                   [this](auto key, std::uint64_t address) { add_chunk(key, address); });
    std::ranges::sort(layout_.chunks, {}, &Hdf5Chunk::number);
    const auto twice = std::ranges::adjacent_find(layout_.chunks, {}, &Hdf5Chunk::number);
    if (twice != layout_.chunks.end()) file_.fail_damaged("a chunk twice");
  }

  void add_chunk(std::span<const std::uint8_t> key, std::uint64_t address) {
    ByteReader reader = file_.reader(key);
    Hdf5Chunk chunk{.address = address};
    chunk.bytes = reader.read<std::uint32_t>();
    chunk.left_out = reader.read<std::uint32_t>();
    for (std::size_t i = 0; i < layout_.shape.size(); ++i) {
      const auto start = reader.read<std::uint64_t>();
      if (start % layout_.chunk[i] != 0 || start >= layout_.shape[i]) {
        file_.fail_damaged("a chunk beside the data set");
      }
      chunk.number = chunk.number * layout_.grid[i] + start / layout_.chunk[i];
    }
    stored_bytes_ += chunk.bytes;
    if (address > file_.file_size() || chunk.bytes > file_.file_size() - address ||
        stored_bytes_ > file_.file_size()) {
      file_.fail_damaged("chunks beyond its end, or one upon the other");
    }
    layout_.chunks.push_back(chunk);
  }

  static constexpr int kMaxRank = 32;  // HDF5's own limit, of filters too

  Hdf5Metadata& file_;
  Hdf5Layout layout_;
  bool has_type_ = false;
  bool has_layout_ = false;
  std::uint64_t piece_bytes_ = 0;
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace

Hdf5Layout read_hdf5_layout(Hdf5Metadata& file, const std::vector<Hdf5Message>& messages) {
  return LayoutReader(file).read(messages);
}

Hdf5Layout read_hdf5_layout(const FileBytes& file, const std::string& name) {
  Hdf5Metadata metadata(file);
  const std::vector<Hdf5Member> members =
      read_hdf5_members(metadata, read_hdf5_header(metadata, find_hdf5_root(metadata)));
  const auto member = std::ranges::find(members, name, &Hdf5Member::name);
  if (member == members.end()) metadata.fail(fmt::format("no data set '{}'", name));
  if (member->is_elsewhere) {
    metadata.fail(fmt::format("'{}' is a link to elsewhere; only data in the file are read", name));
  }
  metadata.name_part("data set", name);
  return read_hdf5_layout(metadata, read_hdf5_header(metadata, member->header));
}

}  // namespace fathom::containers
