// What the numbers of views show in a study: the symmetries of the square, the jittered views of
// its bank, and the corruptions of test images. LibTorch-free.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fathom/image/views.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// One corruption at one severity as a view of an image.
struct CorruptedView {
  int number = 0;  ///< Sight::view
  std::string corruption;
  int severity = 0;
};

/// Every row of image::corruptions() at every severity.
const std::vector<CorruptedView>& corrupted_views();

/// Numbers from here on are corrupted_views(), those below the bank's.
inline constexpr int kFirstCorruptedView = 128;

class Views {
 public:
  /// Those of options.augment, options.views and options.view_seed.
  explicit Views(const TrainOptions& options = {});

  /// The numbers that training draws from, 0 first.
  const std::vector<int>& training() const { return bank_.views; }

  /// The image by a view: as large as it is, for images are square here. `image_id`:
  /// data::image_id.
  image::Image see(const image::Image& image, std::uint64_t image_id, int view) const;

  /// All that a view's pixels depend on beside the image and the number; empty for symmetries,
  /// which are the same in every study.
  const std::string& meaning(int view) const;

 private:
  image::ViewBank bank_;
  std::string jitter_;  ///< meaning of the jittered views
};

}  // namespace fathom::train
