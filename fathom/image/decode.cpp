#include <fmt/format.h>

#include <mutex>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/image/dicom.h"
#include "fathom/image/header.h"
#include "fathom/image/image.h"
#include "fathom/image/jpeg.h"
#include "fathom/image/mat.h"

namespace fathom::image {
namespace {

/// What OpenCV makes of the bytes: 1, 3 (BGR) or 4 (BGRA) channels of 8 or 16 bits.
cv::Mat decode_stored(std::string_view bytes, const std::string& where) {
  static std::once_flag silenced;
  std::call_once(silenced,
                 [] { cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT); });
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  cv::Mat stored;
  try {
    // UNCHANGED also keeps OpenCV from turning the image by its EXIF tag.
    stored = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& error) {
    throw Error(fmt::format("{}: damaged image: {}", where, error.err));
  }
  if (stored.empty()) {
    throw Error(where +
                ": damaged or unsupported image: its header is good, its pixels cannot be "
                "decoded; save it again as PNG");
  }
  return stored;
}

/// A 16-bit value on the 8-bit scale, rounded: v * 255 / 65535.
std::uint8_t to_byte(std::uint16_t value) { return static_cast<std::uint8_t>((value + 128) / 257); }
std::uint8_t to_byte(std::uint8_t value) { return value; }

/// One colour laid on white.
template <class T>
std::uint8_t on_white(T colour, T alpha, bool associated) {
  constexpr std::uint64_t kFull = std::numeric_limits<T>::max();
  const std::uint64_t weighted = associated ? colour * kFull : std::uint64_t{colour} * alpha;
  const std::uint64_t sum = std::min(kFull * kFull, weighted + (kFull - alpha) * kFull);
  return to_byte(static_cast<T>((sum + kFull / 2) / kFull));
}

template <class T>
Image to_rgb(const cv::Mat& stored, const Header& header) {
  const int channels = stored.channels();
  const int green = channels >= 3 ? 1 : 0;
  const int red = channels >= 3 ? 2 : 0;
  Image result(stored.rows, stored.cols);
  std::uint8_t* out = result.rgb.data();
  for (int y = 0; y < stored.rows; ++y) {
    const T* in = stored.ptr<T>(y);
    for (int x = 0; x < stored.cols; ++x, in += channels, out += 3) {
      const T alpha = channels == 4 ? in[3] : std::numeric_limits<T>::max();
      const bool associated = header.associated_alpha;
      out[0] = on_white(in[red], alpha, associated);
      out[1] = on_white(in[green], alpha, associated);
      out[2] = on_white(in[0], alpha, associated);
    }
  }
  return result;
}

/// The one frame of a DICOM file.
Image decode_dicom(std::string_view bytes, const std::string& where) {
  const DicomFile file(bytes, where);
  if (file.frames() > 1) {
    throw Error(fmt::format(
        "{}: a DICOM file of {} frames, where one image is needed; with a table of labels each "
        "frame is an image (docs/data-sources.md, `dicom`)",
        where, file.frames()));
  }
  return file.frame(0);
}

}  // namespace

Image decode(std::string_view bytes, const std::string& where) {
  if (is_dicom(bytes)) return decode_dicom(bytes, where);
  const Header header = read_header(bytes, where);
  check_size(header, where);
  if (header.format == Format::jpeg) return internal::decode_jpeg(bytes, header, where);
  const bool is_png = header.format == Format::png;
  cv::Mat stored =
      is_png ? decode_stored(png_without_extras(bytes), where) : decode_stored(bytes, where);
  if (header.white_is_zero) cv::bitwise_not(stored, stored);
  if (stored.depth() == CV_8U) return to_rgb<std::uint8_t>(stored, header);
  if (stored.depth() == CV_16U) return to_rgb<std::uint16_t>(stored, header);
  throw Error(fmt::format("{}: samples of type {}; 8 or 16 bit unsigned are allowed", where,
                          cv::typeToString(stored.type())));
}

Image decode_file(const std::filesystem::path& path) {
  return decode(read_file(path, kMaxFileBytes), path.string());
}

std::string encode_png(const Image& image) {
  FATHOM_CHECK(image.height > 0 && image.width > 0);
  cv::Mat bgr;
  cv::cvtColor(mat_of(image), bgr, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".png", bgr, bytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace fathom::image
