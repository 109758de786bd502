// Stain: what haematoxylin and eosin (H&E) do to the colours of a patch. Taking it to a stated
// target, as a preprocessing, and shifting it, for views and corruptions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fathom/image/image.h"

namespace fathom::image {

/// Unit vectors of optical density (red, green, blue) of haematoxylin and of eosin.
using StainVectors = std::array<std::array<double, 3>, 2>;

/// A row of the table of normalizations. A patch that gives no estimate (fewer than 100 stained
/// pixels or less than 1 %, one stain alone, one colour, or something that would have to be
/// stretched more than tenfold) comes back unchanged.
struct StainMethod {
  std::string name;         ///< "none", "reinhard", "macenko", "vahadane"
  std::string description;  ///< with its source
  Image (*apply)(const Image&);
};
const std::vector<StainMethod>& stain_methods();

/// The patch normalized by the method of that name. Throws Error on a name not in the table.
Image normalize_stain(const Image& image, const std::string& method);

/// The stains of a patch by Macenko et al. 2009 ("A method for normalizing histology slides for
/// quantitative analysis", ISBI): the 1st and 99th percentile of the angle in the plane of the two
/// largest principal components of the optical densities of at least 0.15 in every channel; light
/// 240. Nothing when there is no such pair.
std::optional<StainVectors> macenko_stains(const Image& image);

/// The stains of a patch by Vahadane et al. 2016 ("Structure-preserving color normalization and
/// sparse stain separation for histological images", IEEE TMI 35(8)): W of
///   min over W, H >= 0, |w_j| <= 1 of  1/2 |V - W H|^2 + lambda sum H,  lambda = 0.1,
/// V the optical densities of the stained pixels. By exact sparse codes and block coordinate
/// descent (Mairal et al. 2010, "Online learning for matrix factorization and sparse coding",
/// algorithm 2) in turns, from the target's vectors: the same result every time. Nothing when one
/// stain is enough.
std::optional<StainVectors> vahadane_stains(const Image& image);

/// c -> scale * c + shift of the amounts c of haematoxylin, eosin and the rest, in the space of
/// Ruifrok & Johnston 2001 ("Quantification of histochemical staining by color deconvolution"), as
/// natural optical densities; 1 and 0 change nothing. A scale leaves white glass white.
struct HedShift {
  std::array<double, 3> scale{1, 1, 1};
  std::array<double, 3> shift{};
};
Image shift_hed(const Image& image, const HedShift& change);

/// The same in the space of the patch's own stains (macenko_stains) and, for the rest, the
/// direction at right angles to both (the complement of HistomicsTK): the amounts are those of
/// Macenko et al. 2009, and they are changed as Tellez et al. 2018 ("Whole-slide mitosis detection
/// in H&E breast histology using PHH3 as a reference to train distilled stain-invariant
/// convolutional networks", IEEE TMI 37(9)) change those of Ruifrok & Johnston. A patch that gives
/// no estimate comes back unchanged.
Image shift_own_stains(const Image& image, const HedShift& change);

}  // namespace fathom::image
