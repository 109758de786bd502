#include "fathom/image/jpeg.h"

#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before itself
#include <memory>
#include <vector>

// clang-format off: jerror.h after jpeglib.h
#include <jerror.h>
#include <jpeglib.h>
// clang-format on

#include "fathom/base/error.h"

namespace fathom::image {
namespace {

/// What libjpeg has to say. Its functions are left by longjmp, the way that it provides.
struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf leave;
  std::array<char, JMSG_LENGTH_MAX> message;
};

[[noreturn]] void leave_libjpeg(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  errors->manager.format_message(info, errors->message.data());
  std::longjmp(errors->leave, 1);
}

/// A warning (level -1) tells of lost pixels but for those on what stands around them.
void judge_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  const bool harmless =
      code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
  if (level < 0 && !harmless) leave_libjpeg(info);
}

/// One row of four inks; Adobe's files count them from full ink.
void inks_to_rgb(const std::vector<std::uint8_t>& inks, bool inverted, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < inks.size(); i += 4, rgb += 3) {
    const auto paper = [&](std::size_t ink) { return inverted ? inks[ink] : 255 - inks[ink]; };
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>((paper(i + c) * paper(i + 3) + 127) / 255);
    }
  }
}

/// Fills the image; false when libjpeg was left, with its message. Nothing here has a destructor,
/// since longjmp calls none.
bool read_rows(jpeg_decompress_struct& info, JpegErrors& errors, std::string_view bytes,
               Image& image, std::vector<std::uint8_t>& inks) {
  if (setjmp(errors.leave) != 0) return false;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  const bool has_inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  if (info.output_height != static_cast<JDIMENSION>(image.height) ||
      info.output_width != static_cast<JDIMENSION>(image.width)) {
    ERREXIT(&info, JERR_BAD_DCTSIZE);
  }
  while (info.output_scanline < info.output_height) {
    std::uint8_t* out = image.rgb.data() + std::size_t{info.output_scanline} * image.width * 3;
    std::uint8_t* row = has_inks ? inks.data() : out;
    jpeg_read_scanlines(&info, &row, 1);
    if (has_inks) inks_to_rgb(inks, info.saw_Adobe_marker != 0, out);
  }
  jpeg_finish_decompress(&info);
  return true;
}

}  // namespace

Image internal::decode_jpeg(std::string_view bytes, const Header& header,
                            const std::string& where) {
  Image image(static_cast<int>(header.height), static_cast<int>(header.width));
  std::vector<std::uint8_t> inks(static_cast<std::size_t>(image.width) * 4);
  JpegErrors errors{};
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = leave_libjpeg;
  errors.manager.emit_message = judge_message;
  jpeg_create_decompress(&info);
  const std::unique_ptr<jpeg_decompress_struct, decltype(&jpeg_destroy_decompress)> destroyed(
      &info, &jpeg_destroy_decompress);
  if (!read_rows(info, errors, bytes, image, inks)) {
    throw Error(fmt::format("{}: damaged JPEG: {}", where, errors.message.data()));
  }
  return image;
}

bool internal::tells_of_lost_pixels(std::string_view warning) {
  const auto holds = [&](const char* words) { return warning.find(words) != warning.npos; };
  return (holds("Corrupt JPEG data") && !holds("extraneous bytes")) ||
         holds("Premature end of JPEG") || holds("Invalid SOS parameters") ||
         holds("Inconsistent progression");
}

}  // namespace fathom::image
