// All images of a study in memory as uint8, and batches of them as the network's input.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fathom/data/dataset.h"
#include "fathom/train/views.h"
#include "fathom/weights/card.h"

namespace fathom::train {

/// N x size x size x 3 bytes, in the order of Dataset::samples.
class ImageStore {
 public:
  /// Loads (data::load_input) and resizes every image, in parallel. Throws Error naming a file that
  /// cannot be read or whose pixels no longer have the hash that scan() found. `keep_going` is
  /// called from time to time and may throw.
  ImageStore(
      const data::Dataset& dataset, int size, const Views& views = Views(),
      const std::function<void()>& keep_going = [] {});

  int size() const { return size_; }
  std::int64_t count() const { return pixels_.size(0); }

  const Views& views() const { return views_; }

  /// Images `indices` seen by `views` (numbers of Views, or empty for view 0), as
  /// float32 n x 3 x size x size in channels-last memory, preprocessed as the weights expect.
  torch::Tensor batch(std::span<const std::int64_t> indices, std::span<const int> views,
                      const weights::Preprocessing& preprocessing) const;

 private:
  /// Row `row` of a batch, image `index`, by a view that is no symmetry.
  void see(torch::Tensor& pixels, std::int64_t row, std::int64_t index, int view) const;

  int size_;
  Views views_;
  torch::Tensor pixels_;
  std::vector<std::uint64_t> ids_;  ///< data::image_id, by image
};

}  // namespace fathom::train
