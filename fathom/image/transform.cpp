#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

#include "fathom/base/error.h"
#include "fathom/image/image.h"
#include "fathom/image/mat.h"

namespace fathom::image {
namespace {

Image resize_by(const Image& image, int height, int width, cv::InterpolationFlags method) {
  if (height == image.height && width == image.width) return image;
  Image result(height, width);
  cv::Mat out = mat_of(result);
  cv::resize(mat_of(image), out, out.size(), 0, 0, method);
  return result;
}

}  // namespace

Image resize(const Image& image, int height, int width) {
  FATHOM_CHECK(image.height > 0 && image.width > 0 && height > 0 && width > 0);
  // One side may shrink while the other grows: each gets its own method.
  const Image shrunk = resize_by(image, std::min(height, image.height),
                                 std::min(width, image.width), cv::INTER_AREA);
  return resize_by(shrunk, height, width, cv::INTER_LINEAR);
}

Image dihedral_view(const Image& image, int view) {
  FATHOM_CHECK(view >= 0 && view < kDihedralViews);
  const int turns = view / 2;
  const bool mirrored = view % 2 == 1;
  const bool swapped = turns % 2 == 1;
  Image result(swapped ? image.width : image.height, swapped ? image.height : image.width);
  const int bottom = image.height - 1;
  const int right = image.width - 1;
  std::uint8_t* out = result.rgb.data();
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x, out += 3) {
      // Where the pixel stood before the quarter turns, then before the mirror.
      const int from_y = std::array{y, x, bottom - y, bottom - x}[turns];
      const int turned_x = std::array{x, right - y, right - x, y}[turns];
      const int from_x = mirrored ? right - turned_x : turned_x;
      const std::size_t from = (static_cast<std::size_t>(from_y) * image.width + from_x) * 3;
      std::copy_n(image.rgb.data() + from, 3, out);
    }
  }
  return result;
}

}  // namespace fathom::image
