#include "fathom/study/tasks.h"

#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/study/data_summary.h"

namespace fathom::study {
namespace {

train::PrefixCache prefix_cache(const StudyOptions& options) {
  constexpr double kGiB = 1 << 30;
  return {cache_folder(options) / "prefix", static_cast<std::uint64_t>(options.cache_gib * kGiB)};
}

}  // namespace

Tasks::Tasks(const Plan& plan)
    : plan_(plan), cache_(prefix_cache(plan.options)), weights_(load_weights(plan.options)) {
  for (const data::Sample& sample : plan.dataset.samples) labels_.push_back(sample.label);
}

train::UnitTask Tasks::make(const results::UnitKey& key) {
  train::UnitTask task;
  task.key = key;
  task.architecture = &zoo::find_architecture(key.architecture);
  task.weights = &weights_.at(key.architecture);
  if (task.weights->hash != key.weights) {
    throw Error(fmt::format("the weights of {} are not those that the study was planned with",
                            key.architecture));
  }
  task.inputs = &boundaries(key.architecture);
  task.labels = labels_;
  task.classes = plan_.dataset.classes.size();
  task.positive = positive_class(plan_.dataset, plan_.options.data);
  task.assignment = plan_.folds.at(static_cast<std::size_t>(key.fold));
  task.options = plan_.options.train;
  return task;
}

std::vector<train::UnitTask> Tasks::of_architecture(const std::vector<results::UnitKey>& units,
                                                    const std::string& architecture) {
  std::vector<train::UnitTask> tasks;
  for (const results::UnitKey& key : units) {
    if (key.architecture == architecture) tasks.push_back(make(key));
  }
  return tasks;
}

const train::ImageStore& Tasks::images(int size) {
  const auto found = images_.find(size);
  if (found != images_.end()) return found->second;
  return images_.emplace(size, train::ImageStore(plan_.dataset, size)).first->second;
}

train::Boundaries& Tasks::boundaries(const std::string& architecture) {
  std::unique_ptr<train::Boundaries>& own = boundaries_[architecture];
  if (!own) {
    std::vector<std::string> hashes;
    for (const data::Sample& sample : plan_.dataset.samples) {
      hashes.push_back(data::input_hash(plan_.dataset, sample));
    }
    own = std::make_unique<train::Boundaries>(
        zoo::find_architecture(architecture), weights_.at(architecture),
        images(plan_.input_size.at(architecture)), std::move(hashes),
        train::resolve_precision(plan_.options.train.precision), cache_);
  }
  return *own;
}

}  // namespace fathom::study
