#include <algorithm>
#include <cmath>
#include <span>

#include "fathom/image/optical_density.h"
#include "fathom/image/stain.h"
#include "fathom/image/stained_pixels.h"

namespace fathom::image {
namespace {

using Stains = cv::Matx32d;  ///< columns: haematoxylin, eosin

/// The target of both normalizations: vectors, and 99th percentiles of the amounts, of the
/// reference implementation of Macenko et al. 2009 (see kLight).
const Stains kTargetStains(0.5626, 0.2159,  //
                           0.7201, 0.8012,  //
                           0.4062, 0.5581);
const cv::Vec2d kTargetAmounts(1.9705, 1.0308);

/// Less than this between two vectors is one stain. The target's are 22 degrees apart.
constexpr double kMinDegreesApart = 5;

template <int Columns>
cv::Vec3d column(const cv::Matx<double, 3, Columns>& matrix, int j) {
  return {matrix(0, j), matrix(1, j), matrix(2, j)};
}

template <class Predicate>
std::vector<cv::Vec3f> those_that(Predicate predicate, std::span<const cv::Vec3f> densities) {
  std::vector<cv::Vec3f> chosen(densities.size());
  chosen.resize(static_cast<std::size_t>(
      std::ranges::copy_if(densities, chosen.begin(), predicate).out - chosen.begin()));
  return chosen;
}

bool is_dense_everywhere(const cv::Vec3f& d) { return std::min({d[0], d[1], d[2]}) >= kMinDensity; }

/// Eigenvectors of the covariance, the largest first, as columns.
cv::Matx33d principal_axes(std::span<const cv::Vec3f> densities) {
  cv::Vec3d sum;
  cv::Matx33d squares = cv::Matx33d::zeros();
  for (const cv::Vec3f& d : densities) {
    for (int i = 0; i < 3; ++i) {
      sum[i] += d[i];
      for (int j = 0; j <= i; ++j) squares(i, j) += double{d[i]} * d[j];
    }
  }
  const auto count = static_cast<double>(densities.size());
  cv::Matx33d covariance;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j <= i; ++j) {
      covariance(i, j) = covariance(j, i) = squares(i, j) / count - sum[i] * sum[j] / count / count;
    }
  }
  cv::Vec3d values;
  cv::Matx33d axes;
  cv::eigen(covariance, values, axes);
  return axes.t();
}

/// With linear interpolation, as numpy has it. Reorders the values, of which there is one.
double percentile(std::span<float> values, double percent) {
  const double at = percent / 100 * static_cast<double>(values.size() - 1);
  const auto low = values.begin() + static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), low, values.end());
  if (low + 1 == values.end()) return *low;
  const double next = *std::min_element(low + 1, values.end());
  return *low + (next - *low) * (at - std::floor(at));
}

/// The pair with haematoxylin first, which takes more of the red light; nothing when the two are no
/// two stains (a stain absorbs light of every colour).
std::optional<Stains> as_pair(cv::Vec3d a, cv::Vec3d b) {
  a = cv::normalize(a);
  b = cv::normalize(b);
  if (a[0] < b[0]) std::swap(a, b);
  for (const cv::Vec3d& v : {a, b}) {
    if (!(std::min({v[0], v[1], v[2]}) >= 0)) return std::nullopt;
  }
  if (!(a.dot(b) <= std::cos(kMinDegreesApart * CV_PI / 180))) return std::nullopt;
  return Stains(a[0], b[0], a[1], b[1], a[2], b[2]);
}

std::optional<Stains> macenko_pair(std::span<const cv::Vec3f> stained, std::size_t pixels) {
  const std::vector<cv::Vec3f> dense = those_that(is_dense_everywhere, stained);
  if (too_few_stained(pixels, dense.size())) return std::nullopt;
  const cv::Matx33d axes = principal_axes(dense);
  cv::Vec3d first = column(axes, 0);
  const cv::Vec3d second = column(axes, 1);
  if (cv::sum(first)[0] < 0) first = -first;
  // The slope orders the pixels as the angle does, as long as all lie on one side of the axis.
  std::vector<float> slopes(dense.size());
  const cv::Vec3f x_axis = first, y_axis = second;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    const float x = dense[i].dot(x_axis);
    if (!(x > 0)) return std::nullopt;
    slopes[i] = dense[i].dot(y_axis) / x;
  }
  const double low = percentile(slopes, 1), high = percentile(slopes, 99);
  return as_pair(first + low * second, first + high * second);
}

/// The h >= 0 that minimizes 1/2 |v - W h|^2 + penalty (h_1 + h_2), for unit columns of W: both
/// positive, or one alone, or none.
class SparseCode {
 public:
  SparseCode(const Stains& stains, double penalty)
      : transposed_(stains.t()), penalty_(penalty), cosine_(stains.col(0).dot(stains.col(1))) {}

  cv::Vec2f operator()(const cv::Vec3f& v) const {
    const cv::Vec2f own = transposed_ * v - cv::Vec2f(penalty_, penalty_);
    const cv::Vec2f both = (own - cosine_ * cv::Vec2f(own[1], own[0])) / (1 - cosine_ * cosine_);
    if (both[0] > 0 && both[1] > 0) return both;
    if (own[0] >= own[1]) return {std::max(own[0], 0.0F), 0};
    return {0, std::max(own[1], 0.0F)};
  }

 private:
  cv::Matx23f transposed_;
  float penalty_, cosine_;
};

/// One step for each column of W: to where the objective is least along it, into w >= 0, |w| <= 1.
/// Nothing when a stain is not used.
std::optional<Stains> improved(const Stains& stains, std::span<const cv::Vec3f> stained,
                               double penalty) {
  const SparseCode code(stains, penalty);
  cv::Matx22d codes_squared = cv::Matx22d::zeros();
  Stains data_by_codes = Stains::zeros();
  for (const cv::Vec3f& v : stained) {
    const cv::Vec2f h = code(v);
    for (int j = 0; j < 2; ++j) {
      for (int k = 0; k < 2; ++k) codes_squared(j, k) += double{h[j]} * h[k];
      for (int c = 0; c < 3; ++c) data_by_codes(c, j) += double{h[j]} * v[c];
    }
  }
  Stains better = stains;
  for (int j = 0; j < 2; ++j) {
    const double own = codes_squared(j, j);
    if (!(own > 0)) return std::nullopt;
    const cv::Vec3d others = better * cv::Vec2d(codes_squared(0, j), codes_squared(1, j));
    double squares = 0;
    cv::Vec3d w;
    for (int c = 0; c < 3; ++c) {
      w[c] = std::max(0.0, better(c, j) + (data_by_codes(c, j) - others[c]) / own);
      squares += w[c] * w[c];
    }
    if (!(squares > 0)) return std::nullopt;
    // A shorter column would only need larger codes, which cost more: |w| = 1.
    for (int c = 0; c < 3; ++c) better(c, j) = w[c] / std::sqrt(squares);
  }
  return better;
}

std::optional<Stains> vahadane_pair(std::span<const cv::Vec3f> stained, std::size_t pixels) {
  constexpr double kPenalty = 0.1;
  constexpr int kMaxSteps = 100;
  constexpr double kStill = 1e-4;  ///< largest change of a step that counts as none
  if (too_few_stained(pixels, stained.size())) return std::nullopt;
  Stains stains = kTargetStains;
  for (int j = 0; j < 2; ++j) {
    const double length = cv::norm(stains.col(j));
    for (int c = 0; c < 3; ++c) stains(c, j) /= length;
  }
  for (int step = 0; step < kMaxSteps; ++step) {
    const std::optional<Stains> better = improved(stains, stained, kPenalty);
    if (!better) return std::nullopt;
    const double change = cv::norm(*better - stains, cv::NORM_INF);
    stains = *better;
    if (change < kStill) break;
  }
  return as_pair(column(stains, 0), column(stains, 1));
}

/// Target over found, of the 99th percentile of each stain's amount; nothing when a stain is hardly
/// there.
template <class Amounts>
std::optional<cv::Vec2d> stretch_of(std::span<const cv::Vec3f> stained, const Amounts& amounts) {
  std::array<std::vector<float>, 2> of_stain;
  for (std::vector<float>& found : of_stain) found.resize(stained.size());
  for (std::size_t i = 0; i < stained.size(); ++i) {
    const cv::Vec2f h = amounts(stained[i]);
    of_stain[0][i] = h[0];
    of_stain[1][i] = h[1];
  }
  cv::Vec2d stretch;
  for (int j = 0; j < 2; ++j) {
    const double found = percentile(of_stain[j], 99);
    if (!(found * kMaxStretch > kTargetAmounts[j])) return std::nullopt;
    stretch[j] = kTargetAmounts[j] / found;
  }
  return stretch;
}

template <class Estimate>
std::optional<StainVectors> stains_by(Estimate estimate, const Image& image) {
  cv::Mat density = optical_density(image, kLight);
  const std::optional<Stains> stains =
      estimate(those_that(is_stained, pixels_of(density)), density.total());
  if (!stains) return std::nullopt;
  StainVectors vectors;
  for (int j = 0; j < 2; ++j) std::ranges::copy(column(*stains, j).val, vectors[j].begin());
  return vectors;
}

}  // namespace

std::optional<StainVectors> macenko_stains(const Image& image) {
  return stains_by(macenko_pair, image);
}

std::optional<StainVectors> vahadane_stains(const Image& image) {
  return stains_by(vahadane_pair, image);
}

namespace internal {

Image macenko(const Image& image) {
  cv::Mat density = optical_density(image, kLight);
  const std::vector<cv::Vec3f> stained = those_that(is_stained, pixels_of(density));
  const std::optional<Stains> stains = macenko_pair(stained, density.total());
  if (!stains) return image;
  // Least squares; of the stained pixels alone, or the pseudo-maximum would hang on how much glass
  // there is.
  const cv::Matx23d amounts = (stains->t() * *stains).inv() * stains->t();
  const cv::Matx23f amounts_f = amounts;
  const auto stretch = stretch_of(stained, [&](const cv::Vec3f& v) { return amounts_f * v; });
  if (!stretch) return image;
  cv::transform(density, density, kTargetStains * cv::Matx22d::diag(*stretch) * amounts);
  return image_of_density(density, kLight);
}

Image vahadane(const Image& image) {
  // The penalty on the amounts once the vectors are known: that of StainTools.
  constexpr double kPenalty = 0.01;
  cv::Mat density = optical_density(image, kLight);
  const std::vector<cv::Vec3f> stained = those_that(is_stained, pixels_of(density));
  const std::optional<Stains> stains = vahadane_pair(stained, density.total());
  if (!stains) return image;
  const SparseCode code(*stains, kPenalty);
  const auto stretch = stretch_of(stained, code);
  if (!stretch) return image;
  const cv::Matx32f back = kTargetStains * cv::Matx22d::diag(*stretch);
  for (cv::Vec3f& v : pixels_of(density)) v = back * code(v);
  return image_of_density(density, kLight);
}

}  // namespace internal
}  // namespace fathom::image
