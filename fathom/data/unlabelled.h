// Images without labels, as paths name them: for a model that is to say what they show. Not a data
// set to learn from: that is open_dataset.
#pragma once

#include <string>
#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

/// Files as they are named, and of a folder everything below it that is named like an image, in the
/// order of the paths; what stands twice counts once. Ids are paths from the working folder (or
/// absolute), labels -1; there are no classes. Files of a folder that are no images are listed as
/// skipped. Throws Error on a path where nothing is, and when there is no image at all.
Dataset open_images(const std::vector<std::string>& paths);

}  // namespace fathom::data
