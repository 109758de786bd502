#include "fathom/image/corruption.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "fathom/base/error.h"
#include "fathom/image/artefacts.h"
#include "fathom/image/colour.h"
#include "fathom/image/stain.h"

namespace fathom::image {
namespace {

/// 1 + amount or 1 - amount.
double either_way(Random& random, double amount) {
  return random.below(2) == 0 ? 1 + amount : 1 - amount;
}

Image stain(const Image& image, double amount, Random random) {
  HedShift change;
  change.scale[0] = either_way(random, amount);
  change.scale[1] = either_way(random, amount);
  return shift_hed(image, change);
}

Image brightness(const Image& image, double amount, Random random) {
  return apply(brighter(either_way(random, amount)), image);
}

Image contrast(const Image& image, double amount, Random /*random*/) {
  return apply(more_contrast(amount, mean_colour(image)), image);
}

/// A disk of that radius in pixels, its edge pixels weighted by how much of them it covers.
cv::Mat disk(double radius) {
  const int reach = static_cast<int>(std::ceil(radius));
  cv::Mat kernel(2 * reach + 1, 2 * reach + 1, CV_32F);
  for (int y = -reach; y <= reach; ++y) {
    for (int x = -reach; x <= reach; ++x) {
      const double inside = radius + 0.5 - std::hypot(x, y);
      kernel.at<float>(y + reach, x + reach) = static_cast<float>(std::clamp(inside, 0.0, 1.0));
    }
  }
  return kernel / cv::sum(kernel)[0];
}

Image defocus(const Image& image, double amount, Random /*random*/) {
  Image result(image.height, image.width);
  cv::filter2D(mat_of(image), mat_of(result), CV_8U, disk(amount * side_of(image)), {-1, -1}, 0,
               cv::BORDER_REFLECT_101);
  return result;
}

Image jpeg(const Image& image, double amount, Random /*random*/) {
  cv::Mat bgr;
  cv::cvtColor(mat_of(image), bgr, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(amount)});
  Image result(image.height, image.width);
  cv::cvtColor(cv::imdecode(bytes, cv::IMREAD_COLOR), mat_of(result), cv::COLOR_BGR2RGB);
  return result;
}

Image noise(const Image& image, double amount, Random random) {
  Image result = image;
  for (std::uint8_t& value : result.rgb) {
    value = cv::saturate_cast<std::uint8_t>(value + 255 * amount * random.normal());
  }
  return result;
}

Image pixelation(const Image& image, double amount, Random /*random*/) {
  const auto fewer = [amount](int pixels) {
    return std::max(1, static_cast<int>(std::lround(amount * pixels)));
  };
  return resize(resize(image, fewer(image.height), fewer(image.width)), image.height, image.width);
}

/// The middle of the image, enlarged to its size.
Image enlarged(const Image& image, double factor) {
  Image middle(std::max(1, static_cast<int>(std::lround(image.height / factor))),
               std::max(1, static_cast<int>(std::lround(image.width / factor))));
  const cv::Rect part((image.width - middle.width) / 2, (image.height - middle.height) / 2,
                      middle.width, middle.height);
  mat_of(image)(part).copyTo(mat_of(middle));
  return resize(middle, image.height, image.width);
}

/// The image made smaller, with its mirror images around it.
Image shrunk(const Image& image, double factor) {
  const Image small =
      resize(image, std::max(1, static_cast<int>(std::lround(image.height / factor))),
             std::max(1, static_cast<int>(std::lround(image.width / factor))));
  const int above = (image.height - small.height) / 2, left = (image.width - small.width) / 2;
  Image result(image.height, image.width);
  cv::copyMakeBorder(mat_of(small), mat_of(result), above, image.height - small.height - above,
                     left, image.width - small.width - left, cv::BORDER_REFLECT_101);
  return result;
}

Image magnification(const Image& image, double amount, Random random) {
  return random.below(2) == 0 ? enlarged(image, 1 + amount) : shrunk(image, 1 + amount);
}

}  // namespace

const std::vector<Corruption>& corruptions() {
  static const std::vector<Corruption> kCorruptions{
      {"stain",
       "haematoxylin and eosin (HED space) times 1 plus or minus this",
       {0.1, 0.2, 0.3, 0.4, 0.5},
       "up to and beyond the 0.2 that Tellez et al. 2019 train against (HED-strong)",
       stain},
      {"brightness",
       "light times 1 plus or minus this",
       {0.05, 0.1, 0.15, 0.2, 0.3},
       "the amounts of CIFAR-10-C (Hendrycks & Dietterich 2019); those of ImageNet-C (to 0.5) turn "
       "stroma into glass",
       brightness},
      {"contrast",
       "share of the contrast that is left",
       {0.75, 0.5, 0.4, 0.3, 0.15},
       "CIFAR-10-C (Hendrycks & Dietterich 2019); those of ImageNet-C (to 0.05) leave nothing to "
       "see",
       contrast},
      {"defocus",
       "radius of the disk of confusion as a share of the side",
       {3.0 / 224, 4.0 / 224, 6.0 / 224, 8.0 / 224, 10.0 / 224},
       "ImageNet-C (Hendrycks & Dietterich 2019): 3 to 10 pixels of 224",
       defocus},
      {"jpeg",
       "quality of the JPEG compression",
       {25, 18, 15, 10, 7},
       "ImageNet-C (Hendrycks & Dietterich 2019)",
       jpeg},
      {"noise",
       "standard deviation of Gaussian noise as a share of the full range",
       {0.04, 0.06, 0.08, 0.09, 0.1},
       "CIFAR-10-C (Hendrycks & Dietterich 2019); no scanner is as noisy as ImageNet-C (to 0.38)",
       noise},
      {"pixelation",
       "share of the pixels that is left along a side, then enlarged again",
       {0.6, 0.5, 0.4, 0.3, 0.25},
       "ImageNet-C (Hendrycks & Dietterich 2019); 0.5 and 0.25 are 40x seen at 20x and 10x",
       pixelation},
      {"ink",
       "width of a marker's stroke as a share of the side",
       {0.05, 0.1, 0.15, 0.2, 0.3},
       "our choice: from a line to a third of the patch; pathologists mark slides with it",
       internal::ink},
      {"bubbles",
       "number of air bubbles under the cover glass, each 8 to 18 % of the side in radius",
       {1, 2, 4, 6, 9},
       "our choice: from one to about half of the patch",
       internal::bubbles},
      {"magnification",
       "nuclei 1 plus this times as large (the middle of the image), or as small (mirrored at the "
       "edges)",
       {0.05, 0.1, 0.15, 0.2, 0.3},
       "up to and beyond the 0.2 that Tellez et al. 2019 scale by in training",
       magnification}};
  return kCorruptions;
}

Image corrupt(const Image& image, const Corruption& corruption, int severity,
              std::uint64_t image_id) {
  FATHOM_CHECK(severity >= 1 && severity <= kSeverities);
  const double amount = corruption.amounts[static_cast<std::size_t>(severity - 1)];
  return corruption.apply(image, amount, Random(derive_seed(image_id, corruption.name)));
}

}  // namespace fathom::image
