// Decoded samples of any layout as RGB, transparency laid on white. For the decoders of this room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "fathom/image/image.h"

namespace fathom::image::internal {

/// How the samples of one pixel follow each other.
struct SampleLayout {
  std::size_t samples = 1;
  bool colour = false;            ///< red, green and blue come first, else grey
  std::size_t alpha = 0;          ///< which sample it is; 0: there is none
  bool associated_alpha = false;  ///< colours come multiplied by alpha
  bool white_is_zero = false;     ///< values count from white
};

/// A 16-bit value on the 8-bit scale, rounded: v * 255 / 65535.
inline std::uint8_t to_byte(std::uint16_t value) {
  return static_cast<std::uint8_t>((value + 128) / 257);
}
inline std::uint8_t to_byte(std::uint8_t value) { return value; }

/// One colour laid on white.
template <class T>
std::uint8_t on_white(T colour, T alpha, bool associated) {
  constexpr std::uint64_t kFull = std::numeric_limits<T>::max();
  const std::uint64_t weighted = associated ? colour * kFull : std::uint64_t{colour} * alpha;
  const std::uint64_t sum = std::min(kFull * kFull, weighted + (kFull - alpha) * kFull);
  return to_byte(static_cast<T>((sum + kFull / 2) / kFull));
}

/// height x width pixels, row by row from the top.
template <class T>
Image rgb_of(const std::vector<T>& values, int height, int width, const SampleLayout& layout) {
  constexpr T kFull = std::numeric_limits<T>::max();
  Image image(height, width);
  const T* pixel = values.data();
  for (std::size_t i = 0; i < image.rgb.size(); i += 3, pixel += layout.samples) {
    const T alpha = layout.alpha == 0 ? kFull : pixel[layout.alpha];
    for (std::size_t c = 0; c < 3; ++c) {
      const T stored = pixel[layout.colour ? c : 0];
      const T value = layout.white_is_zero ? static_cast<T>(kFull - stored) : stored;
      image.rgb[i + c] = on_white(value, alpha, layout.associated_alpha);
    }
  }
  return image;
}

}  // namespace fathom::image::internal
