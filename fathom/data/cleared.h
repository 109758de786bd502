// Look-alikes that people have looked at and found to be different pictures: their likeness is no
// leak. Not for finding look-alikes: that is look_alikes.h.
#pragma once

#include <filesystem>

#include "fathom/data/dataset.h"

namespace fathom::data {

/// Reads a table "path,family", as `fathom data inspect --write-look-alikes` writes it, in which
/// people have left the families to clear: any two images of one family count as different
/// pictures. An image may be in several families, so that pairs can be cleared one by one. Fills
/// Dataset::cleared, with a caution that says how many were cleared by which file.
/// Throws Error: missing columns, an empty family, a path that is no image of the data set or is
/// in a family twice, a family of one image.
void read_cleared(Dataset& dataset, const std::filesystem::path& file);

}  // namespace fathom::data
