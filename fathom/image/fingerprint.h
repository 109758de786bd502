// The coarse pattern of an image, as numbers that hardly change when it is encoded again, scaled,
// made brighter or paler, and that change in a known way when it is turned or mirrored.
#pragma once

#include <array>

#include "fathom/image/image.h"

namespace fathom::image {

/// The lowest frequencies of the grey image, shrunk to 32 x 32 pixels: coefficient (u, v) of the
/// two-dimensional DCT-II at [u * kFrequencies + v], u down and v across, scaled to length 1. The
/// mean brightness (0, 0) is left out. After the perceptual hash of Zauner 2010 ("Implementation
/// and benchmarking of perceptual image hash functions"), with values in place of bits.
inline constexpr std::size_t kFrequencies = 12;
using Pattern = std::array<float, kFrequencies * kFrequencies>;

/// The pattern of dihedral_view(image, view), from that of the image: mirroring changes the sign of
/// odd frequencies, a quarter turn also exchanges u and v.
Pattern dihedral_pattern(const Pattern& pattern, int view);

/// An image's pattern, and that of the image turned by kSmallTurn degrees to either side (and cut
/// to what stays inside).
struct Fingerprint {
  std::array<Pattern, 3> turned{};  ///< 0: not turned
  std::array<float, 3> colour{};    ///< mean red, green and blue, 0 to 255
  bool plain = true;                ///< no pattern to speak of: blank, or nearly
};
inline constexpr double kSmallTurn = 7;

Fingerprint fingerprint(const Image& image);

}  // namespace fathom::image
