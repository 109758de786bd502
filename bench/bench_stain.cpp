// How many patches a second one core normalizes, and how many come back unchanged:
// bench_stain [FOLDER [SECONDS]]. Below FOLDER lie patches and nothing else; without it they are
// drawn: mixtures of two stains, 96 x 96. Prints a Markdown table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

#include "fathom/base/random.h"
#include "fathom/image/stain.h"

namespace {

using namespace fathom;

constexpr std::size_t kPatches = 500;

/// Amounts of haematoxylin and eosin drawn on a coarse grid, as light that passes through them.
image::Image drawn_patch(std::uint64_t seed) {
  constexpr double kHaematoxylin[] = {0.65, 0.70, 0.29}, kEosin[] = {0.07, 0.99, 0.11};
  Random random(seed);
  image::Image coarse(24, 24);
  for (std::size_t i = 0; i < coarse.rgb.size(); i += 3) {
    const double h = random.uniform(0, 1.5), e = random.uniform(0.1, 1);
    for (std::size_t c = 0; c < 3; ++c) {
      coarse.rgb[i + c] =
          static_cast<std::uint8_t>(255 * std::exp(-(h * kHaematoxylin[c] + e * kEosin[c])));
    }
  }
  return image::resize(coarse, 96, 96);
}

std::vector<image::Image> patches(const char* folder) {
  std::vector<image::Image> found;
  if (folder == nullptr) {
    for (std::size_t i = 0; i < kPatches; ++i) found.push_back(drawn_patch(i));
    return found;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  Random random(0);
  random.shuffle(std::span(files));
  files.resize(std::min(files.size(), kPatches));
  for (const auto& file : files) found.push_back(image::decode_file(file));
  return found;
}

/// Of this thread, the only one: what others do on the machine does not count.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

int main(int count, char** arguments) {
  const std::vector<image::Image> images = patches(count > 1 ? arguments[1] : nullptr);
  const double least = count > 2 ? std::strtod(arguments[2], nullptr) : 2;
  fmt::print("{} patches of {} x {} pixels\n\n", images.size(), images.at(0).height,
             images.at(0).width);
  fmt::print("| method | patches a second | unchanged |\n|---|---|---|\n");
  for (const image::StainMethod& method : image::stain_methods()) {
    std::size_t done = 0, unchanged = 0;
    const double start = processor_seconds();
    while (processor_seconds() - start < least) {
      const image::Image& patch = images[done % images.size()];
      const bool same = method.apply(patch) == patch;
      if (done < images.size()) unchanged += same ? 1 : 0;
      ++done;
    }
    fmt::print("| {} | {:.0f} | {:.1f} % |\n", method.name,
               static_cast<double>(done) / (processor_seconds() - start),
               100.0 * static_cast<double>(unchanged) / static_cast<double>(images.size()));
  }
  return 0;
}
