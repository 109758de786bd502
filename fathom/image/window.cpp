#include "fathom/image/window.h"

#include <algorithm>
#include <cmath>

namespace fathom::image::internal {

double Window::brightness(double value) const {
  if (sigmoid) return 1 / (1 + std::exp(-4 * (value - centre) / width));
  if (width == 0) return value > centre ? 1 : 0;
  return std::clamp((value - centre) / width + 0.5, 0.0, 1.0);
}

std::optional<Window> make_window(double centre, double width, std::string_view function) {
  const bool exact = function == "LINEAR_EXACT", sigmoid = function == "SIGMOID";
  const bool allowed = exact || sigmoid ? width > 0 : width >= 1;
  if (!allowed || !std::isfinite(centre) || !std::isfinite(width)) return std::nullopt;
  // LINEAR is LINEAR_EXACT with its centre half a step lower and its width one step less.
  if (!exact && !sigmoid) return Window{.centre = centre - 0.5, .width = width - 1};
  return Window{.centre = centre, .width = width, .sigmoid = sigmoid};
}

Window stretch(double low, double high) {
  return {.centre = (low + high) / 2, .width = high - low};
}

}  // namespace fathom::image::internal
