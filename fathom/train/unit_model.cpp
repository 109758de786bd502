#include "fathom/train/unit_model.h"

#include "fathom/base/error.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/cost.h"

namespace fathom::train {
namespace {

Classifier build_classifier(const UnitTask& task) {
  zoo::Network network = zoo::load_network(*task.architecture, task.weights->tensors,
                                           task.weights->card.name, task.weights->card.conventions);
  use_channels_last(network.root());
  // Every depth of a seed starts from the same head.
  Head head(network.feature_channels(), static_cast<std::int64_t>(task.classes), task.key.seed);
  return {FrozenNetwork(std::move(network), task.key.level, task.options.norm == "frozen"),
          std::move(head), resolve_compute(task.options)};
}

results::Cost count_cost(const UnitTask& task, const Classifier& classifier) {
  results::Cost cost;
  for (const auto& [name, tensor] : classifier.trained_parameters()) {
    cost.trainable_parameters += tensor.numel();
  }
  cost.total_parameters = cost.trainable_parameters;
  for (const auto& [name, tensor] : classifier.network().frozen_tensors()) {
    if (task.weights->tensors.contains(name) && tensor.is_floating_point() &&
        !name.ends_with("running_mean") && !name.ends_with("running_var")) {
      cost.total_parameters += tensor.numel();
    }
  }
  add_flops(cost, classifier.network(), task.inputs->images().size(), task.classes);
  return cost;
}

}  // namespace

UnitModel::UnitModel(const UnitTask& task)
    : task_(task),
      classifier_(build_classifier(task)),
      counted_(count_cost(task, classifier_)),
      frozen_hash_(classifier_.network().frozen_hash()) {}

void UnitModel::verify() const {
  classifier_.network().verify(task_.weights->tensors);
  if (!task_.inputs->prefix().is_unmoved()) {
    throw Error("the freeze contract is broken: the frozen prefix that the units share has moved");
  }
}

}  // namespace fathom::train
