// Changes of colour that are one 3 x 4 matrix over the values of a pixel, after Haeberli 1993
// ("Matrix operations for image processing"). For the sources of this room alone (see mat.h).
#pragma once

#include "fathom/image/mat.h"

namespace fathom::image {

/// On (red, green, blue, 1). Changes follow one another by multiplication, the last on the left;
/// only apply() rounds and cuts to 0..255.
using ColourMatrix = cv::Matx44d;

ColourMatrix brighter(double factor);
/// Away from (above 1) or towards `middle`.
ColourMatrix more_contrast(double factor, const cv::Vec3d& middle);
/// Away from or towards the pixel's own grey (0.299 red + 0.587 green + 0.114 blue).
ColourMatrix more_saturated(double factor);
/// Turns the plane of I and Q in YIQ by `turns` (1 = all around); grey stays what it is.
ColourMatrix hue_turned(double turns);

Image apply(const ColourMatrix& matrix, const Image& image);

/// The mean red, green and blue.
cv::Vec3d mean_colour(const Image& image);
/// Its grey, in all three channels.
cv::Vec3d mean_grey(const Image& image);

}  // namespace fathom::image
