#include "fathom/image/fingerprint.h"

#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "fathom/base/error.h"
#include "fathom/image/mat.h"

namespace fathom::image {
namespace {

constexpr int kSide = 32;          ///< pixels that the DCT sees
constexpr int kTurnSide = 64;      ///< pixels that are turned: twice as fine
constexpr double kPlainRange = 3;  ///< contrast below which all is noise

cv::Mat grey_of(const cv::Mat& rgb) {
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(grey, CV_32F);
  return grey;
}

/// For a square no corner is seen when it is enlarged by cos a + sin a.
cv::Mat turned(const cv::Mat& grey, const Turn& turn) {
  const double angle = std::abs(turn.degrees) * std::numbers::pi / 180;
  const double scale = turn.cut ? std::cos(angle) + std::sin(angle) : 1;
  const cv::Point2f middle((kTurnSide - 1) / 2.0F, (kTurnSide - 1) / 2.0F);
  const cv::Mat map = cv::getRotationMatrix2D(middle, turn.degrees, scale);
  cv::Mat result;
  cv::warpAffine(grey, result, map, grey.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  return result;
}

Pattern pattern_of(const cv::Mat& grey) {
  cv::Mat small, frequencies;
  cv::resize(grey, small, cv::Size(kSide, kSide), 0, 0, cv::INTER_AREA);
  cv::dct(small, frequencies);
  Pattern pattern;
  double squares = 0;
  for (std::size_t u = 0; u < kFrequencies; ++u) {
    for (std::size_t v = 0; v < kFrequencies; ++v) {
      const auto frequency = std::hypot(static_cast<float>(u), static_cast<float>(v));
      const float value =
          frequency * frequencies.at<float>(static_cast<int>(u), static_cast<int>(v));
      pattern[u * kFrequencies + v] = value;
      squares += double{value} * value;
    }
  }
  const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
  for (float& value : pattern) value = static_cast<float>(value * scale);
  return pattern;
}

}  // namespace

Pattern dihedral_pattern(const Pattern& pattern, int view) {
  FATHOM_CHECK(view >= 0 && view < kDihedralViews);
  const int turns = view / 2;
  const bool swapped = turns % 2 == 1;
  // Rows and columns of the view, in terms of those of the image (see dihedral_view): the mirror
  // reverses columns; a turn makes new rows of the reversed columns; half a turn reverses both.
  const bool mirrored = view % 2 == 1;
  const bool rows_reversed = swapped ? mirrored == (turns == 3) : turns == 2;
  const bool columns_reversed = swapped ? turns == 3 : mirrored != (turns == 2);
  Pattern result;
  for (std::size_t u = 0; u < kFrequencies; ++u) {
    for (std::size_t v = 0; v < kFrequencies; ++v) {
      const std::size_t from = swapped ? v * kFrequencies + u : u * kFrequencies + v;
      const bool negative = (rows_reversed && u % 2 == 1) != (columns_reversed && v % 2 == 1);
      result[u * kFrequencies + v] = negative ? -pattern[from] : pattern[from];
    }
  }
  return result;
}

Fingerprint fingerprint(const Image& image) {
  const Image small = resize(image, kTurnSide, kTurnSide);
  const cv::Mat rgb = mat_of(small);
  const cv::Mat grey = grey_of(rgb);
  const cv::Scalar colour = cv::mean(rgb);
  Fingerprint result;
  for (int c = 0; c < 3; ++c) {
    result.colour[static_cast<std::size_t>(c)] = static_cast<float>(colour[c]);
  }
  for (std::size_t t = 0; t < kTurns.size(); ++t) {
    const cv::Mat seen = kTurns[t].degrees == 0 ? grey : turned(grey, kTurns[t]);
    cv::Scalar mean, deviation;
    cv::meanStdDev(seen, mean, deviation);
    result.turned[t] = pattern_of(seen);
    result.contrast[t] = static_cast<float>(deviation[0]);
  }
  result.plain = result.contrast[0] < kPlainRange;
  return result;
}

}  // namespace fathom::image
