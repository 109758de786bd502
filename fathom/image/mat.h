// An Image as the matrix that OpenCV works on. For the sources of this room alone: its headers stay
// free of OpenCV.
#pragma once

#include <opencv2/core.hpp>

#include "fathom/image/image.h"

namespace fathom::image {

/// Height x width, CV_8UC3 in the order RGB; shares the pixels of `image` and must not outlive it.
/// To be written to only where the image itself may be.
inline cv::Mat mat_of(const Image& image) {
  return {image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data())};
}

/// The values of a CV_32FC3 matrix rounded and cut to 0..255.
inline Image image_of(const cv::Mat& values) {
  Image image(values.rows, values.cols);
  cv::Mat out = mat_of(image);
  values.convertTo(out, CV_8U);
  return image;
}

}  // namespace fathom::image
