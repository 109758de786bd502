// Finds images of the same thing among many: turned, mirrored, scaled, encoded again.
// Not for equal pixels (exact_duplicates), and no proof: people should look.
#pragma once

#include <cstddef>
#include <vector>

#include "fathom/image/fingerprint.h"

namespace fathom::data {

/// Two images are linked when the cosine between their patterns, for one of the eight dihedral
/// views and a further turn by 0 or +-7 degrees of one of them, is at least kLookAlike, and when
/// their mean red, green and blue differ by at most kSameColour (of 255). Measured on 3,000 patches
/// of PatchCamelyon: dihedral copies saved again as JPEG have a cosine above 0.99; of 4.5 million
/// pairs of different patches, 1 in 100,000 is above 0.85 (dihedral views alone), and 9 in 10 of
/// those above 0.9 differ by more than 8 in colour, where 99 in 100 turned copies differ by at
/// most 5.
inline constexpr double kLookAlike = 0.9;
inline constexpr double kSameColour = 8;

/// Families of images that are linked, directly or over others: lists of indices, each at least 2
/// long, in order. Plain images have no pattern and are in none.
///
/// What all images share (as chest radiographs do) is taken out first where there are a hundred or
/// more. Candidates are found by locality-sensitive hashing: signs of 14 of the 63 lowest
/// frequencies, 16 times (Indyk & Motwani 1998, doi:10.1145/276698.276876), so pairs just above
/// kLookAlike may be missed; the same input gives the same families. About 2.4 KB an image.
std::vector<std::vector<std::size_t>> find_look_alikes(
    const std::vector<image::Fingerprint>& prints);

}  // namespace fathom::data
