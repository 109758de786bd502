#include "fathom/study/input_size.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"

namespace fathom::study {

results::ImageSizes measure_sizes(const data::Dataset& dataset) {
  const data::Sample& first = dataset.samples.front();
  results::ImageSizes sizes{first.height, first.height, first.width, first.width};
  for (const data::Sample& sample : dataset.samples) {
    sizes.min_height = std::min(sizes.min_height, sample.height);
    sizes.max_height = std::max(sizes.max_height, sample.height);
    sizes.min_width = std::min(sizes.min_width, sample.width);
    sizes.max_width = std::max(sizes.max_width, sample.width);
    sizes.not_square += sample.height == sample.width ? 0 : 1;
  }
  return sizes;
}

int choose_input_size(std::int64_t wanted, const results::ImageSizes& images,
                      const zoo::Architecture& architecture) {
  if (wanted == 0) {
    const bool one_size = images.min_height == images.max_height && images.not_square == 0;
    return std::max(one_size ? images.min_height : architecture.default_input,
                    architecture.min_input);
  }
  if (wanted < architecture.min_input) {
    throw Error(fmt::format("image_size = {}: {} needs at least {} pixels", wanted,
                            architecture.name, architecture.min_input));
  }
  return static_cast<int>(wanted);
}

}  // namespace fathom::study
