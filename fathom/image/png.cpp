#include "fathom/image/png.h"

#include <fmt/format.h>
#include <png.h>

#include <array>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/image/samples.h"

namespace fathom::image {
namespace {

/// The file in memory, and what libpng has to say of it. Its functions are left by longjmp, the way
/// that it provides.
struct PngSource {
  std::string_view rest;
  std::jmp_buf leave;
  std::array<char, 128> message;
};

[[noreturn]] void leave_libpng(png_structp png, png_const_charp message) {
  auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
  std::strncpy(source->message.data(), message, source->message.size() - 1);
  std::longjmp(source->leave, 1);
}

/// A library must not print.
void ignore_warning(png_structp, png_const_charp) {}

void give_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (count > source->rest.size()) png_error(png, "truncated");
  std::memcpy(out, source->rest.data(), count);
  source->rest.remove_prefix(count);
}

/// Fills the rows with red, green, blue and alpha; false when libpng was left, with its message.
/// Nothing here has a destructor, since longjmp calls none.
bool read_rows(png_structp png, png_infop info, PngSource& source, std::vector<png_bytep>& rows,
               std::size_t row_bytes) {
  if (setjmp(source.leave) != 0) return false;
  png_set_read_fn(png, &source, give_bytes);
  // Nothing but the chunks that pixels depend on.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size has its own
  png_read_info(png, info);
  png_set_expand(png);  // palettes, few bits, and the one value that is transparent
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes || png_get_image_height(png, info) != rows.size()) {
    png_error(png, "its size is told twice, differently");
  }
  png_read_image(png, rows.data());
  png_read_end(png, nullptr);
  return true;
}

template <class T>
Image decode_as(std::string_view bytes, const Header& header, const std::string& where) {
  constexpr internal::SampleLayout kRgba{.samples = 4, .colour = true, .alpha = 3};
  const auto height = static_cast<std::size_t>(header.height);
  const std::size_t row = static_cast<std::size_t>(header.width) * kRgba.samples;
  std::vector<T> values(height * row);
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) {
    rows[y] = reinterpret_cast<png_bytep>(values.data() + y * row);
  }
  PngSource source{.rest = bytes, .message = {}};
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, leave_libpng, ignore_warning);
  FATHOM_CHECK(png != nullptr);
  png_infop info = png_create_info_struct(png);
  const bool read = read_rows(png, info, source, rows, row * sizeof(T));
  png_destroy_read_struct(&png, &info, nullptr);
  if (!read) throw Error(fmt::format("{}: damaged PNG: {}", where, source.message.data()));
  return internal::rgb_of(values, static_cast<int>(header.height), static_cast<int>(header.width),
                          kRgba);
}

}  // namespace

Image internal::decode_png(std::string_view bytes, const Header& header, const std::string& where) {
  return header.bits == 16 ? decode_as<std::uint16_t>(bytes, header, where)
                           : decode_as<std::uint8_t>(bytes, header, where);
}

}  // namespace fathom::image
