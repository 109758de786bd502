#include "fathom/train/head_training.h"

#include <algorithm>
#include <memory>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/train/batches.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/classifier.h"
#include "fathom/train/cost.h"
#include "fathom/train/evaluate.h"
#include "fathom/train/generalization.h"
#include "fathom/train/loss.h"
#include "fathom/train/optimizer.h"
#include "fathom/train/similarity.h"
#include "fathom/train/unit_model.h"
#include "fathom/train/unit_progress.h"

namespace fathom::train {
namespace {

/// One unit's own part of the program.
struct HeadUnit {
  HeadUnit(const UnitTask& unit_task, const NamedTensors& parameters, std::int64_t steps)
      : task(unit_task),
        optimizer(parameters, unit_task.options, Precision::fp32),
        schedule(unit_task.options, unit_task.key.learning_rate, steps),
        progress(unit_task.key, unit_task.options, unit_task.positive) {}

  bool runs() const { return failure.empty() && !stopped; }

  const UnitTask& task;
  Optimizer optimizer;
  Schedule schedule;
  UnitProgress progress;
  std::vector<Batch> batches;  ///< of the running epoch
  double loss_sum = 0;
  std::string failure;
  bool stopped = false;
};

class HeadTraining {
 public:
  HeadTraining(std::span<const UnitTask> tasks, const UnitObserver& observer)
      : observer_(observer),
        inputs_(*tasks.front().inputs),
        options_(tasks.front().options),
        train_(part_indices(*tasks.front().assignment, data::Split::train)),
        valid_(part_indices(*tasks.front().assignment, data::Split::valid)),
        test_(part_indices(*tasks.front().assignment, data::Split::test)),
        loss_(make_loss(options_, labels_of(tasks.front().labels, train_), tasks.front().classes)) {
    FATHOM_CHECK(!train_.empty() && !valid_.empty());
    valid_features_ = features_of(inputs_, valid_, {});
    const auto units = static_cast<std::int64_t>(tasks.size());
    const auto classes = static_cast<std::int64_t>(tasks.front().classes);
    weight_ = torch::empty({units, classes, valid_features_.size(1)});
    bias_ = torch::empty({units, 1, classes});
    for (std::int64_t u = 0; u < units; ++u) add_unit(tasks[static_cast<std::size_t>(u)], u);
  }

  void run() {
    for (int epoch = 1; epoch <= options_.epochs; ++epoch) {
      if (std::ranges::none_of(units_, &HeadUnit::runs)) break;
      train_epoch(epoch);
    }
  }

  UnitOutcome finish(std::size_t u) {
    HeadUnit& unit = *units_[u];
    UnitOutcome outcome;
    outcome.record = unit.progress.record();
    outcome.record.failure = unit.failure;
    if (!unit.failure.empty()) return outcome;
    for (const auto& [name, tensor] : unit.progress.best_tensors()) {
      outcome.tuned[name] = zoo::from_tensor(tensor);
    }
    unit.optimizer.restore(unit.progress.best_tensors());
    outcome.valid = unit.progress.best_valid();
    if (!test_.empty()) {
      if (!test_features_.defined()) test_features_ = features_of(inputs_, test_, {});
      outcome.test = score(u, test_features_, test_, unit.task.labels);
      outcome.record.test = stats::score(outcome.test, unit.task.positive);
    }
    outcome.record.finished = true;
    return outcome;
  }

  /// Of a unit that has finished.
  void go_beyond_test(std::size_t u, UnitOutcome& outcome) {
    const UnitTask& task = units_[u]->task;
    const auto predict = [&](Boundaries& inputs, const auto& images, const auto& views,
                             const auto& labels) {
      return score(u, features_of(inputs, images, views), images, labels);
    };
    score_beyond_test(task, predict, outcome);
  }

  double train_seconds() const { return train_seconds_; }
  double evaluate_seconds() const { return evaluate_seconds_; }
  double prefix_seconds() const { return prefix_seconds_; }

 private:
  void add_unit(const UnitTask& task, std::int64_t u) {
    const torch::NoGradGuard no_grad;
    FATHOM_CHECK(is_head_only(task.key.level) && task.inputs == &inputs_);
    const NamedTensors start = Head(weight_.size(2), weight_.size(1), task.key.seed).parameters();
    weight_[u].copy_(start[0].second);
    bias_[u][0].copy_(start[1].second);
    // Leaves of their own over the shared memory: the optimizer wants leaves.
    const NamedTensors parameters{{start[0].first, weight_[u].detach().set_requires_grad(true)},
                                  {start[1].first, bias_[u][0].detach().set_requires_grad(true)}};
    const auto steps = static_cast<std::int64_t>(
        epoch_batches(train_, task.labels, task.options, task.key.seed, 1).size());
    parameters_.push_back(parameters);
    units_.push_back(std::make_unique<HeadUnit>(task, parameters, steps));
  }

  torch::Tensor features_of(Boundaries& inputs, std::span<const std::int64_t> images,
                            std::span<const int> views) {
    const AddSeconds timing(prefix_seconds_);
    std::vector<torch::Tensor> parts;
    for (std::size_t start = 0; start < images.size(); start += kScoreBatch) {
      observer_.after_batch();
      const std::size_t count = std::min(kScoreBatch, images.size() - start);
      parts.push_back(inputs.features(images.subspan(start, count),
                                      views.empty() ? views : views.subspan(start, count)));
    }
    return torch::cat(parts);
  }

  void train_epoch(int epoch) {
    const torch::NoGradGuard no_grad;
    const Stopwatch watch;
    for (const auto& unit : units_) {
      unit->batches =
          epoch_batches(train_, unit->task.labels, options_, unit->task.key.seed, epoch);
      unit->loss_sum = 0;
    }
    for (std::size_t b = 0; b < units_.front()->batches.size(); ++b) {
      fit_batch(b, epoch);
      observer_.after_batch();
    }
    for (std::size_t u = 0; u < units_.size(); ++u) {
      if (units_[u]->runs()) end_epoch(u, epoch, watch);
    }
  }

  void end_epoch(std::size_t u, int epoch, const Stopwatch& watch) {
    HeadUnit& unit = *units_[u];
    results::EpochRecord record;
    record.epoch = epoch;
    record.learning_rate =
        unit.schedule.rate(step_ - static_cast<std::int64_t>(unit.batches.size()));
    std::size_t images = 0;
    for (const Batch& batch : unit.batches) images += batch.images.size();
    record.train_loss = unit.loss_sum / static_cast<double>(images);
    try {
      stats::Predictions valid = score(u, valid_features_, valid_, unit.task.labels);
      record.seconds = watch.seconds() / static_cast<double>(units_.size());
      if (unit.progress.add_epoch(record, std::move(valid))) {
        unit.progress.remember(parameters_[u]);
      }
    } catch (const Error& error) {
      unit.failure = error.what();
      return;
    }
    unit.schedule.after_epoch(unit.progress.last().valid_loss);
    unit.stopped = unit.progress.should_stop();
    observer_.after_epoch(unit.progress.last());
  }

  /// Features of every unit's batch (units x rows x channels), with dropout, and labels.
  torch::Tensor gather(std::size_t b, std::vector<torch::Tensor>& labels) {
    std::vector<torch::Tensor> features;
    for (const auto& unit : units_) {
      const Batch& batch = unit->batches[b];
      torch::Tensor x = features_of(batch);
      const torch::Tensor dropout =
          dropout_factors(x.size(0), x.size(1), options_.dropout, unit->task.key.seed, step_);
      features.push_back(dropout.defined() ? x.mul_(dropout) : x);
      labels.push_back(torch::tensor(labels_of(unit->task.labels, batch.images)).to(torch::kInt64));
    }
    return torch::stack(features);
  }

  torch::Tensor features_of(const Batch& batch) {
    const AddSeconds timing(prefix_seconds_);
    return inputs_.features(batch.images, batch.views);
  }

  void fit_batch(std::size_t b, int epoch) {
    std::vector<torch::Tensor> labels;
    const torch::Tensor x = gather(b, labels);
    const AddSeconds timing(train_seconds_);
    torch::Tensor logits = torch::baddbmm(bias_, x, weight_.transpose(1, 2));
    const torch::Tensor slope = torch::empty_like(logits);
    for (std::size_t u = 0; u < units_.size(); ++u) {
      differentiate_loss(u, logits, labels[u], slope, epoch);
    }
    const torch::Tensor weight_slope = torch::bmm(slope.transpose(1, 2), x);
    const torch::Tensor bias_slope = slope.sum(1);
    for (std::size_t u = 0; u < units_.size(); ++u) {
      if (!units_[u]->runs()) continue;
      const auto at = static_cast<std::int64_t>(u);
      parameters_[u][0].second.mutable_grad() = weight_slope[at];
      parameters_[u][1].second.mutable_grad() = bias_slope[at];
      units_[u]->optimizer.step(units_[u]->schedule.rate(step_));
    }
    ++step_;
  }

  /// The loss of unit u's batch and its slope with regard to the logits, by autograd over the
  /// logits alone.
  void differentiate_loss(std::size_t u, const torch::Tensor& logits, const torch::Tensor& labels,
                          const torch::Tensor& slope, int epoch) {
    HeadUnit& unit = *units_[u];
    const auto at = static_cast<std::int64_t>(u);
    const torch::AutoGradMode with_grad(true);
    const torch::Tensor own = logits[at].detach().set_requires_grad(true);
    const torch::Tensor loss = loss_(own, labels);
    loss.backward();
    slope[at].copy_(own.grad());
    if (!unit.runs()) return;
    const double value = loss.item<double>();
    try {
      unit.progress.check_training_loss(value, epoch, step_);
    } catch (const Error& error) {
      unit.failure = error.what();
    }
    unit.loss_sum += value * static_cast<double>(labels.size(0));
  }

  stats::Predictions score(std::size_t u, const torch::Tensor& features,
                           std::span<const std::int64_t> images, std::span<const int> labels) {
    const AddSeconds timing(evaluate_seconds_);
    const auto at = static_cast<std::int64_t>(u);
    stats::Predictions predictions;
    append_probabilities(predictions, torch::addmm(bias_[at], features, weight_[at].t()));
    predictions.labels = labels_of(labels, images);
    return predictions;
  }

  const UnitObserver& observer_;
  Boundaries& inputs_;
  const TrainOptions& options_;
  std::vector<std::int64_t> train_, valid_, test_;
  torch::nn::CrossEntropyLoss loss_;
  torch::Tensor valid_features_, test_features_;
  torch::Tensor weight_, bias_;  ///< units x classes x channels; units x 1 x classes
  std::vector<NamedTensors> parameters_;
  std::vector<std::unique_ptr<HeadUnit>> units_;
  std::int64_t step_ = 0;
  double prefix_seconds_ = 0, train_seconds_ = 0, evaluate_seconds_ = 0;
};

}  // namespace

std::vector<UnitOutcome> train_heads(std::span<const UnitTask> tasks,
                                     const UnitObserver& observer) {
  const UnitModel model(tasks.front());
  const Stopwatch watch;
  reset_peak_memory();
  HeadTraining training(tasks, observer);
  training.run();
  std::vector<UnitOutcome> outcomes;
  for (std::size_t u = 0; u < tasks.size(); ++u) outcomes.push_back(training.finish(u));
  // The units ran at once: each is charged its share.
  const auto share = static_cast<double>(tasks.size());
  results::Cost cost = model.counted();
  cost.prefix_seconds = training.prefix_seconds() / share;
  cost.train_seconds = training.train_seconds() / share;
  cost.evaluate_seconds = training.evaluate_seconds() / share;
  cost.total_seconds = watch.seconds() / share;
  cost.peak_memory_bytes = peak_memory_bytes();
  for (std::size_t u = 0; u < tasks.size(); ++u) {
    if (outcomes[u].record.finished) training.go_beyond_test(u, outcomes[u]);
  }
  const std::vector<double> similarity =
      similarity_to_pretrained(tasks.front(), model.classifier().network(), observer.after_batch);
  model.verify();
  cost.extra_seconds = watch.seconds() / share - cost.total_seconds;
  for (UnitOutcome& outcome : outcomes) {
    if (!outcome.record.finished) continue;
    outcome.record.similarity = similarity;
    outcome.record.cost = cost;
    outcome.record.frozen_hash = model.frozen_hash();
  }
  return outcomes;
}

results::Cost estimate_head(const UnitTask& task) {
  constexpr std::size_t kSteps = 5;
  data::Assignment parts = *task.assignment;
  UnitTask few = task;
  few.assignment = &parts;
  few.external.clear();
  few.corrupted.clear();
  few.scored_train.clear();
  few.compared.clear();
  few.options.epochs = 1;
  few.options.class_weights = "none";  // a class may be absent among the few
  const auto keep = [&](data::Split part, std::size_t most) {
    const std::vector<std::int64_t> images = part_indices(*task.assignment, part);
    const std::size_t stride = std::max<std::size_t>(1, images.size() / most);
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (i % stride != 0) parts[static_cast<std::size_t>(images[i])] = data::Split::none;
    }
  };
  keep(data::Split::train, kSteps * static_cast<std::size_t>(task.options.batch_size));
  keep(data::Split::valid, kScoreBatch);
  keep(data::Split::test, kScoreBatch);
  const auto count = [](const UnitTask& some, data::Split part) {
    return static_cast<double>(part_indices(*some.assignment, part).size());
  };
  results::Cost cost = train_unit(few).record.cost;
  const auto epochs = static_cast<double>(task.options.epochs);
  cost.prefix_seconds = 0;
  cost.train_seconds *= epochs * count(task, data::Split::train) / count(few, data::Split::train);
  const double scoring =
      cost.evaluate_seconds / (count(few, data::Split::valid) + count(few, data::Split::test));
  cost.evaluate_seconds =
      scoring * (epochs * count(task, data::Split::valid) + count(task, data::Split::test));
  cost.extra_seconds = scoring * reads_beyond_test(task);
  cost.total_seconds = cost.train_seconds + cost.evaluate_seconds;
  return cost;
}

}  // namespace fathom::train
