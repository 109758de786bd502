#include "fathom/train/unit_inputs.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

#include "fathom/train/boundaries.h"
#include "fathom/train/freeze.h"
#include "fathom/train/generalization.h"

namespace fathom::train {

std::size_t boundary_of(const UnitTask& task) {
  return is_head_only(task.key.level) ? task.inputs->features_boundary()
                                      : first_tuned_block(*task.architecture, task.key.level);
}

std::vector<Sight> sights_of(std::span<const UnitTask> tasks) {
  std::vector<Sight> sights;
  // Depths and learning rates of one fold, train_fraction and seed see the same.
  std::set<std::tuple<int, double, std::uint64_t>> seen;
  for (const UnitTask& task : tasks) {
    if (!seen.insert({task.key.fold, task.key.train_fraction, task.key.seed}).second) continue;
    for (const data::Split part : {data::Split::valid, data::Split::test}) {
      for (const std::int64_t image : part_indices(*task.assignment, part)) {
        sights.push_back({image, 0});
      }
    }
    for (const Sight& sight : sights_beyond_test(task)) sights.push_back(sight);
    const auto train = part_indices(*task.assignment, data::Split::train);
    for (int epoch = 1; epoch <= task.options.epochs; ++epoch) {
      for (const Batch& batch :
           epoch_batches(train, task.labels, task.options, task.key.seed, epoch)) {
        for (std::size_t i = 0; i < batch.images.size(); ++i) {
          sights.push_back({batch.images[i], batch.views[i]});
        }
      }
    }
    std::ranges::sort(sights);
    const auto repeated = std::ranges::unique(sights);
    sights.erase(repeated.begin(), repeated.end());
  }
  return sights;
}

double reads_of(const UnitTask& task) {
  const auto count = [&](data::Split part) {
    return static_cast<double>(part_indices(*task.assignment, part).size());
  };
  return static_cast<double>(task.options.epochs) *
             (count(data::Split::train) + count(data::Split::valid)) +
         count(data::Split::test);
}

}  // namespace fathom::train
