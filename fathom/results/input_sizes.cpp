#include "fathom/results/input_sizes.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/results/words.h"

namespace fathom::results {
namespace {

/// "40 to 1200"
std::string extent(int min, int max) {
  return min == max ? fmt::format("{}", min) : fmt::format("{} to {}", min, max);
}

std::string square(int size) { return fmt::format("{0} x {0} pixels", size); }

}  // namespace

bool are_resized(const ImageSizes& images, const std::vector<ArchitectureSummary>& architectures) {
  return std::ranges::any_of(architectures, [&](const ArchitectureSummary& architecture) {
    const int input = architecture.input_size;
    return images != ImageSizes{input, input, input, input, 0};
  });
}

std::string sizes_in_words(const ImageSizes& images) {
  const int side = images.min_height;
  if (images == ImageSizes{side, side, side, side, 0}) return square(side);
  return fmt::format("{} pixels high and {} wide", extent(images.min_height, images.max_height),
                     extent(images.min_width, images.max_width));
}

std::string inputs_in_words(const std::vector<ArchitectureSummary>& architectures) {
  const int first = architectures.front().input_size;
  if (std::ranges::all_of(architectures, [&](const ArchitectureSummary& architecture) {
        return architecture.input_size == first;
      })) {
    return first == 0 ? "" : square(first);
  }
  std::vector<std::string> inputs;
  for (const ArchitectureSummary& architecture : architectures) {
    if (architecture.input_size == 0) continue;
    inputs.push_back(fmt::format("{} for {}", square(architecture.input_size), architecture.title));
  }
  return listed_in_words(inputs);
}

std::string resizing_warning(const std::string& whose, const ImageSizes& images,
                             const std::vector<ArchitectureSummary>& architectures) {
  if (!are_resized(images, architectures)) return "";
  std::string text = fmt::format("{} are {}; networks see them resized to {} (--image-size).",
                                 whose, sizes_in_words(images), inputs_in_words(architectures));
  if (images.not_square > 0) {
    text += fmt::format(
        " {} of them {} not square: squeezed into one, shapes change; to keep them, cut squares "
        "out "
        "of the images.",
        images.not_square, images.not_square == 1 ? "is" : "are");
  }
  return text;
}

}  // namespace fathom::results
