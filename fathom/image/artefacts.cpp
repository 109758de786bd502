#include "fathom/image/artefacts.h"

#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fathom::image::internal {
namespace {

/// Shares of red, green and blue light that marker ink lets through: black, blue, green, red.
constexpr std::array<std::array<float, 3>, 4> kInks{
    {{0.10F, 0.10F, 0.12F}, {0.15F, 0.25F, 0.70F}, {0.10F, 0.50F, 0.35F}, {0.75F, 0.12F, 0.15F}}};

/// A parabola from one side to the other, as points for cv::polylines with 4 bits of fraction.
std::vector<cv::Point> stroke(const Image& image, Random& random) {
  constexpr int kPoints = 33;
  constexpr double kFraction = 16;
  const double begin = random.uniform(0.2, 0.8), end = random.uniform(0.2, 0.8);
  const double bend = random.uniform(-0.2, 0.2);
  const bool downwards = random.below(2) == 1;
  std::vector<cv::Point> points;
  for (int i = 0; i < kPoints; ++i) {
    // From outside to outside, so that no round end is seen.
    const double t = -0.25 + 1.5 * i / (kPoints - 1);
    const double s = begin + (end - begin) * t + 4 * bend * t * (1 - t);
    points.emplace_back(cv::saturate_cast<int>((downwards ? s : t) * image.width * kFraction),
                        cv::saturate_cast<int>((downwards ? t : s) * image.height * kFraction));
  }
  return points;
}

/// How much of every pixel is pale or rim, 0 to 1, as CV_32F.
struct BubbleMaps {
  cv::Mat pale, rim;
};

void add_bubble(BubbleMaps& maps, double centre_x, double centre_y, double radius) {
  constexpr double kRim = 0.12;  ///< width of the rim, as a share of the radius
  for (int y = 0; y < maps.rim.rows; ++y) {
    for (int x = 0; x < maps.rim.cols; ++x) {
      const double distance = std::hypot(x + 0.5 - centre_x, y + 0.5 - centre_y) / radius;
      const double from_rim = (distance - 1) / kRim;
      const auto rim = static_cast<float>(std::exp(-0.5 * from_rim * from_rim));
      const auto pale = static_cast<float>(std::clamp(-from_rim, 0.0, 1.0));
      maps.rim.at<float>(y, x) = std::max(maps.rim.at<float>(y, x), rim);
      maps.pale.at<float>(y, x) = std::max(maps.pale.at<float>(y, x), pale);
    }
  }
}

BubbleMaps bubble_maps(const Image& image, int count, Random& random) {
  const cv::Mat none = cv::Mat::zeros(image.height, image.width, CV_32F);
  BubbleMaps maps{none.clone(), none.clone()};
  for (int i = 0; i < count; ++i) {
    const double x = random.uniform(0, image.width), y = random.uniform(0, image.height);
    add_bubble(maps, x, y, random.uniform(0.08, 0.18) * side_of(image));
  }
  return maps;
}

}  // namespace

Image ink(const Image& image, double width, Random random) {
  constexpr int kFractionBits = 4;
  const std::array<float, 3>& through = kInks[random.below(kInks.size())];
  const std::vector<cv::Point> points = stroke(image, random);
  const int thickness = std::max(1, static_cast<int>(std::lround(width * side_of(image))));
  cv::Mat covered = cv::Mat::zeros(image.height, image.width, CV_8U);
  cv::polylines(covered, points, false, 255, thickness, cv::LINE_AA, kFractionBits);
  Image result = image;
  const std::uint8_t* share = covered.ptr();
  for (std::size_t i = 0; i < result.rgb.size(); ++i) {
    const float ink = static_cast<float>(share[i / 3]) / 255;
    result.rgb[i] = cv::saturate_cast<std::uint8_t>(static_cast<float>(result.rgb[i]) *
                                                    (1 - ink * (1 - through[i % 3])));
  }
  return result;
}

Image bubbles(const Image& image, double count, Random random) {
  constexpr float kDark = 0.7F;   ///< share of the light that the rim takes
  constexpr float kPale = 0.45F;  ///< how far the inside goes towards glass
  constexpr float kGlass = 235;
  const BubbleMaps maps = bubble_maps(image, static_cast<int>(count), random);
  const double sigma = std::max(0.5, 0.02 * side_of(image));
  cv::Mat blurred;
  cv::GaussianBlur(mat_of(image), blurred, cv::Size(), sigma, sigma, cv::BORDER_REFLECT_101);
  Image result = image;
  for (std::size_t i = 0; i < result.rgb.size(); ++i) {
    const float pale = maps.pale.ptr<float>()[i / 3], rim = maps.rim.ptr<float>()[i / 3];
    const float within = (1 - kPale) * static_cast<float>(blurred.ptr()[i]) + kPale * kGlass;
    const float seen = (1 - pale) * static_cast<float>(image.rgb[i]) + pale * within;
    result.rgb[i] = cv::saturate_cast<std::uint8_t>(seen * (1 - kDark * rim));
  }
  return result;
}

}  // namespace fathom::image::internal
