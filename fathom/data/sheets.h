// Pictures of a data set for people: a few images of each class, and what may be done to them.
#pragma once

#include "fathom/data/dataset.h"

namespace fathom::data {

/// The settings of a study that its views hang on, beside the data set's own.
struct StudyViews {
  int size = 0;            ///< data.image_size: height and width in pixels; 0 = as the images are
  int jittered = 8;        ///< train.views
  std::uint64_t seed = 0;  ///< train.view_seed
};

/// For two images of each class, drawn with a fixed seed: its stain normalizations, then what a
/// study with these settings is given (load_input, resized): its symmetries, and the jittered views
/// of every bank that has some (image/views.h); the image itself comes first.
image::Image view_sheet(const Dataset& dataset, const StudyViews& study);

/// For one image of each class, as such a study is given it: a row for each corruption
/// (image/corruption.h), the image itself and then severities 1 to 5.
image::Image corruption_sheet(const Dataset& dataset, const StudyViews& study);

}  // namespace fathom::data
