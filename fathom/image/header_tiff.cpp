#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fathom/base/error.h"
#include "fathom/image/header.h"
#include "fathom/image/image.h"

namespace fathom::image {
namespace {

// Tags of the TIFF 6.0 specification that decide about the pixels.
using Tag = std::uint16_t;
constexpr Tag kSubfileType = 254;
constexpr Tag kWidth = 256;
constexpr Tag kHeight = 257;
constexpr Tag kBitsPerSample = 258;
constexpr Tag kStripOffsets = 273;
constexpr Tag kStripByteCounts = 279;
constexpr Tag kTileOffsets = 324;
constexpr Tag kTileByteCounts = 325;
constexpr Tag kSampleFormat = 339;

/// The image directory of one page, at first the first, of a TIFF or BigTIFF of either byte order.
class TiffDirectory {
 public:
  TiffDirectory(std::string_view bytes, const std::string& where)
      : bytes_(bytes), where_(where), big_endian_(bytes.starts_with("MM")) {
    const std::uint64_t version = number(2, 2);
    if (version != 42 && version != 43) {
      throw Error(fmt::format("{}: not a {} image (by its first bytes)", where_, kFormatNames));
    }
    big_ = version == 43;
    read_entries(big_ ? number(8, 8) : number(4, 4));
  }

  /// Goes on to the next page; false when there is none.
  bool next() {
    if (next_ == 0) return false;
    entries_.clear();
    read_entries(next_);
    return true;
  }

  /// How many values a tag has.
  std::uint64_t count(Tag tag) const {
    const auto found = entries_.find(tag);
    return found == entries_.end() ? 0 : found->second.count;
  }

  /// One value of a tag; `fallback` when there is none.
  std::uint64_t value(Tag tag, std::uint64_t index, std::uint64_t fallback) const {
    if (index >= count(tag)) return fallback;
    const Entry& entry = entries_.at(tag);
    const std::uint64_t size = type_size(entry.type);
    check_range(entry.position, size, entry.count);
    return number(entry.position + index * size, size);
  }

  /// Throws unless every strip or tile lies inside the file. Together they are no longer than a
  /// file may be: many that share their bytes would take as long as they like.
  void check_data(Tag offsets_tag, Tag counts_tag) const {
    std::uint64_t together = 0;
    const std::uint64_t parts = std::min(count(offsets_tag), count(counts_tag));
    for (std::uint64_t i = 0; i < parts; ++i) {
      const std::uint64_t bytes = value(counts_tag, i, 0);
      check_range(value(offsets_tag, i, 0), 1, bytes);
      together += bytes;
      if (together > kMaxFileBytes) {
        throw Error(where_ + ": damaged TIFF: its strips or tiles overlap");
      }
    }
  }

 private:
  struct Entry {
    std::uint64_t type, count, position;
  };

  static std::uint64_t type_size(std::uint64_t type) {
    if (type == 3) return 2;                 // SHORT
    if (type == 4) return 4;                 // LONG
    if (type == 16 || type == 18) return 8;  // LONG8, IFD8
    return 1;
  }

  void check_range(std::uint64_t position, std::uint64_t size, std::uint64_t count) const {
    if (position > bytes_.size() || count > (bytes_.size() - position) / size) {
      throw Error(fmt::format("{}: truncated: the file ends after {} bytes, inside the image",
                              where_, bytes_.size()));
    }
  }

  std::uint64_t number(std::uint64_t position, std::uint64_t size) const {
    check_range(position, size, 1);
    std::uint64_t result = 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t from = big_endian_ ? i : size - 1 - i;
      result = result << 8 | static_cast<std::uint8_t>(bytes_[position + from]);
    }
    return result;
  }

  void read_entries(std::uint64_t position) {
    const std::uint64_t word = big_ ? 8 : 4;
    const std::uint64_t count_size = big_ ? 8 : 2;
    const std::uint64_t count = number(position, count_size);
    const std::uint64_t entry_size = 4 + 2 * word;
    check_range(position + count_size, entry_size, count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t at = position + count_size + i * entry_size;
      Entry entry{number(at + 2, 2), number(at + 4, word), at + 4 + word};
      // Values that do not fit into the entry lie elsewhere.
      if (entry.count > word / type_size(entry.type)) entry.position = number(at + 4 + word, word);
      entries_[number(at, 2)] = entry;
    }
    next_ = number(position + count_size + count * entry_size, word);
  }

  std::string_view bytes_;
  const std::string& where_;
  bool big_endian_;
  bool big_ = false;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t next_ = 0;  ///< where the next page's directory lies; 0: there is none
};

void check_samples(const TiffDirectory& directory, const std::string& where) {
  constexpr std::uint64_t kUnsigned = 1, kUndefined = 4;
  // libtiff wants them all alike.
  const std::uint64_t format = directory.value(kSampleFormat, 0, kUnsigned);
  if (format != kUnsigned && format != kUndefined) {
    throw Error(fmt::format(
        "{}: a TIFF of {} samples has no agreed range of brightness; convert it to 8 or 16 bit "
        "unsigned, with the window you want",
        where, format == 3 ? "floating-point" : "signed or complex"));
  }
  const std::uint64_t bits = directory.value(kBitsPerSample, 0, 1);
  if (bits > 16) {
    throw Error(fmt::format("{}: a TIFF of {} bits a sample; 8 or 16 are allowed", where, bits));
  }
}

/// Further pages would be lost in silence, but for smaller versions of the first and masks.
void refuse_further_pages(TiffDirectory directory, const std::string& where) {
  constexpr std::uint64_t kReducedOrMask = 1 | 4;
  constexpr int kMostPages = 100;  // more may go round in a circle
  for (int page = 2; directory.next(); ++page) {
    if (page <= kMostPages && (directory.value(kSubfileType, 0, 0) & kReducedOrMask) != 0) continue;
    throw Error(where +
                ": a TIFF of several pages, of which only the first would be read; save each page "
                "as a file of its own");
  }
}

}  // namespace

Header internal::read_tiff_header(std::string_view bytes, const std::string& where) {
  const TiffDirectory directory(bytes, where);
  refuse_further_pages(directory, where);
  check_samples(directory, where);
  directory.check_data(kStripOffsets, kStripByteCounts);
  directory.check_data(kTileOffsets, kTileByteCounts);
  return {.format = Format::tiff,
          .height = static_cast<std::int64_t>(directory.value(kHeight, 0, 0)),
          .width = static_cast<std::int64_t>(directory.value(kWidth, 0, 0))};
}

}  // namespace fathom::image
