// Pixels in memory and what is done to them before the network: decode, resize, turn and mirror.
// No LibTorch, no files' meaning (labels, groups): that is data/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fathom::image {

/// 8-bit RGB, rows from the top, interleaved: rgb[(y * width + x) * 3 + channel].
struct Image {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> rgb;

  Image() = default;
  Image(int h, int w) : height(h), width(w), rgb(static_cast<std::size_t>(h) * w * 3) {}
  bool operator==(const Image&) const = default;
};

/// The largest image that is decoded, in pixels (a guard against decompression bombs).
inline constexpr std::int64_t kMaxPixels = 100'000'000;

/// The largest file that is read, in bytes.
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

/// What decode reads, as errors name it.
inline constexpr const char* kFormatNames = "PNG, JPEG, TIFF, BMP or DICOM";

/// Decodes PNG, JPEG, TIFF (of one page; smaller versions of it and masks beside it are left
/// aside), BMP or DICOM (of one frame; see dicom.h). Grey and palettes become RGB; 16-bit is scaled
/// by 255/65535; transparency is laid on white (a BMP's is left aside). Pixels come as they are
/// stored: EXIF's and TIFF's orientation and colour profiles are left aside, as torchvision's
/// ImageFolder does. Throws Error naming `where` when the bytes are not such an image, are
/// truncated, hold more than kMaxPixels, or have samples without an agreed range (floating point)
/// or meaning (a second channel that is no transparency).
Image decode(std::string_view bytes, const std::string& where);
Image decode_file(const std::filesystem::path& path);

/// PNG bytes (lossless).
std::string encode_png(const Image& image);

/// Resizes: area-averaging when shrinking, bilinear when enlarging.
Image resize(const Image& image, int height, int width);

/// One of the eight symmetries of the square, the bank of views for flips and quarter turns:
/// view = 2 * quarter_turns_counterclockwise + mirrored; 0 is the image itself. The mirror (left to
/// right) comes first, then the turns: numpy.rot90(image[:, ::-1], turns).
inline constexpr int kDihedralViews = 8;
Image dihedral_view(const Image& image, int view);

}  // namespace fathom::image
