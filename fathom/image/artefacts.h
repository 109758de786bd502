// What lies on or in a slide and hides tissue: ink and bubbles, drawn. For the sources of this room
// alone (see mat.h).
#pragma once

#include <algorithm>

#include "fathom/base/random.h"
#include "fathom/image/mat.h"

namespace fathom::image {

/// The shorter side in pixels.
inline int side_of(const Image& image) { return std::min(image.height, image.width); }

namespace internal {
/// A bent stroke from side to side in one of four colours, `width` of the side wide. Ink lets a
/// part of the light through, as dye does.
Image ink(const Image& image, double width, Random random);
/// The first `count` of a row of bubbles: a dark rim where light is bent away; paler and out of
/// focus within.
Image bubbles(const Image& image, double count, Random random);
}  // namespace internal

}  // namespace fathom::image
