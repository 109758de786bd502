// The tasks of a plan's units, with the weights, decoded images and boundaries that they share.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fathom/study/plan.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/trainer.h"

namespace fathom::study {

class Tasks {
 public:
  /// Loads the weights; images are decoded when a unit first needs them. `plan` must outlive this.
  explicit Tasks(const Plan& plan);

  /// Throws Error when the weights are not those of the plan, or an image has changed.
  train::UnitTask make(const results::UnitKey& key);

  /// The tasks of those units that are of one architecture, in their order.
  std::vector<train::UnitTask> of_architecture(const std::vector<results::UnitKey>& units,
                                               const std::string& architecture);

  /// The bound on stored boundaries, bytes.
  std::uint64_t cache_bytes() const { return cache_.max_bytes(); }

 private:
  const train::ImageStore& images(int size);
  train::Boundaries& boundaries(const std::string& architecture);

  const Plan& plan_;
  train::PrefixCache cache_;
  std::map<std::string, weights::PretrainedWeights> weights_;
  std::map<int, train::ImageStore> images_;  ///< by input size
  std::map<std::string, std::unique_ptr<train::Boundaries>> boundaries_;
  std::vector<int> labels_;
};

}  // namespace fathom::study
