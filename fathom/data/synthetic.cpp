#include "fathom/data/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <span>

#include "fathom/base/atomic_file.h"
#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/data/dataset.h"
#include "fathom/data/tissue.h"

namespace fathom::data {
namespace {
namespace fs = std::filesystem;

using Colour = std::array<double, 3>;

/// How one slide was stained and scanned. Optical density of a pixel and channel c:
/// haematoxylin * haematoxylin_vector[c] + eosin * eosin_vector[c] (Beer-Lambert; Ruifrok &
/// Johnston 2001, Anal Quant Cytol Histol 23:291).
struct Slide {
  Colour haematoxylin, eosin;                        ///< density vectors, of length 1
  double haematoxylin_amount = 0, eosin_amount = 0;  ///< mean over a patch
  Colour white{};                                    ///< of the empty slide, 0 to 1
  double blur = 0;                                   ///< standard deviation, pixels
};

Colour unit_vector(Colour vector, double jitter, Random& random) {
  double squares = 0;
  for (double& value : vector) {
    value = std::max(0.02, value + jitter * random.normal());
    squares += value * value;
  }
  for (double& value : vector) value /= std::sqrt(squares);
  return vector;
}

Slide draw_slide(const SyntheticOptions& options, std::uint64_t site, std::uint64_t slide) {
  Random random(derive_seed(derive_seed(static_cast<std::uint64_t>(options.seed), "site", site),
                            "slide", slide));
  const bool shifted = site > 0;
  Slide result;
  result.haematoxylin =
      unit_vector(shifted ? Colour{0.55, 0.74, 0.40} : Colour{0.66, 0.69, 0.30}, 0.025, random);
  result.eosin =
      unit_vector(shifted ? Colour{0.24, 0.86, 0.30} : Colour{0.13, 0.90, 0.42}, 0.025, random);
  result.haematoxylin_amount = (shifted ? 0.34 : 0.42) * std::exp(0.14 * random.normal());
  result.eosin_amount = (shifted ? 0.46 : 0.36) * std::exp(0.14 * random.normal());
  for (double& channel : result.white) channel = (shifted ? 0.91 : 0.955) + 0.008 * random.normal();
  result.blur = (shifted ? 0.85 : 0.6) + 0.06 * random.normal();
  return result;
}

/// The traits scatter about the grade of their class: the patch as a whole (which no classifier
/// can undo) and each trait for itself.
internal::Traits draw_traits(const SyntheticOptions& options, int label, Random& random) {
  const double lowest = 0.12, highest = 0.88;
  const double grade =
      lowest + (highest - lowest) * label / static_cast<double>(options.classes - 1);
  const double of_patch = grade + (0.04 + 0.44 * options.difficulty) * random.normal();
  const auto trait = [&] {
    return of_patch + (0.06 + 0.26 * options.difficulty) * random.normal();
  };
  internal::Traits traits;
  traits.size = trait();
  traits.pleomorphism = trait();
  traits.crowding = trait();
  traits.chromatin = trait();
  traits.disorder = trait();
  return traits;
}

double mean_light(const internal::StainMap& map, double haematoxylin, double eosin) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < map.eosin.size(); i += 3, ++count) {
    sum += std::exp(-haematoxylin * map.haematoxylin[i] - eosin * map.eosin[i]);
  }
  return sum / static_cast<double>(count);
}

/// Factors for the two stains with which the patch lets through a wanted mean of red and of green
/// light. Without them, larger nuclei would make malignant patches darker, and mean colour would
/// give the class away.
struct Amounts {
  double haematoxylin = 1, eosin = 1;
};

/// -log of the mean light per channel that a patch of the slide should let through. What is stained
/// unevenly lets more light through than the mean of its densities says; kEvenness stands for that.
double wanted_density(const Slide& slide, const Amounts& amounts, std::size_t channel) {
  constexpr double kEvenness = 0.85;
  return kEvenness * (amounts.haematoxylin * slide.haematoxylin[channel] +
                      amounts.eosin * slide.eosin[channel]);
}

/// Newton's method on the two densities, with the derivatives by differences.
Amounts match_mean_light(const internal::StainMap& map, const Slide& slide, const Amounts& wanted) {
  const auto density = [&](std::size_t channel, const Amounts& k) {
    return -std::log(mean_light(map, k.haematoxylin * slide.haematoxylin[channel],
                                k.eosin * slide.eosin[channel]));
  };
  Amounts k;
  for (int iteration = 0; iteration < 4; ++iteration) {
    constexpr double kStep = 0.02;
    std::array<double, 2> miss{}, by_h{}, by_e{};
    for (std::size_t c = 0; c < 2; ++c) {  // red, green
      const double here = density(c, k);
      miss[c] = wanted_density(slide, wanted, c) - here;
      by_h[c] = (density(c, {k.haematoxylin + kStep, k.eosin}) - here) / kStep;
      by_e[c] = (density(c, {k.haematoxylin, k.eosin + kStep}) - here) / kStep;
    }
    const double determinant = by_h[0] * by_e[1] - by_h[1] * by_e[0];
    if (std::abs(determinant) < 1e-9) break;
    const double dh = (miss[0] * by_e[1] - miss[1] * by_e[0]) / determinant;
    const double de = (by_h[0] * miss[1] - by_h[1] * miss[0]) / determinant;
    k.haematoxylin = std::clamp(k.haematoxylin + dh, 0.3, 3.0);
    k.eosin = std::clamp(k.eosin + de, 0.3, 3.0);
  }
  return k;
}

/// One pass of a Gaussian of five taps along rows (`step` 1) or columns (`step` size), edges
/// repeated.
void blur_along(std::vector<float>& values, int size, bool rows, double deviation) {
  std::array<float, 5> taps{};
  float total = 0;
  for (int t = -2; t <= 2; ++t) {
    total += taps[t + 2] = static_cast<float>(std::exp(-t * t / (2 * deviation * deviation)));
  }
  const std::vector<float> source = values;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      float sum = 0;
      for (int t = -2; t <= 2; ++t) {
        const int from_x = rows ? std::clamp(x + t, 0, size - 1) : x;
        const int from_y = rows ? y : std::clamp(y + t, 0, size - 1);
        sum += taps[t + 2] * source[static_cast<std::size_t>(from_y) * size + from_x];
      }
      values[static_cast<std::size_t>(y) * size + x] = sum / total;
    }
  }
}

void blur(std::vector<float>& values, int size, double deviation) {
  blur_along(values, size, true, deviation);
  blur_along(values, size, false, deviation);
}

image::Image scan_patch(const internal::StainMap& map, const Slide& slide, const Amounts& amounts,
                        Random& random) {
  image::Image image(map.size, map.size);
  const double exposure = 1 + 0.012 * random.normal();
  for (std::size_t c = 0; c < 3; ++c) {
    const double h = amounts.haematoxylin * slide.haematoxylin[c];
    const double e = amounts.eosin * slide.eosin[c];
    const double white = 255 * exposure * slide.white[c];
    for (std::size_t i = 0; i < map.eosin.size(); ++i) {
      const double light = std::exp(-h * map.haematoxylin[i] - e * map.eosin[i]);
      const double noise = 3.2 * (random.uniform() + random.uniform() - 1);
      image.rgb[3 * i + c] =
          static_cast<std::uint8_t>(std::clamp(white * light + noise + 0.5, 0.0, 255.0));
    }
  }
  return image;
}

}  // namespace

std::vector<Field> SyntheticOptions::fields() {
  return {
      {"out", &out, "folder that receives the images and labels.csv"},
      {"count", &count, "images per site", 20, 1e6},
      {"size", &size, "height and width in pixels", 32, 1024},
      {"classes", &classes, "2 = benign, malignant; 3 = benign, atypical, malignant", 2, 3},
      {"groups", &groups, "slides per site, each with its own stain", 5, 10000},
      {"difficulty", &difficulty, "overlap of the classes, from 0 (easy) to 1 (hard)", 0, 1},
      {"sites", &sites, "2 adds a second site with a shifted stain, in its own folder", 1, 2},
      {"seed", &seed, "seed of everything that is drawn", 0, 9e15},
  };
}

image::Image draw_tissue(const SyntheticOptions& options, int label, std::uint64_t site,
                         std::uint64_t slide, std::uint64_t index) {
  FATHOM_CHECK(label >= 0 && label < options.classes);
  const auto size = static_cast<int>(options.size);
  const Slide stain = draw_slide(options, site, slide);
  Random random(derive_seed(derive_seed(static_cast<std::uint64_t>(options.seed), "site", site),
                            "patch", index));
  const internal::Traits traits = draw_traits(options, label, random);
  const internal::Layout layout = internal::draw_layout(random, size);
  const auto nuclei = internal::draw_nuclei(random, layout, traits, size);
  internal::StainMap map = internal::paint(layout, nuclei, size);
  const Amounts wanted{stain.haematoxylin_amount * std::exp(0.16 * random.normal()),
                       stain.eosin_amount * std::exp(0.16 * random.normal())};
  blur(map.haematoxylin, size, stain.blur);
  blur(map.eosin, size, stain.blur);
  return scan_patch(map, stain, match_mean_light(map, stain, wanted), random);
}

}  // namespace fathom::data
