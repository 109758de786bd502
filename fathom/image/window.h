// The windows of DICOM: how grey values become brightness. Not for lookup tables, nor for where a
// window stands in a file.
#pragma once

#include <optional>
#include <string_view>

namespace fathom::image::internal {

/// What lies between black and white.
struct Window {
  double centre = 0;
  double width = 0;  ///< at 0 everything above the centre is white
  bool sigmoid = false;

  /// Of a value: 0 is black, 1 is white.
  double brightness(double value) const;
};

/// A window by its VOI LUT function: LINEAR, also when it is "" (DICOM PS3.3, C.11.2.1.2.1),
/// LINEAR_EXACT or SIGMOID (C.11.2.1.3). Nothing where the standard allows no such width: LINEAR
/// needs at least 1, the others more than 0.
std::optional<Window> make_window(double centre, double width, std::string_view function);

/// From black at `low` to white at `high`.
Window stretch(double low, double high);

}  // namespace fathom::image::internal
