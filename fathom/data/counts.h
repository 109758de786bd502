// How many images and groups a data set has, by class and part, and how large its images are. What
// people are told of it: inspect.h, study/data_summary.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fathom/data/split.h"

namespace fathom::data {

/// Of one class: images, their groups, and the images in each part.
struct CountedClass {
  std::string name;
  std::size_t images = 0;
  std::size_t groups = 0;  ///< 0: no group column
  std::size_t train = 0, valid = 0, test = 0;
};

/// Smallest, middle and largest of a length in pixels.
struct Extent {
  int min = 0, median = 0, max = 0;
};

struct ImageExtents {
  Extent height, width;
  std::size_t not_square = 0;  ///< images
};

/// "1 image", "2 images". `noun`: one that takes an s.
std::string counted(std::size_t count, const std::string& noun);

/// Every class, in the order of Dataset::classes. `assignment` may be empty (no parts are known).
std::vector<CountedClass> count_classes(const Dataset& dataset, const Assignment& assignment);

/// An image without a group counts as one; 0 without a group column.
std::size_t count_groups(const Dataset& dataset);

/// Needs scan() and at least one image.
ImageExtents measure_images(const Dataset& dataset);

}  // namespace fathom::data
