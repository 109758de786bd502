#include "fathom/train/trainer.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/train/classifier.h"
#include "fathom/train/cost.h"
#include "fathom/train/evaluate.h"
#include "fathom/train/loss.h"
#include "fathom/train/optimizer.h"

namespace fathom::train {
namespace {

/// The images of one optimizer step and the view that each is seen by.
struct Batch {
  std::vector<std::int64_t> images;
  std::vector<int> views;
};

/// Order and views of one epoch: a function of the seed and the epoch alone.
std::vector<Batch> epoch_batches(std::vector<std::int64_t> images, const UnitTask& task,
                                 int epoch) {
  Random order(derive_seed(task.key.seed, "order", static_cast<std::uint64_t>(epoch)));
  Random views(derive_seed(task.key.seed, "views", static_cast<std::uint64_t>(epoch)));
  order.shuffle(std::span(images));
  std::vector<Batch> batches;
  const auto size = static_cast<std::size_t>(task.options.batch_size);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (i % size == 0) batches.emplace_back();
    batches.back().images.push_back(images[i]);
    batches.back().views.push_back(training_view(task.options.augment, views));
  }
  // A last batch of one image would give normalization layers no variance to measure.
  if (size > 1 && batches.size() > 1 && batches.back().images.size() == 1) batches.pop_back();
  return batches;
}

std::vector<int> labels_of(const UnitTask& task, std::span<const std::int64_t> images) {
  std::vector<int> labels;
  for (const std::int64_t i : images) labels.push_back(task.labels[static_cast<std::size_t>(i)]);
  return labels;
}

/// The memory layout in which oneDNN's convolutions run without reordering.
void use_channels_last(torch::nn::Module& module) {
  for (torch::Tensor parameter : module.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.detach().contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
}

Classifier build_classifier(const UnitTask& task) {
  zoo::Network network = zoo::build_network(*task.architecture);
  zoo::load_weights(network, task.weights->tensors, task.weights->card.name);
  use_channels_last(network.root());
  // Every depth of a seed starts from the same head and drops the same features.
  torch::manual_seed(derive_seed(task.key.seed, "head"));
  Head head(network.feature_channels(), static_cast<std::int64_t>(task.classes),
            task.options.dropout);
  return {FrozenNetwork(std::move(network), task.key.level, task.options.norm == "frozen"),
          std::move(head), resolve_precision(task.options.precision)};
}

/// The state of one running unit.
class UnitTraining {
 public:
  UnitTraining(const UnitTask& task, const UnitObserver& observer)
      : task_(task),
        observer_(observer),
        classifier_(build_classifier(task)),
        train_(part_indices(task.assignment, data::Split::train)),
        valid_(part_indices(task.assignment, data::Split::valid)),
        test_(part_indices(task.assignment, data::Split::test)),
        optimizer_(
            make_optimizer(classifier_.trained_parameters(), task.options, task.key.learning_rate)),
        schedule_(task.options, task.key.learning_rate,
                  static_cast<std::int64_t>(epoch_batches(train_, task, 1).size())),
        loss_(make_loss(task.options, labels_of(task, train_), task.classes)) {
    FATHOM_CHECK(!train_.empty() && !valid_.empty());
  }

  UnitOutcome run() {
    const Stopwatch watch;
    reset_peak_memory();
    outcome_.record.key = task_.key;
    outcome_.record.frozen_hash = classifier_.network().frozen_hash();
    for (int epoch = 1; epoch <= task_.options.epochs; ++epoch) {
      train_epoch(epoch);
      if (task_.options.patience > 0 &&
          epoch - outcome_.record.best_epoch >= task_.options.patience) {
        break;
      }
    }
    score_best();
    prove_freezing();
    finish_cost(watch.seconds());
    outcome_.record.finished = true;
    return std::move(outcome_);
  }

  /// Times a few steps and one scoring batch and extrapolates to the whole unit.
  results::Cost estimate() {
    constexpr std::size_t kWarmup = 2, kTimed = 3;
    reset_peak_memory();
    const std::vector<Batch> batches = epoch_batches(train_, task_, 1);
    results::Cost& cost = outcome_.record.cost;
    classifier_.set_training(true);
    for (std::size_t i = 0; i < kWarmup; ++i) fit_batch(batches[i % batches.size()]);
    cost = {};
    for (std::size_t i = 0; i < kTimed; ++i) fit_batch(batches[i % batches.size()]);
    const std::span<const std::int64_t> sample(valid_.data(),
                                               std::min<std::size_t>(valid_.size(), 128));
    score(sample);
    const auto epochs = static_cast<double>(task_.options.epochs);
    const double steps = epochs * static_cast<double>(batches.size());
    cost.prefix_seconds *= steps / kTimed;
    cost.train_seconds *= steps / kTimed;
    cost.evaluate_seconds *=
        (epochs * static_cast<double>(valid_.size()) + static_cast<double>(test_.size())) /
        static_cast<double>(sample.size());
    finish_cost(cost.prefix_seconds + cost.train_seconds + cost.evaluate_seconds);
    return cost;
  }

 private:
  void train_epoch(int epoch) {
    const Stopwatch watch;
    results::EpochRecord record;
    record.epoch = epoch;
    record.learning_rate = schedule_.rate(step_);
    record.train_loss = fit_epoch(epoch);
    stats::Predictions valid = score(valid_);
    const stats::Scores scores = stats::score(valid, task_.positive);
    record.valid_loss = scores.log_loss;
    record.valid_auc = scores.auc;
    check_finite(record.valid_loss, "validation", epoch);
    record.seconds = watch.seconds();
    schedule_.after_epoch(record.valid_loss);
    outcome_.record.history.push_back(record);
    if (is_best(record)) remember_best(record, scores, std::move(valid));
    observer_.after_epoch(record);
  }

  /// One pass over the training images; returns the mean loss per image.
  double fit_epoch(int epoch) {
    classifier_.set_training(true);
    double loss_sum = 0;
    std::size_t images = 0;
    for (const Batch& batch : epoch_batches(train_, task_, epoch)) {
      const double loss = fit_batch(batch);
      check_finite(loss, "training", epoch);
      loss_sum += loss * static_cast<double>(batch.images.size());
      images += batch.images.size();
      observer_.after_batch();
    }
    return loss_sum / static_cast<double>(images);
  }

  void check_finite(double loss, const char* part, int epoch) const {
    if (std::isfinite(loss)) return;
    throw Error(fmt::format(
        "the {} loss became {} in epoch {} at step {} with learning rate {:g}; a smaller learning "
        "rate or fp32 usually cures this",
        part, loss, epoch, step_, task_.key.learning_rate));
  }

  torch::Tensor make_input(const Batch& batch) {
    const AddSeconds timing(outcome_.record.cost.train_seconds);
    return task_.images->batch(batch.images, batch.views, task_.weights->card.preprocessing);
  }

  double fit_batch(const Batch& batch) {
    torch::Tensor boundary = make_input(batch);
    if (classifier_.network().first_tuned_block() > 0) {
      const AddSeconds timing(outcome_.record.cost.prefix_seconds);
      boundary = classifier_.prefix(boundary);
    }
    const AddSeconds timing(outcome_.record.cost.train_seconds);
    optimizer_->zero_grad();
    const torch::Tensor loss =
        loss_(classifier_.suffix(boundary),
              torch::tensor(labels_of(task_, batch.images)).to(torch::kInt64));
    loss.backward();
    set_learning_rate(*optimizer_, schedule_.rate(step_++));
    optimizer_->step();
    return loss.item<double>();
  }

  stats::Predictions score(std::span<const std::int64_t> indices) {
    const AddSeconds timing(outcome_.record.cost.evaluate_seconds);
    return predict(classifier_,
                   {*task_.images, indices, task_.labels, task_.weights->card.preprocessing,
                    static_cast<std::size_t>(task_.options.batch_size)},
                   observer_.after_batch);
  }

  bool is_best(const results::EpochRecord& record) const {
    if (best_tensors_.empty()) return true;
    const auto& best =
        outcome_.record.history[static_cast<std::size_t>(outcome_.record.best_epoch) - 1];
    // An AUC that is not defined loses to any that is.
    const double now = std::isnan(record.valid_auc) ? -1 : record.valid_auc;
    const double before = std::isnan(best.valid_auc) ? -1 : best.valid_auc;
    return now > before || (now == before && record.valid_loss < best.valid_loss);
  }

  void remember_best(const results::EpochRecord& record, const stats::Scores& scores,
                     stats::Predictions valid) {
    outcome_.record.best_epoch = record.epoch;
    outcome_.record.validation = scores;
    outcome_.valid = std::move(valid);
    best_tensors_.clear();
    for (const auto& [name, tensor] : classifier_.tuned_tensors()) {
      best_tensors_.emplace_back(name, tensor.detach().clone());
    }
  }

  /// Restores the best epoch and opens the sealed test part, once.
  void score_best() {
    const torch::NoGradGuard no_grad;
    const NamedTensors tensors = classifier_.tuned_tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      tensors[i].second.copy_(best_tensors_[i].second);
      outcome_.tuned[tensors[i].first] = zoo::from_tensor(best_tensors_[i].second);
    }
    if (test_.empty()) return;
    outcome_.test = score(test_);
    outcome_.record.test = stats::score(outcome_.test, task_.positive);
  }

  void prove_freezing() {
    classifier_.network().verify(task_.weights->tensors);
    FATHOM_CHECK(classifier_.network().frozen_hash() == outcome_.record.frozen_hash);
  }

  void finish_cost(double seconds) {
    results::Cost& cost = outcome_.record.cost;
    cost.total_seconds = seconds;
    cost.peak_memory_bytes = peak_memory_bytes();
    for (const auto& [name, tensor] : classifier_.trained_parameters()) {
      cost.trainable_parameters += tensor.numel();
    }
    cost.total_parameters = cost.trainable_parameters;
    for (const auto& [name, tensor] : classifier_.network().frozen_tensors()) {
      if (task_.weights->tensors.contains(name) && tensor.is_floating_point() &&
          !name.ends_with("running_mean") && !name.ends_with("running_var")) {
        cost.total_parameters += tensor.numel();
      }
    }
    add_flops(cost, classifier_.network(), task_.images->size());
  }

  const UnitTask& task_;
  const UnitObserver& observer_;
  Classifier classifier_;
  std::vector<std::int64_t> train_, valid_, test_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  Schedule schedule_;
  torch::nn::CrossEntropyLoss loss_;
  NamedTensors best_tensors_;
  std::int64_t step_ = 0;
  UnitOutcome outcome_;
};

}  // namespace

std::vector<std::int64_t> part_indices(const data::Assignment& assignment, data::Split part) {
  std::vector<std::int64_t> indices;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    if (assignment[i] == part) indices.push_back(static_cast<std::int64_t>(i));
  }
  return indices;
}

UnitOutcome train_unit(const UnitTask& task, const UnitObserver& observer) {
  return UnitTraining(task, observer).run();
}

results::Cost estimate_unit(const UnitTask& task) {
  const UnitObserver nobody;
  return UnitTraining(task, nobody).estimate();
}

}  // namespace fathom::train
