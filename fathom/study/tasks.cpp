#include "fathom/study/tasks.h"

#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/study/data_summary.h"
#include "fathom/train/runtime.h"

namespace fathom::study {
namespace {

train::PrefixCache prefix_cache(const StudyOptions& options) {
  constexpr double kGiB = 1 << 30;
  return {cache_folder(options) / "prefix", static_cast<std::uint64_t>(options.cache_gib * kGiB)};
}

/// The images of a part by class.
std::vector<std::vector<std::int64_t>> by_class(const Plan& plan, const data::Assignment& parts,
                                                data::Split part) {
  std::vector<std::vector<std::int64_t>> classes(plan.dataset.classes.size());
  for (const std::int64_t image : train::part_indices(parts, part)) {
    const int label = plan.dataset.samples[static_cast<std::size_t>(image)].label;
    classes[static_cast<std::size_t>(label)].push_back(image);
  }
  return classes;
}

/// Of each class so many of its images as far as there are as many, those with the smallest hashes,
/// which is as good as drawn by lot.
std::vector<std::int64_t> choose(const Plan& plan, std::vector<std::vector<std::int64_t>> classes,
                                 const std::vector<std::size_t>& counts) {
  const auto hash_of = [&](std::int64_t image) -> const std::string& {
    return plan.dataset.samples[static_cast<std::size_t>(image)].hash;
  };
  std::vector<std::int64_t> chosen;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::vector<std::int64_t>& own = classes[c];
    std::ranges::sort(own, {}, hash_of);
    own.resize(std::min(counts[c], own.size()));
    chosen.insert(chosen.end(), own.begin(), own.end());
  }
  std::ranges::sort(chosen);
  return chosen;
}

/// Test images for a closer look: the same number of each class.
std::vector<std::int64_t> choose_test_images(const Plan& plan, const data::Assignment& parts,
                                             std::int64_t count) {
  const std::size_t classes = plan.dataset.classes.size();
  return choose(plan, by_class(plan, parts, data::Split::test),
                std::vector(classes, static_cast<std::size_t>(count) / classes));
}

/// Training images to be scored beside validation: as many of each class as validation has, so that
/// the log losses of both are about classes in the same proportions.
std::vector<std::int64_t> choose_train_images(const Plan& plan, const data::Assignment& parts) {
  std::vector<std::size_t> counts;
  for (const auto& own : by_class(plan, parts, data::Split::valid)) counts.push_back(own.size());
  return choose(plan, by_class(plan, parts, data::Split::train), counts);
}

}  // namespace

Tasks::Tasks(const Plan& plan, std::function<void()> keep_going)
    : plan_(plan),
      keep_going_(std::move(keep_going)),
      cache_(prefix_cache(plan.options)),
      weights_(load_weights(plan.options)) {}

train::UnitTask Tasks::make(const results::UnitKey& key) {
  train::UnitTask task;
  task.key = key;
  task.architecture = &zoo::find_architecture(key.architecture);
  task.weights = &weights_.at(key.architecture);
  if (task.weights->hash != key.weights) {
    throw Error(fmt::format("the weights of {} are not those that the study was planned with",
                            key.architecture));
  }
  const Inputs& inputs = this->inputs(key.architecture);
  task.inputs = inputs.own.get();
  task.labels = labels(plan_.dataset);
  for (std::size_t i = 0; i < plan_.external.size(); ++i) {
    task.external.push_back(
        {plan_.external[i].name, inputs.external[i].get(), labels(plan_.external[i].dataset)});
  }
  task.classes = plan_.dataset.classes.size();
  task.positive = positive_class(plan_.dataset, plan_.options.data);
  task.assignment =
      &plan_.by_fraction.at(key.train_fraction).at(static_cast<std::size_t>(key.fold));
  task.corrupted = choose_test_images(plan_, *task.assignment, plan_.options.corrupted_images);
  task.compared = choose_test_images(plan_, *task.assignment, plan_.options.cka_images);
  task.scored_train = choose_train_images(plan_, *task.assignment);
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

std::span<const int> Tasks::labels(const data::Dataset& dataset) {
  const auto found = labels_.find(&dataset);
  if (found != labels_.end()) return found->second;
  std::vector<int> labels;
  for (const data::Sample& sample : dataset.samples) labels.push_back(sample.label);
  return labels_.emplace(&dataset, std::move(labels)).first->second;
}

const train::ImageStore& Tasks::images(const data::Dataset& dataset, int size) {
  const auto found = images_.find({&dataset, size});
  if (found != images_.end()) return found->second;
  return images_
      .emplace(std::pair(&dataset, size),
               train::ImageStore(dataset, size, train::Views(plan_.options.train),
                                 {.folder = cache_folder(plan_.options) / "images",
                                  .device = train::resolve_device(plan_.options.train.device)},
                                 keep_going_))
      .first->second;
}

std::unique_ptr<train::Boundaries> Tasks::open_boundaries(const std::string& architecture,
                                                          const data::Dataset& dataset) {
  std::vector<std::string> hashes;
  for (const data::Sample& sample : dataset.samples) {
    hashes.push_back(data::input_hash(dataset, sample));
  }
  const auto summary = std::ranges::find(plan_.study.architectures, architecture,
                                         &results::ArchitectureSummary::name);
  return std::make_unique<train::Boundaries>(
      zoo::find_architecture(architecture), weights_.at(architecture),
      images(dataset, summary->input_size), std::move(hashes),
      train::resolve_compute(plan_.options.train), cache_);
}

const Tasks::Inputs& Tasks::inputs(const std::string& architecture) {
  const auto found = inputs_.find(architecture);
  if (found != inputs_.end()) return found->second;
  return train::with_memory_to(
      "load the images and the network of " + architecture, [&]() -> const Inputs& {
        Inputs inputs;  // kept only when it is whole: memory may be too small for the last set
        inputs.own = open_boundaries(architecture, plan_.dataset);
        for (const data::ExternalSet& set : plan_.external) {
          inputs.external.push_back(open_boundaries(architecture, set.dataset));
        }
        return inputs_.emplace(architecture, std::move(inputs)).first->second;
      });
}

}  // namespace fathom::study
