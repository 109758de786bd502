// Finds images of the same thing among many: turned, mirrored, scaled, encoded again.
// Not for equal pixels (exact_duplicates), and no proof: people should look.
#pragma once

#include <cstddef>
#include <vector>

#include "fathom/image/fingerprint.h"

namespace fathom::data {

/// Two images are linked when the cosine between their patterns, for one of the eight dihedral
/// views and one of the turns (image::kTurns) of one of them, is at least kLookAlike, when their
/// mean red, green and blue differ by at most kSameColour (of 255), and when their contrasts differ
/// by a factor of at most kSameContrast: nearly blank images with tissue in a corner are all alike,
/// but for that. Measured on 6,000 patches of PatchCamelyon: dihedral copies saved again as JPEG
/// have a cosine above 0.99; of 18 million pairs of different patches 24 are above 0.82 in some
/// turn, 5 of these are of one colour, and 2 of one contrast too (docs/results/leak-scan.md).
inline constexpr double kLookAlike = 0.82;
inline constexpr double kSameColour = 8;
inline constexpr float kSameContrast = 1.3F;

/// For each image the numbers of the families in which people found different pictures (cleared.h).
using ClearedFamilies = std::vector<std::vector<std::size_t>>;

/// Families of images that are linked, directly or over others: lists of indices, each at least 2
/// long, in order. Plain images have no pattern and are in none.
///
/// What all images share (as chest radiographs do) is taken out first where there are a hundred or
/// more. Candidates are found by locality-sensitive hashing: signs of 14 of the 63 lowest
/// frequencies, 16 times (Indyk & Motwani 1998, doi:10.1145/276698.276876), so pairs just above
/// kLookAlike may be missed; the same input gives the same families. About 5 KB an
/// image, with its fingerprint.
///
/// Two images with a cleared family in common are not linked; `cleared` may be empty: none.
std::vector<std::vector<std::size_t>> find_look_alikes(
    const std::vector<image::Fingerprint>& prints, const ClearedFamilies& cleared = {});

}  // namespace fathom::data
