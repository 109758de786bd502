// What the stain normalizations agree on: which pixels are stained, how many are enough, how much
// stretching is too much. For the sources of this room alone.
#pragma once

#include <algorithm>
#include <cstddef>

#include "fathom/image/optical_density.h"

namespace fathom::image {

/// What glass shows, plus 1, and the density from which a pixel counts as stained: the reference
/// implementation of Macenko et al. 2009 (Veta, "staining-normalization", Matlab).
inline constexpr double kLight = 240;
inline constexpr float kMinDensity = 0.15F;

/// More than this is noise made large, not a stain made comparable.
inline constexpr double kMaxStretch = 10;

inline bool is_stained(const cv::Vec3f& density) {
  return density[0] + density[1] + density[2] >= 3 * kMinDensity;
}

/// 255 where a pixel is not stained, 0 elsewhere.
inline cv::Mat glass_mask(cv::Mat density) {
  cv::Mat mask(density.size(), CV_8U);
  std::ranges::transform(pixels_of(density), mask.ptr(), [](const cv::Vec3f& d) -> std::uint8_t {
    return is_stained(d) ? 0 : 255;
  });
  return mask;
}

/// Whether an estimate from `stained` of `pixels` pixels would hang on a few of them.
inline bool too_few_stained(std::size_t pixels, std::size_t stained) {
  constexpr std::size_t kMinStained = 100;
  return stained < std::max(kMinStained, pixels / 100);
}

namespace internal {
Image macenko(const Image& image);
Image vahadane(const Image& image);
}  // namespace internal

}  // namespace fathom::image
