// Which images belong together (patient, slide): the units that statistics take for independent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fathom::stats {

/// A partition of images: of_image[i] is in [0, count).
struct Groups {
  std::vector<std::uint32_t> of_image;
  std::size_t count = 0;
};

/// By name, in order of first appearance; an image with an empty name is a group of its own.
Groups make_groups(std::span<const std::string> names);

/// Every image a group of its own.
Groups single_images(std::size_t images);

}  // namespace fathom::stats
