// The first page of a TIFF to RGB by libtiff, whose messages become errors. Not for other formats.
#pragma once

#include <string>
#include <string_view>

#include "fathom/image/header.h"
#include "fathom/image/image.h"

namespace fathom::image::internal {

/// Decodes the page that `header` describes; its orientation is left aside. Throws Error naming
/// `where` when the data are damaged, when libtiff does not know how they are written, or when a
/// pixel has samples that are neither colour nor transparency (a fourth one beside red, green and
/// blue is left aside, as Pillow does).
Image decode_tiff(std::string_view bytes, const Header& header, const std::string& where);

}  // namespace fathom::image::internal
