#include "fathom/image/views.h"

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "fathom/base/error.h"
#include "fathom/base/random.h"
#include "fathom/image/colour.h"
#include "fathom/image/stain.h"

namespace fathom::image {
namespace {

struct BankKind {
  std::string name;
  std::vector<int> symmetries;
  bool is_jittered = false;
  Jitter jitter;
};

constexpr Jitter kStainJitter{.stain = 0.2, .stain_shift = 0.05};
constexpr Jitter kOwnStainJitter{.stain = 0.2, .stain_shift = 0.05, .own_stains = true};

/// Together they may reach less far than each in its source alone, or tissue no longer looks like
/// tissue.
constexpr Jitter kFullJitter{.stain = 0.2,
                             .stain_shift = 0.05,
                             .brightness = 0.1,
                             .contrast = 0.15,
                             .saturation = 0.2,
                             .hue = 0.02,
                             .blur = 0.5,
                             .zoom = 0.2};

const std::vector<BankKind>& bank_kinds() {
  static const std::vector<BankKind> kKinds{
      {"none", {0}},
      // The mirror images and half a turn.
      {"flips", {0, 1, 4, 5}},
      {"dihedral", {0, 1, 2, 3, 4, 5, 6, 7}},
      {"stain", {0, 1, 2, 3, 4, 5, 6, 7}, true, kStainJitter},
      {"own_stain", {0, 1, 2, 3, 4, 5, 6, 7}, true, kOwnStainJitter},
      {"full", {0, 1, 2, 3, 4, 5, 6, 7}, true, kFullJitter}};
  return kKinds;
}

/// 1 +- range.
double factor(Random& random, double range) { return 1 + random.uniform(-range, range); }

HedShift draw_stain(const Jitter& jitter, Random& random) {
  HedShift change;
  for (double& scale : change.scale) scale = factor(random, jitter.stain);
  for (double& shift : change.shift) {
    shift = random.uniform(-jitter.stain_shift, jitter.stain_shift);
  }
  return change;
}

Image zoomed(const Image& image, double by, double down, double across) {
  const int height = std::max(1, static_cast<int>(image.height / by));
  const int width = std::max(1, static_cast<int>(image.width / by));
  const cv::Rect part(static_cast<int>(across * (image.width - width + 1)),
                      static_cast<int>(down * (image.height - height + 1)), width, height);
  Image result(image.height, image.width);
  cv::Mat out = mat_of(result);
  cv::resize(mat_of(image)(part), out, out.size(), 0, 0, cv::INTER_LINEAR);
  return result;
}

void blur(Image& image, double sigma) {
  constexpr double kUnseen = 0.1;  // pixels
  if (sigma < kUnseen) return;
  const cv::Mat pixels = mat_of(image);
  cv::GaussianBlur(pixels, pixels, cv::Size(), sigma, sigma, cv::BORDER_REFLECT_101);
}

/// Every amount is drawn, whatever the ranges: widening one leaves the others as they were.
Image jittered(Image image, const Jitter& jitter, Random random) {
  const double zoom = random.uniform(1, 1 + jitter.zoom);
  const double down = random.uniform(), across = random.uniform();
  const HedShift stain = draw_stain(jitter, random);
  const double brightness = factor(random, jitter.brightness);
  const double contrast = factor(random, jitter.contrast);
  const double saturation = factor(random, jitter.saturation);
  const double hue = random.uniform(-jitter.hue, jitter.hue);
  const double sigma = random.uniform(0, jitter.blur);
  if (zoom > 1) image = zoomed(image, zoom, down, across);
  image = jitter.own_stains ? shift_own_stains(image, stain) : shift_hed(image, stain);
  const ColourMatrix colour = hue_turned(hue) * more_saturated(saturation) * brighter(brightness) *
                              more_contrast(contrast, mean_grey(image));
  if (colour != ColourMatrix::eye()) image = apply(colour, image);
  blur(image, sigma);
  return image;
}

}  // namespace

const std::vector<std::string>& view_bank_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const BankKind& kind : bank_kinds()) names.push_back(kind.name);
    return names;
  }();
  return kNames;
}

ViewBank view_bank(const std::string& name, int jittered, std::uint64_t seed) {
  FATHOM_CHECK(jittered > 0 && jittered <= kMaxJitteredViews);
  const auto kind = std::ranges::find(bank_kinds(), name, &BankKind::name);
  if (kind == bank_kinds().end()) throw unknown_name("bank of views", name, view_bank_names());
  ViewBank bank{name, kind->symmetries, kind->jitter, seed};
  for (int i = 0; kind->is_jittered && i < jittered; ++i) {
    bank.views.push_back(kDihedralViews + i);
  }
  return bank;
}

Image view(const Image& image, const ViewBank& bank, std::uint64_t image_id, int view) {
  FATHOM_CHECK(view >= 0 && view < kDihedralViews + kMaxJitteredViews);
  const int symmetry = view % kDihedralViews;
  if (view < kDihedralViews) return dihedral_view(image, symmetry);
  const std::uint64_t of_image = derive_seed(bank.seed, "views of", image_id);
  const Random random(derive_seed(of_image, "view", static_cast<std::uint64_t>(view)));
  return dihedral_view(jittered(image, bank.jitter, random), symmetry);
}

}  // namespace fathom::image
