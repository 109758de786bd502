#include "fathom/image/optical_density.h"

#include <cmath>

namespace fathom::image {

cv::Mat optical_density(const Image& image, double light) {
  cv::Mat table(1, 256, CV_32F);
  for (int v = 0; v < 256; ++v) {
    table.at<float>(v) = static_cast<float>(-std::log((v + 1) / light));
  }
  cv::Mat density;
  cv::LUT(mat_of(image), table, density);
  return density;
}

Image image_of_density(cv::Mat& density, double light) {
  density *= -1;
  cv::exp(density, density);
  Image image(density.rows, density.cols);
  cv::Mat out = mat_of(image);
  density.convertTo(out, CV_8U, light, -1);
  return image;
}

}  // namespace fathom::image
