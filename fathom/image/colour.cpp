#include "fathom/image/colour.h"

#include <cmath>
#include <numbers>

namespace fathom::image {
namespace {

const cv::Vec3d kGrey(0.299, 0.587, 0.114);

/// YIQ of RGB (the NTSC standard of 1953; the first row is the grey).
const cv::Matx33d kYiqOfRgb(0.299, 0.587, 0.114,                   //
                            0.59590059, -0.27455667, -0.32134392,  //
                            0.21153661, -0.52273617, 0.31119955);

ColourMatrix with_offset(const cv::Matx33d& matrix, const cv::Vec3d& offset = {}) {
  ColourMatrix result = ColourMatrix::eye();
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) result(row, column) = matrix(row, column);
    result(row, 3) = offset[row];
  }
  return result;
}

}  // namespace

ColourMatrix brighter(double factor) { return with_offset(factor * cv::Matx33d::eye()); }

ColourMatrix more_contrast(double factor, const cv::Vec3d& middle) {
  return with_offset(factor * cv::Matx33d::eye(), (1 - factor) * middle);
}

ColourMatrix more_saturated(double factor) {
  const cv::Matx33d grey = cv::Vec3d(1, 1, 1) * kGrey.t();
  return with_offset(factor * cv::Matx33d::eye() + (1 - factor) * grey);
}

ColourMatrix hue_turned(double turns) {
  const double angle = 2 * std::numbers::pi * turns;
  const cv::Matx33d turn(1, 0, 0,                               //
                         0, std::cos(angle), -std::sin(angle),  //
                         0, std::sin(angle), std::cos(angle));
  return with_offset(kYiqOfRgb.inv() * turn * kYiqOfRgb);
}

Image apply(const ColourMatrix& matrix, const Image& image) {
  cv::Mat values;
  mat_of(image).convertTo(values, CV_32F);
  cv::transform(values, values, matrix.get_minor<3, 4>(0, 0));
  return image_of(values);
}

cv::Vec3d mean_colour(const Image& image) {
  const cv::Scalar mean = cv::mean(mat_of(image));
  return {mean[0], mean[1], mean[2]};
}

cv::Vec3d mean_grey(const Image& image) { return cv::Vec3d::all(kGrey.dot(mean_colour(image))); }

}  // namespace fathom::image
