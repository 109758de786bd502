// Many small images on one picture, for people to look at.
#pragma once

#include <string>
#include <vector>

#include "fathom/image/image.h"

namespace fathom::image {

struct SheetRow {
  std::string caption;  ///< letters beyond ASCII are shown as '?'
  std::vector<Image> images;
};

/// Rows of images on white, each image resized to `cell` x `cell` pixels, a row's caption above it.
/// As wide as the longest row. There must be an image.
Image contact_sheet(const std::vector<SheetRow>& rows, int cell);

}  // namespace fathom::image
