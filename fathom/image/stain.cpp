#include "fathom/image/stain.h"

#include <algorithm>
#include <cmath>

#include "fathom/base/error.h"
#include "fathom/image/optical_density.h"
#include "fathom/image/stained_pixels.h"

namespace fathom::image {
namespace {

/// Red, green and blue to the cones' long, middle and short (Reinhard et al. 2001, eq. 4).
const cv::Matx33d kLmsOfRgb(0.3811, 0.5783, 0.0402,  //
                            0.1967, 0.7244, 0.0782,  //
                            0.0241, 0.1288, 0.8444);

/// Logarithms of LMS to l, alpha, beta (Reinhard et al. 2001, eq. 6): an orthogonal matrix.
cv::Matx33d lab_of_log_lms() {
  const double a = 1 / std::sqrt(3.0), b = 1 / std::sqrt(6.0), c = 1 / std::sqrt(2.0);
  return {a, a, a, b, b, -2 * b, c, -c, 0};
}

/// Mean and standard deviation of l, alpha, beta in natural logarithms of 0..255: breast tissue of
/// TCGA-A2-A3XS-DX1, the colour standard of Amgad et al. 2019 ("Structured crowdsourcing enables
/// convolutional segmentation of histology images", Bioinformatics 35(18)), as HistomicsTK states
/// it.
const cv::Vec3d kTargetMean(8.74108109, -0.12440419, 0.0444982);
const cv::Vec3d kTargetDeviation(0.6135447, 0.10989545, 0.0286032);

Image keep(const Image& image) { return image; }

/// "Color transfer between images": every channel of l-alpha-beta gets the target's mean and
/// deviation. As in HistomicsTK, glass takes no part and stays as it is.
Image reinhard(const Image& image) {
  const cv::Mat glass = glass_mask(optical_density(image, kLight));
  if (too_few_stained(image.rgb.size() / 3, glass.total() - cv::countNonZero(glass))) return image;
  cv::Mat x;
  mat_of(image).convertTo(x, CV_32F);
  cv::max(x, 1, x);
  cv::transform(x, x, kLmsOfRgb);
  cv::log(x, x);
  const cv::Matx33d to_lab = lab_of_log_lms();
  cv::transform(x, x, to_lab);
  cv::Vec3d mean, deviation;
  cv::meanStdDev(x, mean, deviation, glass == 0);
  cv::Matx33d stretch = cv::Matx33d::zeros();
  for (int c = 0; c < 3; ++c) {
    if (deviation[c] * kMaxStretch < kTargetDeviation[c]) return image;
    stretch(c, c) = kTargetDeviation[c] / deviation[c];
  }
  const cv::Matx33d back = to_lab.t();
  const cv::Vec3d offset = back * (kTargetMean - stretch * mean);
  cv::Matx34d change;
  cv::hconcat(back * stretch, offset, change);
  cv::transform(x, x, change);
  cv::exp(x, x);
  cv::transform(x, x, kLmsOfRgb.inv());
  Image result = image_of(x);
  mat_of(image).copyTo(mat_of(result), glass);
  return result;
}

/// Optical densities (rows: red, green, blue) of Ruifrok & Johnston's haematoxylin, eosin and DAB,
/// the third standing for whatever is neither (columns).
const cv::Matx33d kDensityOfHed(0.65, 0.07, 0.27,  //
                                0.70, 0.99, 0.57,  //
                                0.29, 0.11, 0.78);

Image shift_amounts(const Image& image, const cv::Matx33d& density_of_amounts,
                    const HedShift& change) {
  // Glass at 255 has the density 0, which a scale does not move.
  constexpr double kFullLight = 256;
  const cv::Matx33d scale = cv::Matx33d::diag({change.scale[0], change.scale[1], change.scale[2]});
  const cv::Vec3d shift(change.shift[0], change.shift[1], change.shift[2]);
  cv::Matx34d map;
  cv::hconcat(density_of_amounts * scale * density_of_amounts.inv(), density_of_amounts * shift,
              map);
  cv::Mat density = optical_density(image, kFullLight);
  cv::transform(density, density, map);
  return image_of_density(density, kFullLight);
}

}  // namespace

const std::vector<StainMethod>& stain_methods() {
  static const std::vector<StainMethod> kMethods{
      {"none", "as the images are", keep},
      {"reinhard", "means and deviations in l-alpha-beta (Reinhard et al. 2001)", reinhard},
      {"macenko", "stain vectors by principal components (Macenko et al. 2009)", internal::macenko},
      {"vahadane", "stain vectors by sparse factorization (Vahadane et al. 2016)",
       internal::vahadane}};
  return kMethods;
}

Image normalize_stain(const Image& image, const std::string& method) {
  const auto found = std::ranges::find(stain_methods(), method, &StainMethod::name);
  if (found != stain_methods().end()) return found->apply(image);
  std::vector<std::string> names;
  for (const StainMethod& row : stain_methods()) names.push_back(row.name);
  throw unknown_name("stain normalization", method, names);
}

Image shift_hed(const Image& image, const HedShift& change) {
  return shift_amounts(image, kDensityOfHed, change);
}

Image shift_own_stains(const Image& image, const HedShift& change) {
  const std::optional<StainVectors> stains = macenko_stains(image);
  if (!stains) return image;
  const cv::Vec3d first((*stains)[0].data()), second((*stains)[1].data());
  const cv::Vec3d rest = cv::normalize(first.cross(second));
  cv::Matx33d density_of_amounts;
  for (int c = 0; c < 3; ++c) {
    density_of_amounts(c, 0) = first[c];
    density_of_amounts(c, 1) = second[c];
    density_of_amounts(c, 2) = rest[c];
  }
  return shift_amounts(image, density_of_amounts, change);
}

}  // namespace fathom::image
