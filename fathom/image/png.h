// PNG to RGB by libpng, whose messages become errors. Not for writing, nor for other formats.
#pragma once

#include <string>
#include <string_view>

#include "fathom/image/header.h"
#include "fathom/image/image.h"

namespace fathom::image::internal {

/// Decodes the image that `header` describes. Throws Error naming `where` when the data are
/// damaged.
Image decode_png(std::string_view bytes, const Header& header, const std::string& where);

}  // namespace fathom::image::internal
