#include "fathom/image/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <cstdlib>
#include <span>

#include "fathom/base/bytes.h"
#include "fathom/base/error.h"
#include "fathom/image/image.h"

namespace fathom::image {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

ByteReader reader_of(std::string_view bytes, const std::string& where) {
  return {std::as_bytes(std::span(bytes.data(), bytes.size())), where};
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

struct PngChunk {
  std::string_view type;
  std::string_view data;
  std::string_view whole;  ///< length, type, data and checksum
};

PngChunk next_chunk(ByteReader& reader, std::string_view bytes) {
  const std::size_t start = reader.offset();
  const std::uint32_t length = big_endian(reader.take_text(4));
  PngChunk chunk;
  chunk.type = reader.take_text(4);
  chunk.data = reader.take_text(length);
  reader.take(4);
  chunk.whole = bytes.substr(start, reader.offset() - start);
  return chunk;
}

void check_crc(const PngChunk& chunk, const std::string& where) {
  boost::crc_32_type crc;
  crc.process_bytes(chunk.whole.data() + 4, chunk.data.size() + 4);
  if (crc.checksum() != big_endian(chunk.whole.substr(chunk.whole.size() - 4))) {
    throw Error(fmt::format("{}: damaged PNG: the checksum of chunk {} does not fit", where,
                            std::string(chunk.type)));
  }
}

/// By an upper-case first letter (PNG specification, 5.4), or because it tells what is transparent.
bool pixels_depend_on(const PngChunk& chunk) {
  return (chunk.type[0] & 0x20) == 0 || chunk.type == "tRNS";
}

Header read_png_header(std::string_view bytes, const std::string& where) {
  ByteReader reader = reader_of(bytes, where);
  reader.take(kPngSignature.size());
  Header header{Format::png};
  for (bool first = true;; first = false) {
    const PngChunk chunk = next_chunk(reader, bytes);
    if (pixels_depend_on(chunk)) check_crc(chunk, where);
    if (first) {
      if (chunk.type != "IHDR" || chunk.data.size() != 13) {
        throw Error(where + ": damaged PNG: it does not start with its header (IHDR)");
      }
      header.width = big_endian(chunk.data.substr(0, 4));
      header.height = big_endian(chunk.data.substr(4, 4));
      header.bits = static_cast<std::uint8_t>(chunk.data[8]);
    }
    if (chunk.type == "IEND") return header;
  }
}

/// The big-endian number of `size` bytes at `position`.
std::uint32_t number_at(std::string_view bytes, std::size_t position, std::size_t size,
                        const std::string& where) {
  if (position + size > bytes.size()) {
    throw Error(fmt::format("{}: truncated: the file ends after {} bytes, inside the image", where,
                            bytes.size()));
  }
  return big_endian(bytes.substr(position, size));
}

/// The position of the next marker at or after `position`; entropy-coded data, stuffed bytes and
/// restart markers are passed over (ITU-T T.81, B.1.1).
std::size_t next_marker(std::string_view bytes, std::size_t position, const std::string& where) {
  for (;; ++position) {
    position = std::min(bytes.find('\xff', position), bytes.size());
    const std::uint32_t code = number_at(bytes, position, 2, where) & 0xff;
    const bool alone = code == 0x00 || code == 0xff || (code >= 0xd0 && code <= 0xd7);
    if (!alone) return position;
  }
}

bool is_frame_header(std::uint32_t code) {
  constexpr std::uint32_t kJpegLs = 0xf7;  // ITU-T T.87, C.1.2
  return (code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc) ||
         code == kJpegLs;
}

Header read_bmp_header(std::string_view bytes, const std::string& where) {
  ByteReader reader = reader_of(bytes, where);
  reader.take(10);
  const auto pixels_at = reader.read<std::uint32_t>();
  const auto header_size = reader.read<std::uint32_t>();
  if (header_size < 40) {
    throw Error(
        fmt::format("{}: a BMP with a header of {} bytes; version 3 or newer (40 bytes) "
                    "is needed: save the image as PNG",
                    where, header_size));
  }
  Header header{Format::bmp};
  header.width = reader.read<std::int32_t>();
  header.height = std::abs(std::int64_t{reader.read<std::int32_t>()});  // negative: from the top
  reader.take(2);
  constexpr std::int64_t kMaxSide = 1 << 20;  // OpenCV's, which it prints a line about
  if (std::max(header.width, header.height) > kMaxSide) {
    throw Error(fmt::format("{}: {} x {} pixels; at most {} on a side: save the image as PNG",
                            where, header.height, header.width, kMaxSide));
  }
  const auto bits = reader.read<std::uint16_t>();
  const auto compression = reader.read<std::uint32_t>();
  const bool run_length = compression == 1 || compression == 2;
  if (!run_length && header.width > 0) {
    const std::uint64_t row = (static_cast<std::uint64_t>(header.width) * bits + 31) / 32 * 4;
    ByteReader whole = reader_of(bytes, where);
    whole.take(pixels_at);
    whole.take(checked_multiply(row, static_cast<std::uint64_t>(header.height), where));
  }
  return header;
}

}  // namespace

Header internal::read_jpeg_header(std::string_view bytes, const std::string& where, bool to_end) {
  constexpr std::uint32_t kEndOfImage = 0xd9;
  Header header{Format::jpeg};
  for (std::size_t position = 2;;) {
    position = next_marker(bytes, position, where);
    const std::uint32_t code = number_at(bytes, position + 1, 1, where);
    if (code == kEndOfImage) break;
    // Markers without parameters, which no writer uses here: DCMTK 3.6.7 stays at the first for
    // ever.
    if (code < 0xc0 || code == 0xd8) {
      throw Error(fmt::format("{}: damaged JPEG: the marker {:#x} inside the image", where, code));
    }
    if (is_frame_header(code)) {
      header.bits = static_cast<int>(number_at(bytes, position + 4, 1, where));
      header.height = number_at(bytes, position + 5, 2, where);
      header.width = number_at(bytes, position + 7, 2, where);
      header.channels = static_cast<int>(number_at(bytes, position + 9, 1, where));
      if (!to_end) break;
    }
    position += 2 + number_at(bytes, position + 2, 2, where);
  }
  return header;
}

Header read_header(std::string_view bytes, const std::string& where) {
  if (bytes.starts_with(kPngSignature)) return read_png_header(bytes, where);
  if (bytes.starts_with("\xff\xd8")) return internal::read_jpeg_header(bytes, where, true);
  if (bytes.starts_with("BM")) return read_bmp_header(bytes, where);
  if (bytes.starts_with("II") || bytes.starts_with("MM")) {
    return internal::read_tiff_header(bytes, where);
  }
  throw Error(fmt::format("{}: not a {} image ({})", where, kFormatNames,
                          bytes.empty() ? "the file is empty" : "by its first bytes"));
}

void check_size(const Header& header, const std::string& where) {
  if (header.height < 1 || header.width < 1) {
    throw Error(fmt::format("{}: an image of {} x {} pixels", where, header.height, header.width));
  }
  if (header.height > kMaxPixels / header.width) {
    throw Error(fmt::format(
        "{}: {} x {} pixels; at most {} pixels are decoded: cut the image into smaller patches",
        where, header.height, header.width, kMaxPixels));
  }
}

}  // namespace fathom::image
