// Pictures of a data set for people: a few images of each class, and what may be done to them.
#pragma once

#include "fathom/data/dataset.h"

namespace fathom::data {

/// For two images of each class, drawn with a fixed seed: its stain normalizations, its symmetries,
/// and the jittered views of every bank that has some (image/views.h); the image itself comes
/// first.
image::Image view_sheet(const Dataset& dataset);

/// For one image of each class: a row for each corruption (image/corruption.h), the image itself
/// and then severities 1 to 5.
image::Image corruption_sheet(const Dataset& dataset);

}  // namespace fathom::data
