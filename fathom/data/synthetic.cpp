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
  double haematoxylin_amount = 0, eosin_amount = 0;  ///< 1: as painted
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
  result.haematoxylin_amount = (shifted ? 0.82 : 1.0) * std::exp(0.14 * random.normal());
  result.eosin_amount = (shifted ? 1.2 : 1.0) * std::exp(0.14 * random.normal());
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
  const double of_patch = grade + (0.04 + 0.56 * options.difficulty) * random.normal();
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

/// The mean light of one channel over a sample of the pixels.
double mean_light(const internal::StainMap& map, double haematoxylin, double eosin) {
  constexpr std::size_t kStride = 5;
  const auto h = static_cast<float>(haematoxylin), e = static_cast<float>(eosin);
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < map.eosin.size(); i += kStride, ++count) {
    sum += std::exp(-h * map.haematoxylin[i] - e * map.eosin[i]);
  }
  return sum / static_cast<double>(count);
}

/// Factors for the two stains with which the patch lets through a wanted mean of red and of green
/// light. Without them, larger nuclei would make malignant patches darker, and mean colour would
/// give the class away.
struct Amounts {
  double haematoxylin = 1, eosin = 1;
};

/// -log of the mean light that a patch should let through: from the shares of its tissues and the
/// slide, so that neither the class nor the nuclei take part in it. The numbers are the mean
/// amounts of stain that the three tissues are painted with, in benign and malignant patches alike.
double wanted_density(const internal::StainMap& map, const Slide& slide, const Amounts& factors,
                      std::size_t channel) {
  const double stroma = 1 - map.epithelium - map.gap;
  const double haematoxylin = 0.08 * stroma + 0.45 * map.epithelium + 0.02 * map.gap;
  const double eosin = 0.52 * stroma + 0.34 * map.epithelium + 0.05 * map.gap;
  return factors.haematoxylin * haematoxylin * slide.haematoxylin[channel] +
         factors.eosin * eosin * slide.eosin[channel];
}

/// Newton's method on the two densities, with the derivatives by differences.
Amounts match_mean_light(const internal::StainMap& map, const Slide& slide, const Amounts& wanted) {
  const auto density = [&](std::size_t channel, const Amounts& k) {
    return -std::log(mean_light(map, k.haematoxylin * slide.haematoxylin[channel],
                                k.eosin * slide.eosin[channel]));
  };
  Amounts k;
  for (int iteration = 0; iteration < 3; ++iteration) {
    constexpr double kStep = 0.02;
    std::array<double, 2> miss{}, by_h{}, by_e{};
    for (std::size_t c = 0; c < 2; ++c) {  // red, green
      const double here = density(c, k);
      miss[c] = wanted_density(map, slide, wanted, c) - here;
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

/// One pass of a Gaussian of five taps along the rows or the columns, edges repeated.
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
    const auto h = static_cast<float>(amounts.haematoxylin * slide.haematoxylin[c]);
    const auto e = static_cast<float>(amounts.eosin * slide.eosin[c]);
    const double white = 255 * exposure * slide.white[c];
    for (std::size_t i = 0; i < map.eosin.size(); ++i) {
      const float light = std::exp(-h * map.haematoxylin[i] - e * map.eosin[i]);
      const double noise = 3.2 * (random.uniform() + random.uniform() - 1);
      image.rgb[3 * i + c] =
          static_cast<std::uint8_t>(std::clamp(white * light + noise + 0.5, 0.0, 255.0));
    }
  }
  return image;
}

std::vector<std::string> class_names(std::int64_t classes) {
  if (classes == 2) return {"benign", "malignant"};
  return {"benign", "atypical", "malignant"};
}

/// One image of a data set: the classes take turns, and every slide has all of them.
struct Patch {
  int label;
  std::uint64_t slide;
  std::string path;
};

Patch patch_at(const SyntheticOptions& options, std::uint64_t index) {
  const auto classes = static_cast<std::uint64_t>(options.classes);
  const auto slides = static_cast<std::uint64_t>(options.groups);
  return {static_cast<int>(index % classes), index / classes % slides,
          fmt::format("images/{:06}.png", index)};
}

/// 60 % of the slides for training, 20 % each for validation and test, drawn from the seed.
std::vector<Split> draw_splits(const SyntheticOptions& options, std::uint64_t site) {
  const auto slides = static_cast<std::size_t>(options.groups);
  const std::size_t fifth = std::max<std::size_t>(1, (slides + 2) / 5);
  std::vector<Split> splits(slides, Split::train);
  std::fill_n(splits.begin(), fifth, Split::valid);
  std::fill_n(splits.begin() + static_cast<std::ptrdiff_t>(fifth), fifth, Split::test);
  Random random(derive_seed(static_cast<std::uint64_t>(options.seed), "splits", site));
  random.shuffle(std::span(splits));
  return splits;
}

/// Written first into the folder: says what the images are, and that it may be written over.
constexpr const char* kNotice = "SYNTHETIC.txt";

void check_options(const SyntheticOptions& options) {
  if (options.out.empty()) throw Error("out: no folder is given for the images");
  if (options.count < options.groups * options.classes) {
    throw Error(fmt::format(
        "count = {}: every one of {} slides needs an image of each of {} classes; at least {}",
        options.count, options.groups, options.classes, options.groups * options.classes));
  }
  const fs::path out = options.out;
  std::error_code ignored;
  const bool holds_other_files = fs::exists(out, ignored) &&
                                 !(fs::is_directory(out, ignored) && fs::is_empty(out, ignored)) &&
                                 !fs::exists(out / kNotice, ignored);
  if (holds_other_files) {
    throw Error(fmt::format("{}: holds something else; give a new or empty folder", out.string()));
  }
}

/// Without the fsync of write_file_atomically, which thousands of small files cannot afford:
/// labels.csv, written last, vouches for the images.
void write_image(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error(path.string() + ": cannot write; is the disk full?");
}

void write_site(SyntheticOptions options, std::uint64_t site, const fs::path& folder) {
  write_file_atomically(folder / kNotice,
                        "These images are synthetic: drawn by a program (fathom data synth), not "
                        "taken from tissue.\n" +
                            fields_to_json(options.fields()).dump(2) + "\n");
  fs::create_directories(folder / "images");
  const auto count = static_cast<std::size_t>(options.count);
  parallel_for(count, [&](std::size_t i) {
    const Patch patch = patch_at(options, i);
    const image::Image image = draw_tissue(options, patch.label, site, patch.slide, i);
    write_image(folder / patch.path, image::encode_png(image));
  });
  const std::vector<std::string> names = class_names(options.classes);
  const std::vector<Split> splits = draw_splits(options, site);
  std::string manifest = csv_line({"path", "label", "group", "split"});
  for (std::size_t i = 0; i < count; ++i) {
    const Patch patch = patch_at(options, i);
    manifest += csv_line({patch.path, names[static_cast<std::size_t>(patch.label)],
                          fmt::format("site{}-slide{:02}", site + 1, patch.slide + 1),
                          split_name(splits[patch.slide])});
  }
  write_file_atomically(folder / "labels.csv", manifest);
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

void write_synthetic(const SyntheticOptions& options) {
  check_options(options);
  for (std::uint64_t site = 0; site < static_cast<std::uint64_t>(options.sites); ++site) {
    write_site(options, site, site == 0 ? fs::path(options.out) : fs::path(options.out) / "site2");
  }
}

bool is_synthetic(const fs::path& data) {
  return fs::exists((fs::is_directory(data) ? data : data.parent_path()) / kNotice);
}

}  // namespace fathom::data
