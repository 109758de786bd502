#include "fathom/containers/hdf5_structure.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"

namespace fathom::containers {
namespace {

constexpr std::uint16_t kLinkInfo = 0x02, kLink = 0x06, kContinuation = 0x10, kSymbolTable = 0x11;

/// A number of 1, 2, 4 or 8 bytes: 2 to the power of `code`.
std::uint64_t read_sized(ByteReader& reader, int code) {
  switch (code) {
    case 0:
      return reader.read<std::uint8_t>();
    case 1:
      return reader.read<std::uint16_t>();
    case 2:
      return reader.read<std::uint32_t>();
    default:
      return reader.read<std::uint64_t>();
  }
}

void walk_node(
    Hdf5Metadata& file, std::uint64_t address, int level, Hdf5Tree type, std::size_t key_bytes,
    const std::function<void(std::span<const std::uint8_t> key, std::uint64_t child)>& entry) {
  const auto head = file.read_signed(address, 24, "TREE");
  ByteReader reader = file.reader(head);
  const bool is_type = reader.read<std::uint8_t>() == static_cast<std::uint8_t>(type);
  const int found_level = reader.read<std::uint8_t>();
  if (!is_type || (level >= 0 && found_level != level)) file.fail_damaged("a tree");
  const std::uint64_t used = reader.read<std::uint16_t>();
  const auto entries = file.read(address + 24, used * (key_bytes + 8));
  for (std::size_t at = 0; at < entries.size(); at += key_bytes + 8) {
    ByteReader child = file.reader(std::span(entries).subspan(at + key_bytes, 8));
    const auto next = child.read<std::uint64_t>();
    if (found_level == 0) {
      entry(std::span(entries).subspan(at, key_bytes), next);
    } else {
      walk_node(file, next, found_level - 1, type, key_bytes, entry);
    }
  }
}

/// Adds the members of a group as HDF5 before 1.8 writes it (symbol tables).
void add_symbols(Hdf5Metadata& file, const Hdf5Message& table, std::vector<Hdf5Member>& members) {
  ByteReader addresses = file.reader(table.data);
  const auto tree = addresses.read<std::uint64_t>();
  const auto heap = file.read_signed(addresses.read<std::uint64_t>(), 32, "HEAP");
  ByteReader heap_reader = file.reader(heap);
  heap_reader.take(4);
  const auto names_bytes = heap_reader.read<std::uint64_t>();
  heap_reader.take(8);
  const auto names = file.read(heap_reader.read<std::uint64_t>(), names_bytes);
  const std::string_view all_names(reinterpret_cast<const char*>(names.data()), names.size());

  walk_hdf5_tree(file, tree, Hdf5Tree::group, 8, [&](auto, std::uint64_t node) {
    const auto head = file.read_signed(node, 8, "SNOD");
    ByteReader head_reader = file.reader(head);
    head_reader.take(2);
    const auto symbols = file.read(node + 8, 40 * std::uint64_t{head_reader.read<std::uint16_t>()});
    for (ByteReader reader = file.reader(symbols); !reader.done();) {
      constexpr std::uint32_t kSoftLink = 2;
      const auto offset = reader.read<std::uint64_t>();
      Hdf5Member member{.header = reader.read<std::uint64_t>()};
      member.is_elsewhere = reader.read<std::uint32_t>() == kSoftLink;
      reader.take(20);
      const std::size_t end = all_names.find('\0', offset);
      if (end == std::string_view::npos) file.fail_damaged("the names of a group");
      file.spend(end - offset);
      member.name = all_names.substr(offset, end - offset);
      members.push_back(std::move(member));
    }
  });
}

/// The member that a link message of a group (HDF5 1.8 and later) tells of.
Hdf5Member read_link(Hdf5Metadata& file, const Hdf5Message& message) {
  ByteReader reader = file.reader(message.data);
  reader.take(1);
  const auto flags = reader.read<std::uint8_t>();
  const int type = (flags & 8) != 0 ? reader.read<std::uint8_t>() : 0;
  reader.take(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
  Hdf5Member member{.is_elsewhere = type != 0};
  member.name = reader.take_text(read_sized(reader, flags & 3));
  if (!member.is_elsewhere) member.header = reader.read<std::uint64_t>();
  return member;
}

/// Whether a group keeps its links in a heap, which it does when they are many.
bool has_many_links(Hdf5Metadata& file, const Hdf5Message& message) {
  ByteReader reader = file.reader(message.data);
  reader.take(1);
  reader.take((reader.read<std::uint8_t>() & 1) != 0 ? 8 : 0);
  return reader.read<std::uint64_t>() != kHdf5Nowhere;
}

/// Reads the messages of one object header, block after block.
class HeaderReader {
 public:
  HeaderReader(Hdf5Metadata& file, std::uint64_t address) : file_(file) {
    const auto start = file_.read(address, 4);
    is_new_ = std::equal(start.begin(), start.end(), "OHDR");
    is_new_ ? read_new(address + 4) : read_old(address + 4, start[0]);
  }

  std::vector<Hdf5Message> take() { return std::move(messages_); }

 private:
  void read_old(std::uint64_t address, int version) {
    if (version != 1) file_.fail_damaged("an object header");
    const auto prefix = file_.read(address, 12);
    ByteReader reader = file_.reader(prefix);
    reader.take(4);
    read_block(address + 12, reader.read<std::uint32_t>());
  }

  void read_new(std::uint64_t address) {
    const auto prefix = file_.read(address, 2);
    const int flags = prefix[1];
    const std::uint64_t passed = ((flags & 32) != 0 ? 16 : 0) + ((flags & 16) != 0 ? 4 : 0);
    const std::uint64_t size_bytes = std::uint64_t{1} << (flags & 3);
    has_order_ = (flags & 4) != 0;
    const auto size = file_.read(address + 2 + passed, size_bytes);
    ByteReader reader = file_.reader(size);
    read_block(address + 2 + passed + size_bytes, read_sized(reader, flags & 3));
  }

  void read_block(std::uint64_t address, std::uint64_t size) {
    const auto block = file_.read(address, size);
    ByteReader reader = file_.reader(block);
    const std::size_t head = is_new_ ? (has_order_ ? 6 : 4) : 8;
    while (reader.left() >= head) {  // what is shorter is a gap
      Hdf5Message message;
      message.type = is_new_ ? reader.read<std::uint8_t>() : reader.read<std::uint16_t>();
      const auto bytes = reader.read<std::uint16_t>();
      message.shared = (reader.read<std::uint8_t>() & 2) != 0;
      reader.take(is_new_ ? (has_order_ ? 2 : 0) : 3);
      message.address = address + reader.offset();
      const std::string_view data = reader.take_text(bytes);
      message.data.assign(data.begin(), data.end());
      if (message.type == kContinuation) {
        read_continuation(message);
      } else {
        messages_.push_back(std::move(message));
      }
    }
  }

  void read_continuation(const Hdf5Message& message) {
    if (++continuations_ > kMaxContinuations) file_.fail_damaged("an object header");
    ByteReader reader = file_.reader(message.data);
    const auto address = reader.read<std::uint64_t>();
    const auto size = reader.read<std::uint64_t>();
    if (!is_new_) return read_block(address, size);
    if (size < 8) file_.fail_damaged("an object header");
    file_.read_signed(address, 4, "OCHK");
    read_block(address + 4, size - 8);  // a checksum stands at the end
  }

  static constexpr int kMaxContinuations = 100;  // they nest; writers need a handful

  Hdf5Metadata& file_;
  bool is_new_ = false;
  bool has_order_ = false;
  int continuations_ = 0;
  std::vector<Hdf5Message> messages_;
};

}  // namespace

void Hdf5Metadata::spend(std::uint64_t bytes) {
  if (bytes > left_) fail_damaged("parts that overlap");
  left_ -= bytes;
}

std::vector<std::uint8_t> Hdf5Metadata::read(std::uint64_t address, std::uint64_t count) {
  spend(count);
  return file_.read(address, count);
}

std::vector<std::uint8_t> Hdf5Metadata::read_signed(std::uint64_t address, std::uint64_t count,
                                                    std::string_view signature) {
  auto bytes = read(address, count);
  if (!std::ranges::equal(std::span(bytes).first(signature.size()), signature)) {
    fail_damaged(fmt::format("no '{}' at offset {}", signature, address));
  }
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(signature.size()));
  return bytes;
}

ByteReader Hdf5Metadata::reader(std::span<const std::uint8_t> bytes) const {
  return {std::as_bytes(bytes), where_ + ": damaged"};
}

ByteReader Hdf5Metadata::reader(std::string_view bytes) const {
  return {std::as_bytes(std::span(bytes)), where_ + ": damaged"};
}

void Hdf5Metadata::fail(const std::string& reason) const { throw Error(where_ + ": " + reason); }

void Hdf5Metadata::refuse_newer(const std::string& what) const {
  fail(what +
       ": a newer form of HDF5 than is read here; write it again by h5repack, or by h5py without "
       "libver");
}

void Hdf5Metadata::fail_damaged(const std::string& what) const {
  fail("a truncated or damaged file: " + what);
}

std::uint64_t find_hdf5_root(Hdf5Metadata& file) {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
  constexpr std::size_t kBytes = 76;  // of the longest version, up to the address of the root
  if (file.file_size() < kBytes) file.fail("not an HDF5 file, or a truncated one");
  const auto bytes = file.read(0, kBytes);
  ByteReader reader = file.reader(bytes);
  if (reader.take_text(kSignature.size()) != kSignature) {
    file.fail("not an HDF5 file, or a damaged one; unpack it first if it is a .gz file");
  }
  const auto version = reader.read<std::uint8_t>();
  if (version > 3) file.refuse_newer(fmt::format("superblock version {}", version));
  reader.take(version < 2 ? 4 : 0);
  const auto offset_bytes = reader.read<std::uint8_t>();
  const auto length_bytes = reader.read<std::uint8_t>();
  if (offset_bytes != 8 || length_bytes != 8) {
    file.fail(fmt::format("addresses of {} and lengths of {} bytes; 8 are read", offset_bytes,
                          length_bytes));
  }
  reader.take(version == 0 ? 9 : version == 1 ? 13 : 1);
  if (reader.read<std::uint64_t>() != 0) file.fail("does not begin at its first byte");
  reader.take(8);
  const auto end = reader.read<std::uint64_t>();
  if (end > file.file_size()) {
    file.fail(fmt::format("truncated or damaged: it tells of {} bytes and has {}", end,
                          file.file_size()));
  }
  reader.take(version < 2 ? 16 : 0);
  return reader.read<std::uint64_t>();
}

std::vector<Hdf5Message> read_hdf5_header(Hdf5Metadata& file, std::uint64_t address) {
  return HeaderReader(file, address).take();
}

std::vector<Hdf5Member> read_hdf5_members(Hdf5Metadata& file,
                                          const std::vector<Hdf5Message>& messages) {
  std::vector<Hdf5Member> members;
  for (const Hdf5Message& message : messages) {
    if (message.type == kSymbolTable) add_symbols(file, message, members);
    if (message.type == kLink) members.push_back(read_link(file, message));
    if (message.type == kLinkInfo && has_many_links(file, message)) {
      file.refuse_newer("a group of many members");
    }
  }
  return members;
}

void walk_hdf5_tree(
    Hdf5Metadata& file, std::uint64_t root, Hdf5Tree type, std::size_t key_bytes,
    const std::function<void(std::span<const std::uint8_t> key, std::uint64_t child)>& entry) {
  constexpr int kAnyLevel = -1;
  walk_node(file, root, kAnyLevel, type, key_bytes, entry);
}

}  // namespace fathom::containers
