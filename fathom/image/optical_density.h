// Light and dye: from pixels to optical densities, in which stains add up, and back. For the
// sources of this room alone (see mat.h).
#pragma once

#include <span>

#include "fathom/image/mat.h"

namespace fathom::image {

/// The natural optical density of every channel by the law of Beer and Lambert, as CV_32FC3:
/// d = -ln((v + 1) / light), so that a black pixel stays finite. `light` is what unstained glass
/// shows, plus 1: below it, glass has a negative density.
cv::Mat optical_density(const Image& image, double light);

/// The pixels of such a matrix, row after row.
inline std::span<cv::Vec3f> pixels_of(cv::Mat& density) {
  return {density.ptr<cv::Vec3f>(), density.total()};
}

/// The pixels that show these densities, v = light * exp(-d) - 1, rounded and cut to 0..255.
/// Overwrites `density`.
Image image_of_density(cv::Mat& density, double light);

}  // namespace fathom::image
