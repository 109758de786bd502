#include "fathom/containers/npz.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <numeric>
#include <set>
#include <span>

#include "fathom/base/bytes.h"
#include "fathom/base/error.h"
#include "fathom/containers/array_order.h"
#include "fathom/containers/zip_checks.h"

namespace fathom::containers {
namespace {

/// The dictionary of a header, {'descr': '|u1', 'fortran_order': False, 'shape': (3, 28, 28), }:
/// its three keys in any order, each value of one kind, and nothing else.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    expect('{');
    while (!take('}')) {
      read_entry();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (!text_.empty() || seen_ != 7) fail();
    return std::move(header_);
  }

 private:
  void read_entry() {
    const std::string key = quoted();
    expect(':');
    if (key == "descr") {
      note(1);
      header_.type = quoted();
    } else if (key == "fortran_order") {
      note(2);
      header_.is_fortran = take_word("True");
      if (!header_.is_fortran && !take_word("False")) fail();
    } else if (key == "shape") {
      note(4);
      read_shape();
    } else {
      fail();
    }
  }

  void read_shape() {
    expect('(');
    constexpr std::size_t kMaxDimensions = 32;  // numpy's own limit
    while (!take(')')) {
      header_.shape.push_back(number());
      if (header_.shape.size() > kMaxDimensions) fail();
      if (!take(',')) {
        expect(')');
        break;
      }
    }
  }

  void note(int key) {
    if ((seen_ & key) != 0) fail();
    seen_ |= key;
  }

  std::string quoted() {
    expect('\'');
    const std::size_t end = text_.find('\'');
    if (end == std::string_view::npos) fail();
    std::string content(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return content;
  }

  std::uint64_t number() {
    skip_blanks();
    std::uint64_t value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stopped, error] = std::from_chars(text_.data(), end, value);
    if (error != std::errc()) fail();
    text_.remove_prefix(static_cast<std::size_t>(stopped - text_.data()));
    return value;
  }

  bool take(char expected) {
    skip_blanks();
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    skip_blanks();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  void expect(char expected) {
    if (!take(expected)) fail();
  }

  void skip_blanks() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
  }

  [[noreturn]] void fail() const {
    throw Error(where_ + ": the header of the array is not as numpy writes it");
  }

  std::string_view text_;
  const std::string& where_;
  NpyHeader header_;
  int seen_ = 0;
};

/// The bytes of one number of a type; 0 for what is no number or not little-endian.
std::size_t item_bytes(const std::string& type) {
  static constexpr std::array kTypes = {"|b1", "|u1", "|i1", "<u2", "<i2", "<f2",
                                        "<u4", "<i4", "<f4", "<u8", "<i8", "<f8"};
  const bool known = std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
  return known ? static_cast<std::size_t>(type[2] - '0') : 0;
}

std::uint64_t values_bytes(const NpyHeader& header, const std::string& where) {
  std::uint64_t bytes = item_bytes(header.type);
  if (bytes == 0) {
    throw Error(
        fmt::format("{}: values of type '{}'; numbers of 8 to 64 bits, little-endian ('|u1', "
                    "'<i8', '<f4', ...) are read",
                    where, header.type.substr(0, 20)));
  }
  for (const std::uint64_t length : header.shape) bytes = checked_multiply(bytes, length, where);
  return bytes;
}

/// Reads on until there are `size` bytes or no more. Grows with what is really there: the size that
/// the archive states is only a claim.
void read_up_to(std::uint64_t size, zip_file_t* member, std::vector<std::uint8_t>& bytes,
                const std::string& where) {
  constexpr std::uint64_t kStep = std::uint64_t{16} << 20;
  while (bytes.size() < size) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(kStep, size - before));
    const auto got = zip_fread(member, bytes.data() + before, bytes.size() - before);
    if (got < 0) throw Error(where + ": damaged: " + zip_file_strerror(member));
    bytes.resize(before + static_cast<std::size_t>(got));
    if (got == 0) return;
  }
}

std::vector<std::uint8_t> in_c_order(const std::vector<std::uint8_t>& values,
                                     const NpyHeader& header) {
  const std::vector<std::uint64_t> stored(header.shape.rbegin(), header.shape.rend());
  std::vector<std::size_t> axes(stored.size());
  std::iota(axes.rbegin(), axes.rend(), 0);
  return transposed(values, item_bytes(header.type), stored, axes);
}

/// The values behind a header, whose bytes `bytes` begins with.
std::vector<std::uint8_t> read_values(zip_file_t* member, const NpyHeader& header,
                                      std::vector<std::uint8_t> bytes, const std::string& where) {
  const std::uint64_t expected = values_bytes(header, where);
  const std::uint64_t all = expected + header.bytes;
  bytes.reserve(all + 1);  // growing step by step would need twice the memory
  read_up_to(all + 1, member, bytes, where);
  if (bytes.size() != all) {
    throw Error(
        fmt::format("{}: its header tells of {} bytes of values, {} are there", where, expected,
                    bytes.size() > all ? "more" : fmt::format("{}", bytes.size() - header.bytes)));
  }
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header.bytes));
  if (header.is_fortran && header.shape.size() > 1) return in_c_order(bytes, header);
  return bytes;
}

constexpr std::string_view kEnding = ".npy";  ///< of the name of a member

}  // namespace

NpyHeader read_npy_header(std::string_view bytes, const std::string& where) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  if (!bytes.starts_with(kMagic)) throw Error(where + ": not a .npy array");
  ByteReader reader(std::as_bytes(std::span(bytes)), where);
  reader.take(kMagic.size());
  const auto version = reader.read<std::uint8_t>();
  reader.read<std::uint8_t>();
  if (version < 1 || version > 3) {
    throw Error(fmt::format("{}: .npy version {}; 1 to 3 are read", where, version));
  }
  const std::size_t length =
      version == 1 ? reader.read<std::uint16_t>() : reader.read<std::uint32_t>();
  if (length > kMaxNpyHeader) {
    throw Error(fmt::format("{}: a .npy header of {} bytes; at most {} are read", where, length,
                            kMaxNpyHeader));
  }
  NpyHeader header = HeaderParser(reader.take_text(length), where).parse();
  header.bytes = reader.offset();
  return header;
}

std::int64_t NpyArray::number(std::size_t index) const {
  const std::size_t size = item_bytes(header.type);
  FATHOM_CHECK(header.is_whole() && (index + 1) * size <= values.size());
  std::uint64_t value = 0;
  for (std::size_t byte = size; byte-- > 0;) value = value << 8 | values[index * size + byte];
  const bool negative = header.type[1] == 'i' && values[index * size + size - 1] >= 0x80;
  if (negative && size < 8) value |= ~std::uint64_t{0} << (8 * size);
  return static_cast<std::int64_t>(value);
}

NpzFile::NpzFile(const std::filesystem::path& path) : where_(path.string()) {
  int code = 0;
  archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (archive_) {
    checked_zip_count(archive_.get(), where_);
    file_bytes_ = std::filesystem::file_size(path);
    return;
  }
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw Error(fmt::format("{}: not a .npz file (a zip of arrays): {}", where_, reason));
}

bool NpzFile::has(const std::string& array) const {
  return zip_name_locate(archive_.get(), (array + std::string(kEnding)).c_str(), ZIP_FL_ENC_RAW) >=
         0;
}

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  const auto count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    const std::string_view member = name == nullptr ? "" : name;
    if (!member.ends_with(kEnding)) {
      throw Error(where_ + ": a .npz file with something in it that is no array (.npy)");
    }
    if (!seen.insert(member).second) throw Error(where_ + ": two arrays of one name");
    names.emplace_back(member.substr(0, member.size() - kEnding.size()));
  }
  return names;
}

NpzFile::Member NpzFile::open(const std::string& array, const std::string& where) const {
  const std::string name = array + std::string(kEnding);
  const auto index = zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW);
  if (index < 0) throw Error(where + ": missing");
  check_zip_member(archive_.get(), static_cast<zip_uint64_t>(index), where);
  Member member(zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0));
  if (!member) throw Error(where + ": " + zip_strerror(archive_.get()));
  return member;
}

NpyHeader NpzFile::read_header(zip_file_t* member, std::vector<std::uint8_t>& bytes,
                               const std::string& where) const {
  read_up_to(kMaxNpyHeader, member, bytes, where);
  const std::string_view front(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  NpyHeader header = read_npy_header(front, where);
  const std::uint64_t expected = values_bytes(header, where);
  if (expected > kMaxBytes) {
    throw Error(fmt::format("{}: {} bytes; at most {} are read", where, expected, kMaxBytes));
  }
  constexpr std::uint64_t kBestPacking = 100, kAlwaysRead = std::uint64_t{64} << 20;
  if (expected > kAlwaysRead && expected / kBestPacking > file_bytes_) {
    throw Error(
        fmt::format("{}: {} bytes, far more than the file's {} can hold of real data: refused",
                    where, expected, file_bytes_));
  }
  return header;
}

NpyHeader NpzFile::header(const std::string& array) const {
  const std::string where = fmt::format("{}: array '{}'", where_, array);
  std::vector<std::uint8_t> bytes;
  return read_header(open(array, where).get(), bytes, where);
}

NpyArray NpzFile::read(const std::string& array) const {
  const std::string where = fmt::format("{}: array '{}'", where_, array);
  const Member member = open(array, where);
  std::vector<std::uint8_t> bytes;
  NpyArray result{read_header(member.get(), bytes, where), {}};
  try {
    result.values = read_values(member.get(), result.header, std::move(bytes), where);
  } catch (const std::bad_alloc&) {
    throw Error(
        fmt::format("{}: its {} bytes of values do not fit into memory; end other programs, "
                    "or use a machine with more memory",
                    where, values_bytes(result.header, where)));
  }
  return result;
}

}  // namespace fathom::containers
