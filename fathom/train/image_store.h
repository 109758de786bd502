// All images of a study as uint8, decoded once, and batches of them as the network's input.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "fathom/data/dataset.h"
#include "fathom/train/paged_bytes.h"
#include "fathom/train/views.h"
#include "fathom/weights/card.h"

namespace fathom::train {

/// N x size x size x 3 bytes, in the order of Dataset::samples.
class ImageStore {
 public:
  /// Where the pixels are kept.
  struct Room {
    std::filesystem::path folder;                  ///< of a nameless file; empty: always in memory
    std::size_t in_memory = std::size_t{1} << 30;  ///< bytes, at most; more go to the file
    Device device = Device::cpu;                   ///< whose memory may hold what is in memory
  };

  /// Loads (data::load_input) and resizes every image, in parallel. Throws Error naming a file that
  /// cannot be read or whose pixels no longer have the hash that scan() found, or as PagedBytes.
  /// `keep_going` is called from time to time and may throw.
  ImageStore(
      const data::Dataset& dataset, int size, const Views& views, const Room& room,
      const std::function<void()>& keep_going = [] {});
  /// In memory.
  ImageStore(const data::Dataset& dataset, int size, const Views& views = Views())
      : ImageStore(dataset, size, views, Room{}) {}

  int size() const { return size_; }
  std::int64_t count() const { return pixels_.size(0); }

  const Views& views() const { return views_; }

  /// Images `indices` seen by `views` (numbers of Views, or empty for view 0), as
  /// float32 n x 3 x size x size in channels-last memory, preprocessed as the weights expect; on
  /// the GPU if the pixels are there.
  torch::Tensor batch(std::span<const std::int64_t> indices, std::span<const int> views,
                      const weights::Preprocessing& preprocessing) const;

 private:
  std::size_t image_bytes() const { return static_cast<std::size_t>(size_) * size_ * 3; }
  void load(const data::Dataset& dataset, std::size_t index);
  /// Keeps what is used of a file from filling the memory.
  void note_use(std::size_t images) const;
  /// Row `row` of a batch, image `index`, by a view that is no symmetry.
  void see(torch::Tensor& pixels, std::int64_t row, std::int64_t index, int view) const;

  int size_;
  Views views_;
  std::unique_ptr<PagedBytes> paged_;  ///< of `pixels_`, if they are not in memory
  torch::Tensor pixels_;
  mutable std::size_t used_bytes_ = 0;  ///< since the memory was last released
  std::vector<std::uint64_t> ids_;      ///< data::image_id, by image
};

}  // namespace fathom::train
