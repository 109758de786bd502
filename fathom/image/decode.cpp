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
#include "fathom/image/png.h"
#include "fathom/image/tiff.h"

namespace fathom::image {
namespace {

Image decode_bmp(std::string_view bytes, const std::string& where) {
  static std::once_flag silenced;
  std::call_once(silenced,
                 [] { cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT); });
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  cv::Mat bgr;
  try {
    bgr = cv::imdecode(buffer, cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {
    throw Error(fmt::format("{}: damaged image: {}", where, error.err));
  }
  if (bgr.empty()) {
    throw Error(where +
                ": damaged or unsupported BMP: its header is good, its pixels cannot be decoded; "
                "save it again as PNG");
  }
  Image image(bgr.rows, bgr.cols);
  cv::cvtColor(bgr, mat_of(image), cv::COLOR_BGR2RGB);
  return image;
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
  switch (header.format) {
    case Format::png:
      return internal::decode_png(bytes, header, where);
    case Format::jpeg:
      return internal::decode_jpeg(bytes, header, where);
    case Format::tiff:
      return internal::decode_tiff(bytes, header, where);
    case Format::bmp:
      return decode_bmp(bytes, where);
  }
  FATHOM_CHECK(false);
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
