// The coarse pattern of an image, as numbers that hardly change when it is encoded again, scaled,
// made brighter or paler, and that change in a known way when it is turned or mirrored.
#pragma once

#include <array>

#include "fathom/image/image.h"

namespace fathom::image {

/// The lowest frequencies of the grey image, shrunk to 32 x 32 pixels: coefficient (u, v) of the
/// two-dimensional DCT-II at [u * kFrequencies + v], u down and v across, times its frequency
/// sqrt(u^2 + v^2), all scaled to length 1. Amplitudes of pictures fall as 1 / frequency (Field
/// 1987, doi:10.1364/JOSAA.4.002379), so that without the factor the two or three coarsest would
/// decide. The mean brightness (0, 0) is left out. After the perceptual hash of Zauner 2010
/// ("Implementation and benchmarking of perceptual image hash functions"), with values in place of
/// bits.
inline constexpr std::size_t kFrequencies = 12;
using Pattern = std::array<float, kFrequencies * kFrequencies>;

/// The pattern of dihedral_view(image, view), from that of the image: mirroring changes the sign of
/// odd frequencies, a quarter turn also exchanges u and v.
Pattern dihedral_pattern(const Pattern& pattern, int view);

/// How an image is turned about its middle, and enlarged.
struct Turn {
  double degrees = 0;
  bool cut = false;  ///< enlarged until no corner is seen; else corners are filled by mirroring
};
/// Of two copies of a picture that were each turned and cut, the one that was turned further shows
/// less of it where both were turned to the same side, and as much where to opposite sides.
inline constexpr std::array<Turn, 7> kTurns = {
    {{0}, {7}, {-7}, {7, true}, {-7, true}, {14, true}, {-14, true}}};

/// An image's pattern, and those of the image turned.
struct Fingerprint {
  std::array<Pattern, kTurns.size()> turned{};  ///< by kTurns
  /// Of each of these: the standard deviation of its grey levels, which are 0 to 255.
  std::array<float, kTurns.size()> contrast{};
  std::array<float, 3> colour{};  ///< mean red, green and blue, 0 to 255
  bool plain = true;              ///< no pattern to speak of: blank, or nearly
};

Fingerprint fingerprint(const Image& image);

}  // namespace fathom::image
