// The tasks of a plan's units, with the weights, decoded images and boundaries that they share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fathom/study/plan.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/trainer.h"

namespace fathom::study {

class Tasks {
 public:
  /// Loads the weights; images are decoded when a unit first needs them, `keep_going` is called
  /// meanwhile and may throw. `plan` must outlive this.
  explicit Tasks(
      const Plan& plan, std::function<void()> keep_going = [] {});

  /// The task points into this and into the plan. Throws Error when the weights are not those of
  /// the plan, or an image has changed; train::OutOfMemory.
  train::UnitTask make(const results::UnitKey& key);

  /// The tasks of those units that are of one architecture, in their order.
  std::vector<train::UnitTask> of_architecture(const std::vector<results::UnitKey>& units,
                                               const std::string& architecture);

  /// The bound on stored boundaries, bytes.
  std::uint64_t cache_bytes() const { return cache_.max_bytes(); }

 private:
  /// What the units of one architecture read: of the study's own images, and of each external set.
  struct Inputs {
    std::unique_ptr<train::Boundaries> own;
    std::vector<std::unique_ptr<train::Boundaries>> external;
  };

  std::span<const int> labels(const data::Dataset& dataset);
  const train::ImageStore& images(const data::Dataset& dataset, int size);
  std::unique_ptr<train::Boundaries> open_boundaries(const std::string& architecture,
                                                     const data::Dataset& dataset);
  const Inputs& inputs(const std::string& architecture);

  const Plan& plan_;
  std::function<void()> keep_going_;
  train::PrefixCache cache_;
  std::map<std::string, weights::PretrainedWeights> weights_;
  std::map<const data::Dataset*, std::vector<int>> labels_;  ///< per image
  /// Decoded images by data set and input size.
  std::map<std::pair<const data::Dataset*, int>, train::ImageStore> images_;
  std::map<std::string, Inputs> inputs_;
};

}  // namespace fathom::study
