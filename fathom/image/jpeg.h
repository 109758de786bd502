// JPEG to RGB by libjpeg, whose messages become errors. Not for other formats.
#pragma once

#include <string>
#include <string_view>

#include "fathom/image/header.h"
#include "fathom/image/image.h"

namespace fathom::image::internal {

/// Decodes the image that `header` describes. Grey and CMYK become RGB. Throws Error naming `where`
/// when the data are damaged, also where libjpeg would go on with a guess and a warning.
Image decode_jpeg(std::string_view bytes, const Header& header, const std::string& where);

/// Whether a warning of any libjpeg, in its words, tells of pixels that it had to guess. For the
/// libraries that decode JPEG by themselves and hand on nothing but these words.
bool tells_of_lost_pixels(std::string_view warning);

}  // namespace fathom::image::internal
