// What an image file claims about itself, read before any decoder sees it: kind, size, whether all
// of its parts are there. Not for pixels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fathom::image {

enum class Format { png, jpeg, tiff, bmp };

struct Header {
  Format format = Format::png;
  std::int64_t height = 0;
  std::int64_t width = 0;
  int channels = 0;  ///< samples of a pixel (JPEG)
  int bits = 0;      ///< of a sample (JPEG, PNG)
};

/// Reads the header and walks the structure of a PNG (the chunks that pixels depend on and their
/// CRC-32), JPEG (markers up to EOI), TIFF (strips or tiles of the first page) or BMP (rows).
/// Throws Error naming `where` when the bytes are none of these, end too early, hold sample types
/// that have no 8-bit RGB meaning (floating point, signed, more than 16 bits), or several pages.
Header read_header(std::string_view bytes, const std::string& where);

/// Throws Error unless the image has a size, of at most kMaxPixels.
void check_size(const Header& header, const std::string& where);

namespace internal {
/// Walks to the end of the image, or only to where its size stands.
Header read_jpeg_header(std::string_view bytes, const std::string& where, bool to_end);
Header read_tiff_header(std::string_view bytes, const std::string& where);
}  // namespace internal

}  // namespace fathom::image
