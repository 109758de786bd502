// A small real task for training tests: synthetic tissue and SqueezeNet or MobileNetV2 with random
// weights. Small enough for seconds, real enough to learn.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/data/split.h"
#include "fathom/data/synthetic.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/trainer.h"
#include "fathom/zoo/network.h"
#include "tests/support.h"

namespace fathom::tests {

inline weights::PretrainedWeights random_weights(const std::string& architecture) {
  torch::manual_seed(11);
  weights::PretrainedWeights weights;
  weights.card.name = architecture + "-random";
  weights.card.architecture = architecture;
  weights.tensors =
      zoo::to_state_dict(zoo::build_network(zoo::find_architecture(architecture)).root());
  weights.hash = weights::content_hash(weights.tensors);
  return weights;
}

/// Writes a synthetic data set of two classes into `folder`.
inline data::DataOptions tiny_data(const std::filesystem::path& folder, int count = 64,
                                   int size = 32) {
  data::SyntheticOptions synthetic;
  synthetic.out = folder.string();
  synthetic.count = count;
  synthetic.size = size;
  synthetic.groups = 16;
  synthetic.difficulty = 0;
  data::write_synthetic(synthetic);
  data::DataOptions options;
  options.data = (folder / "labels.csv").string();
  return options;
}

/// To the bit, times and memory aside.
inline void expect_same(const train::UnitOutcome& a, const train::UnitOutcome& b) {
  EXPECT_EQ(a.test.probabilities, b.test.probabilities);
  EXPECT_EQ(a.valid.probabilities, b.valid.probabilities);
  EXPECT_EQ(a.valid.labels, b.valid.labels);
  EXPECT_EQ(weights::content_hash(a.tuned), weights::content_hash(b.tuned));
  results::UnitRecord first = a.record, second = b.record;
  for (results::UnitRecord* record : {&first, &second}) {
    record->cost = {};
    for (results::EpochRecord& epoch : record->history) epoch.seconds = 0;
  }
  EXPECT_EQ(results::to_json(first).dump(), results::to_json(second).dump());
}

/// Everything that a UnitTask points to.
struct TinyTask {
  TemporaryFolder folder;
  data::Dataset dataset;
  weights::PretrainedWeights weights;
  std::vector<int> labels;
  data::Assignment assignment;
  std::unique_ptr<train::ImageStore> images;
  std::unique_ptr<train::PrefixCache> cache;
  std::unique_ptr<train::Boundaries> inputs;
  train::UnitTask task;

  explicit TinyTask(const std::string& architecture, const std::string& level = "head") {
    const data::DataOptions options = tiny_data(folder.path());
    dataset = data::open_dataset(options);
    data::scan(dataset, false);
    weights = random_weights(architecture);
    task.architecture = &zoo::find_architecture(architecture);
    images =
        std::make_unique<train::ImageStore>(dataset, std::max(32, task.architecture->min_input));
    task.weights = &weights;
    for (const data::Sample& sample : dataset.samples) labels.push_back(sample.label);
    assignment = data::make_splits(dataset, options).front();
    task.labels = labels;
    task.assignment = &assignment;
    task.options.epochs = 2;
    task.options.batch_size = 16;
    task.options.device = "cpu";
    task.options.precision = "fp32";
    task.key.architecture = architecture;
    task.key.learning_rate = 1e-3;
    set_level(level);
    cache = std::make_unique<train::PrefixCache>(folder.path() / "prefix", 1 << 30);
    open_inputs();
  }

  /// Anew, as another process would; `task.options` decides on what and in which number format.
  void open_inputs() {
    std::vector<std::string> hashes;
    for (const data::Sample& sample : dataset.samples) hashes.push_back(sample.hash);
    inputs =
        std::make_unique<train::Boundaries>(*task.architecture, weights, *images, std::move(hashes),
                                            train::resolve_compute(task.options), *cache);
    task.inputs = inputs.get();
  }

  void set_level(const std::string& name) {
    task.key.level = zoo::parse_levels(*task.architecture, {"head", name}).back();
  }
};

}  // namespace fathom::tests
