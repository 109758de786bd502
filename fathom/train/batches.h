// What a unit's optimizer steps see: which images, by which views, with which features dropped. A
// function of the seed alone, so that all depths of a seed see the same. LibTorch-free.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "fathom/data/split.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// An image of the store, seen by a view.
struct Sight {
  std::int64_t image = 0;
  int view = 0;
  auto operator<=>(const Sight&) const = default;
};

/// The images of one optimizer step and the view that each is seen by.
struct Batch {
  std::vector<std::int64_t> images;
  std::vector<int> views;
};

/// Image indices of one part, in ascending order.
std::vector<std::int64_t> part_indices(const data::Assignment& assignment, data::Split part);

/// Order and views of one epoch (from 1) over the training images; `labels`: per image of the
/// store. sampling = shuffled: every image once. balanced: as many images as there are, every class
/// as often as any other; a class comes again from its first image when all were seen, in a new
/// order.
std::vector<Batch> epoch_batches(std::vector<std::int64_t> images, std::span<const int> labels,
                                 const TrainOptions& options, std::uint64_t seed, int epoch);

std::vector<int> labels_of(std::span<const int> labels, std::span<const std::int64_t> images);

}  // namespace fathom::train
