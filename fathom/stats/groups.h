// Which images belong together (patient, slide): the units that statistics take for independent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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

/// With fewer groups of a class than this, how groups differ is not known well enough for any
/// error: intervals hold the truth down to this many (docs/results/coverage.md).
inline constexpr std::size_t kFewestGroups = 3;

/// How many groups the images of each class, by its number, are in. A class without images is left
/// out.
std::map<int, std::size_t> groups_of_classes(std::span<const int> labels, const Groups& groups);

/// Whether the images of some class are in too few groups for an error over groups.
bool has_too_few_groups(std::span<const int> labels, const Groups& groups);

}  // namespace fathom::stats
