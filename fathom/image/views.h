// Views: the augmented versions of an image that training draws from, fixed before training, so
// that every depth sees the same ones and a frozen network sees each but once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fathom/image/image.h"

namespace fathom::image {

/// How far a view may be from its image; 0 = not at all. Each view draws its amounts uniformly
/// within these.
struct Jitter {
  /// Haematoxylin, eosin and the rest (shift_hed) each times 1 +- this. Tellez et al. 2019
  /// ("Quantifying the effects of data augmentation and stain color normalization in convolutional
  /// neural networks for computational pathology", Medical Image Analysis 58) state 0.05
  /// (HED-light) and 0.2 (HED-strong).
  double stain = 0;
  /// ... and plus +- this, as natural optical density. The same source; it also tints glass.
  double stain_shift = 0;
  /// Both along the patch's own stains (shift_own_stains) instead of Ruifrok & Johnston's.
  bool own_stains = false;
  /// Factor 1 +- this on light, and on the distance from the mean grey: Tellez et al. 2019 state
  /// 0.35.
  double brightness = 0, contrast = 0;
  /// Factor 1 +- this on the distance from the pixel's grey, and turns +- this of the plane of I
  /// and Q in YIQ. Liu et al. 2017 ("Detecting cancer metastases on gigapixel pathology images",
  /// arXiv:1703.02442) state 0.25 and 0.04.
  double saturation = 0, hue = 0;
  /// Gaussian blur, standard deviation from 0 to this in pixels. Our choice: it is seen, and nuclei
  /// keep their texture.
  double blur = 0;
  /// A part of the image enlarged by a factor from 1 to 1 + this, cut anywhere: Tellez et al. 2019
  /// state 0.2 for scaling.
  double zoom = 0;
};

/// Which views there are. A view's number says what it is, in every bank: below kDihedralViews it
/// is dihedral_view(image, number), 0 the image itself; from there on it is jittered as the bank
/// says and seen by the symmetry number % kDihedralViews.
struct ViewBank {
  std::string name;
  std::vector<int> views;  ///< the numbers that training draws from, 0 first
  Jitter jitter;           ///< of the numbers from kDihedralViews on
  std::uint64_t seed = 0;
};

/// Views are numbered in one byte where they are stored.
inline constexpr int kMaxJitteredViews = 256 - kDihedralViews;

/// "none", "flips", "dihedral", "stain" (dihedral, and jittered in stain alone), "own_stain" (the
/// same along the patch's own stains), "full" (dihedral, and jittered in all ways).
const std::vector<std::string>& view_bank_names();

/// The bank of that name, with `jittered` views beside the symmetries where it has any, 1 to
/// kMaxJitteredViews. Throws Error on a name that is not one of view_bank_names().
ViewBank view_bank(const std::string& name, int jittered = 8, std::uint64_t seed = 0);

/// One view. The jitter hangs on the bank, `image_id` (a number that stands for the content of the
/// image) and the number of the view alone. Of the same size, but that quarter turns exchange
/// height and width.
Image view(const Image& image, const ViewBank& bank, std::uint64_t image_id, int view);

}  // namespace fathom::image
