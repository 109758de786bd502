#include "fathom/study/input_size.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/data/counts.h"

namespace fathom::study {

results::ImageSizes measure_sizes(const data::Dataset& dataset) {
  const data::ImageExtents found = data::measure_images(dataset);
  return {found.height.min, found.height.max, found.width.min, found.width.max, found.not_square};
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
