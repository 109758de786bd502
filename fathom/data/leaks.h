// What can leak from training into the test: exact duplicates and groups that are in two parts.
// Near duplicates are not looked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fathom/data/split.h"

namespace fathom::data {

/// Sets of images with equal pixels, by what they do. Examples are "a.png, b.png".
struct DuplicateSummary {
  std::size_t sets = 0;           ///< sets of equal images
  std::size_t images = 0;         ///< images in them
  std::size_t across_parts = 0;   ///< sets with images in two of train, valid, test
  std::size_t across_labels = 0;  ///< sets whose images have different labels
  std::string example, across_parts_example, across_labels_example;
};

/// Needs the hashes of scan(). The parts are those of `assignment`; it may be empty (none known).
DuplicateSummary summarize_duplicates(const Dataset& dataset, const Assignment& assignment);

/// The groups of which images are in two of train, valid and test, sorted.
std::vector<std::string> cut_groups(const Dataset& dataset, const Assignment& assignment);

}  // namespace fathom::data
