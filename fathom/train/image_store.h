// All images of a study in memory as uint8, and batches of them as the network's input.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <string>

#include "fathom/base/random.h"
#include "fathom/data/dataset.h"
#include "fathom/weights/card.h"

namespace fathom::train {

/// N x size x size x 3 bytes, in the order of Dataset::samples.
class ImageStore {
 public:
  /// Loads (data::load_input) and resizes every image, in parallel. Throws Error naming a file that
  /// cannot be read or whose pixels no longer have the hash that scan() found.
  ImageStore(const data::Dataset& dataset, int size);

  int size() const { return size_; }
  std::int64_t count() const { return pixels_.size(0); }

  /// Images `indices` seen by `views` (image::dihedral_view numbers, or empty for view 0), as
  /// float32 n x 3 x size x size in channels-last memory, preprocessed as the weights expect.
  torch::Tensor batch(std::span<const std::int64_t> indices, std::span<const int> views,
                      const weights::Preprocessing& preprocessing) const;

 private:
  int size_;
  torch::Tensor pixels_;
};

/// The view that one image gets in one epoch: the same for every depth of a seed.
/// `augment`: "none", "flips" or "dihedral".
int training_view(const std::string& augment, Random& random);

}  // namespace fathom::train
