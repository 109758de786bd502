#include "fathom/train/batches.h"

#include <map>

#include "fathom/base/random.h"
#include "fathom/train/views.h"

namespace fathom::train {
namespace {

/// As many images as there are, the classes in turn.
std::vector<std::int64_t> draw_balanced(std::span<const std::int64_t> images,
                                        std::span<const int> labels, Random& random) {
  std::map<int, std::vector<std::int64_t>> classes;
  for (const std::int64_t image : images) {
    classes[labels[static_cast<std::size_t>(image)]].push_back(image);
  }
  std::vector<std::int64_t> drawn;
  for (std::size_t round = 0; drawn.size() < images.size(); ++round) {
    for (auto& [label, own] : classes) {
      if (round % own.size() == 0) random.shuffle(std::span(own));
      if (drawn.size() < images.size()) drawn.push_back(own[round % own.size()]);
    }
  }
  return drawn;
}

}  // namespace

std::vector<std::int64_t> part_indices(const data::Assignment& assignment, data::Split part) {
  std::vector<std::int64_t> indices;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    if (assignment[i] == part) indices.push_back(static_cast<std::int64_t>(i));
  }
  return indices;
}

std::vector<Batch> epoch_batches(std::vector<std::int64_t> images, std::span<const int> labels,
                                 const TrainOptions& options, std::uint64_t seed, int epoch) {
  Random order(derive_seed(seed, "order", static_cast<std::uint64_t>(epoch)));
  Random draw(derive_seed(seed, "views", static_cast<std::uint64_t>(epoch)));
  const Views bank(options);
  const std::vector<int>& views = bank.training();
  if (options.sampling == "balanced") images = draw_balanced(images, labels, order);
  order.shuffle(std::span(images));
  std::vector<Batch> batches;
  const auto size = static_cast<std::size_t>(options.batch_size);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (i % size == 0) batches.emplace_back();
    batches.back().images.push_back(images[i]);
    batches.back().views.push_back(views[draw.below(views.size())]);
  }
  // A last batch of one image would give normalization layers no variance to measure.
  if (size > 1 && batches.size() > 1 && batches.back().images.size() == 1) batches.pop_back();
  return batches;
}

std::vector<int> labels_of(std::span<const int> labels, std::span<const std::int64_t> images) {
  std::vector<int> chosen;
  for (const std::int64_t i : images) chosen.push_back(labels[static_cast<std::size_t>(i)]);
  return chosen;
}

}  // namespace fathom::train
