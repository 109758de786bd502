#include "fathom/image/tiff.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <memory>

#include "fathom/base/error.h"
#include "fathom/image/jpeg.h"
#include "fathom/image/samples.h"

namespace fathom::image {
namespace {

using internal::SampleLayout;

/// The file in memory, as libtiff reads it, and what libtiff has to say of it first.
struct TiffSource {
  std::string_view bytes;
  std::uint64_t at = 0;
  std::string damage;
};

TiffSource& source_of(thandle_t handle) { return *static_cast<TiffSource*>(handle); }

tmsize_t read_source(thandle_t handle, void* out, tmsize_t size) {
  TiffSource& source = source_of(handle);
  if (source.at >= source.bytes.size() || size < 0) return 0;
  const std::size_t count = source.bytes.copy(
      static_cast<char*>(out), static_cast<std::size_t>(size), static_cast<std::size_t>(source.at));
  source.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t refuse_to_write(thandle_t, void*, tmsize_t) { return -1; }

toff_t seek_source(thandle_t handle, toff_t offset, int whence) {
  TiffSource& source = source_of(handle);
  if (whence == SEEK_CUR) offset += source.at;
  if (whence == SEEK_END) offset += source.bytes.size();
  return source.at = offset;
}

int close_source(thandle_t) { return 0; }

toff_t size_of_source(thandle_t handle) { return source_of(handle).bytes.size(); }

/// So that libtiff reads the strips where they are.
int map_source(thandle_t handle, void** base, toff_t* size) {
  const TiffSource& source = source_of(handle);
  *base = const_cast<char*>(source.bytes.data());
  *size = source.bytes.size();
  return 1;
}

void unmap_source(thandle_t, void*, toff_t) {}

std::string message_of(const char* format, std::va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  return text.data();
}

int note_error(TIFF*, void* source, const char*, const char* format, std::va_list arguments) {
  std::string& damage = source_of(source).damage;
  if (damage.empty()) damage = message_of(format, arguments);
  return 1;
}

/// Warnings tell of odd tags, but for those of its libjpeg.
int note_warning(TIFF*, void* source, const char*, const char* format, std::va_list arguments) {
  std::string& damage = source_of(source).damage;
  const std::string message = message_of(format, arguments);
  if (damage.empty() && internal::tells_of_lost_pixels(message)) damage = message;
  return 1;
}

class TiffPage {
 public:
  TiffPage(std::string_view bytes, const Header& header, const std::string& where)
      : where_(where), source_{bytes}, file_(open(), TIFFClose) {
    if (!file_) refuse();
    TIFFGetField(file_.get(), TIFFTAG_IMAGEWIDTH, &width_);
    TIFFGetField(file_.get(), TIFFTAG_IMAGELENGTH, &height_);
    if (width_ != header.width || height_ != header.height) {
      throw Error(where_ + ": damaged TIFF: it tells its size twice, differently");
    }
    bits_ = field(TIFFTAG_BITSPERSAMPLE);
    photometric_ = field(TIFFTAG_PHOTOMETRIC);
    layout_.samples = field(TIFFTAG_SAMPLESPERPIXEL);
    separate_ = field(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && layout_.samples > 1;
  }

  Image decode() {
    const bool is_grey =
        photometric_ == PHOTOMETRIC_MINISBLACK || photometric_ == PHOTOMETRIC_MINISWHITE;
    const bool is_plain = is_grey || photometric_ == PHOTOMETRIC_RGB;
    if (!is_plain || bits_ < 8) return decode_prepared();
    set_layout(is_grey);
    if (bits_ == 8) return decode_plain<std::uint8_t>();
    if (bits_ == 16) return decode_plain<std::uint16_t>();
    throw Error(fmt::format("{}: a TIFF of {} bits a sample; 8 or 16 are allowed", where_, bits_));
  }

 private:
  TIFF* open() {
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
        TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxFileBytes);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), note_error, &source_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), note_warning, &source_);
    return TIFFClientOpenExt("TIFF", "r", &source_, read_source, refuse_to_write, seek_source,
                             close_source, size_of_source, map_source, unmap_source, options.get());
  }

  [[noreturn]] void refuse() const {
    throw Error(fmt::format("{}: damaged or unsupported TIFF: {}; save it again as PNG", where_,
                            source_.damage.empty() ? "odd strips or tiles" : source_.damage));
  }

  /// After each step of libtiff: what it has read, it may have guessed.
  void check(bool done) const {
    if (!done || !source_.damage.empty()) refuse();
  }

  std::uint16_t field(std::uint32_t tag) const {
    std::uint16_t value = 0;
    TIFFGetFieldDefaulted(file_.get(), tag, &value);
    return value;
  }

  void set_layout(bool is_grey) {
    layout_.colour = !is_grey;
    layout_.white_is_zero = photometric_ == PHOTOMETRIC_MINISWHITE;
    std::uint16_t count = 0;
    const std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(file_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds);
    const std::uint16_t kind = count > 0 ? kinds[0] : std::uint16_t{EXTRASAMPLE_UNSPECIFIED};
    const std::size_t colours = is_grey ? 1 : 3;
    const bool is_odd = layout_.samples == colours + 1;
    const bool has_alpha = is_odd && kind != EXTRASAMPLE_UNSPECIFIED;
    if (layout_.samples != colours && !has_alpha && (is_grey || !is_odd)) {
      throw Error(fmt::format(
          "{}: a TIFF of {} samples a pixel; allowed are grey or red, green and blue, and one for "
          "transparency: save it as RGB",
          where_, layout_.samples));
    }
    if (has_alpha) layout_.alpha = colours;
    layout_.associated_alpha = kind == EXTRASAMPLE_ASSOCALPHA;
  }

  /// What libtiff makes of palettes, few bits and other spaces of colour: 8 bits of red, green,
  /// blue and alpha, which they are multiplied by.
  Image decode_prepared() {
    TIFFSetField(file_.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    std::vector<std::uint32_t> raster(std::size_t{width_} * height_);
    check(TIFFReadRGBAImageOriented(file_.get(), width_, height_, raster.data(),
                                    ORIENTATION_TOPLEFT, 1) == 1);
    std::vector<std::uint8_t> values;
    values.reserve(raster.size() * 4);
    for (const std::uint32_t pixel : raster) {
      for (const int shift : {0, 8, 16, 24}) values.push_back(pixel >> shift & 0xff);
    }
    return internal::rgb_of(values, static_cast<int>(height_), static_cast<int>(width_),
                            {.samples = 4, .colour = true, .alpha = 3, .associated_alpha = true});
  }

  template <class T>
  Image decode_plain() {
    std::vector<T> values(std::size_t{width_} * height_ * layout_.samples);
    for (std::size_t plane = 0; plane < (separate_ ? layout_.samples : 1); ++plane) {
      if (TIFFIsTiled(file_.get()) != 0) {
        read_tiles(values, plane);
      } else {
        read_lines(values, plane);
      }
    }
    return internal::rgb_of(values, static_cast<int>(height_), static_cast<int>(width_), layout_);
  }

  template <class T>
  void read_lines(std::vector<T>& values, std::size_t plane) {
    std::vector<T> line(width_ * together());
    check(TIFFScanlineSize64(file_.get()) == line.size() * sizeof(T));
    for (std::uint32_t y = 0; y < height_; ++y) {
      check(TIFFReadScanline(file_.get(), line.data(), y, static_cast<std::uint16_t>(plane)) == 1);
      place(line.data(), width_, {y, 0, plane}, values);
    }
  }

  template <class T>
  void read_tiles(std::vector<T>& values, std::size_t plane) {
    constexpr std::uint64_t kMaxTile = 1 << 24;  // pixels; far more than any writer's
    std::uint32_t width = 0, height = 0;
    TIFFGetField(file_.get(), TIFFTAG_TILEWIDTH, &width);
    TIFFGetField(file_.get(), TIFFTAG_TILELENGTH, &height);
    check(width > 0 && height > 0 && height <= kMaxTile / width);
    std::vector<T> tile(std::size_t{width} * height * together());
    check(TIFFTileSize64(file_.get()) == tile.size() * sizeof(T));
    for (std::uint32_t y = 0; y < height_; y += height) {
      for (std::uint32_t x = 0; x < width_; x += width) {
        check(TIFFReadTile(file_.get(), tile.data(), x, y, 0, static_cast<std::uint16_t>(plane)) >
              0);
        for (std::uint32_t row = 0; row < std::min(height, height_ - y); ++row) {
          const T* from = tile.data() + std::size_t{row} * width * together();
          place(from, std::min(width, width_ - x), {y + row, x, plane}, values);
        }
      }
    }
  }

  struct Place {
    std::size_t y, x, plane;
  };

  /// The samples of `count` pixels side by side.
  template <class T>
  void place(const T* from, std::size_t count, Place at, std::vector<T>& values) const {
    T* to = values.data() + (at.y * width_ + at.x) * layout_.samples + at.plane;
    for (std::size_t i = 0; i < count; ++i, to += layout_.samples, from += together()) {
      std::copy_n(from, together(), to);
    }
  }

  /// How many samples of a pixel lie side by side.
  std::size_t together() const { return separate_ ? 1 : layout_.samples; }

  const std::string& where_;
  TiffSource source_;
  std::unique_ptr<TIFF, decltype(&TIFFClose)> file_;
  std::uint32_t width_ = 0, height_ = 0;
  std::uint16_t bits_ = 1, photometric_ = 0;
  bool separate_ = false;  ///< one plane for each sample
  SampleLayout layout_;
};

}  // namespace

Image internal::decode_tiff(std::string_view bytes, const Header& header,
                            const std::string& where) {
  return TiffPage(bytes, header, where).decode();
}

}  // namespace fathom::image
