#include "fathom/train/trainer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/train/batches.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/checkpoint.h"
#include "fathom/train/cost.h"
#include "fathom/train/device.h"
#include "fathom/train/evaluate.h"
#include "fathom/train/generalization.h"
#include "fathom/train/head_training.h"
#include "fathom/train/loss.h"
#include "fathom/train/optimizer.h"
#include "fathom/train/runtime.h"
#include "fathom/train/similarity.h"
#include "fathom/train/unit_model.h"
#include "fathom/train/unit_progress.h"

namespace fathom::train {
namespace {

// Names of a state's tensors beside those of the network and the optimizer.
constexpr const char* kBest = "best:";  ///< before a name: at the best epoch
constexpr const char* kBestValid = "best_valid";

/// How far a training is, between two batches.
struct Place {
  int epoch = 1;
  std::size_t batches = 0;  ///< of the epoch
  std::size_t images = 0;   ///< the same
  double loss_sum = 0;      ///< over them
};

/// The state of one running unit.
class UnitTraining {
 public:
  UnitTraining(const UnitTask& task, const UnitObserver& observer)
      : task_(task),
        observer_(observer),
        compute_(resolve_compute(task.options)),
        model_(task),
        classifier_(model_.classifier()),
        cost_(model_.counted()),
        train_(part_indices(*task.assignment, data::Split::train)),
        valid_(part_indices(*task.assignment, data::Split::valid)),
        test_(part_indices(*task.assignment, data::Split::test)),
        optimizer_(classifier_.trained_parameters(), task.options, compute_.precision),
        schedule_(task.options, task.key.learning_rate,
                  static_cast<std::int64_t>(batches(1).size())),
        loss_(make_loss(task.options, labels_of(task.labels, train_), task.classes,
                        torch_device(compute_.device))),
        progress_(task.key, task.options, task.positive) {
    FATHOM_CHECK(!train_.empty() && !valid_.empty());
  }
  UnitTraining(const UnitTraining&) = delete;
  UnitTraining& operator=(const UnitTraining&) = delete;

  UnitOutcome run() {
    reset_peak_memory();
    if (!task_.checkpoint.empty()) resume();
    try {
      while (place_.epoch <= task_.options.epochs && !progress_.should_stop()) train_epoch();
      return finish();
    } catch (const Interrupted&) {
      save();
      throw;
    }
  }

  /// Times a few steps and one scoring batch and extrapolates to the whole unit.
  results::Cost estimate() {
    constexpr std::size_t kWarmup = 2, kTimed = 3;
    reset_peak_memory();
    const std::vector<Batch> first = batches(1);
    classifier_.set_training(true);
    for (std::size_t i = 0; i < kWarmup + kTimed; ++i) {
      if (i == kWarmup) {
        wait_for_device();
        cost_ = model_.counted();  // without the warm-up's times
      }
      fit_batch(first[i % first.size()]);
      observer_.after_batch();
    }
    wait_for_device();
    const std::span<const std::int64_t> sample(valid_.data(),
                                               std::min<std::size_t>(valid_.size(), kScoreBatch));
    score(sample);
    const auto epochs = static_cast<double>(task_.options.epochs);
    const double steps = epochs * static_cast<double>(first.size());
    cost_.train_seconds *= steps / kTimed;
    const double scoring = cost_.evaluate_seconds / static_cast<double>(sample.size());
    cost_.evaluate_seconds =
        scoring * (epochs * static_cast<double>(valid_.size()) + static_cast<double>(test_.size()));
    cost_.extra_seconds = scoring * reads_beyond_test(task_);
    cost_.prefix_seconds = 0;
    cost_.total_seconds = cost_.train_seconds + cost_.evaluate_seconds;
    cost_.peak_memory_bytes = peak_memory_bytes();
    return cost_;
  }

 private:
  /// Scores the best epoch.
  UnitOutcome finish() {
    UnitOutcome outcome;
    restore_best(outcome.tuned);
    stats::Scores test_scores;
    if (!test_.empty()) {
      outcome.test = score(test_);
      test_scores = stats::score(outcome.test, task_.positive);
    }
    outcome.record = progress_.record();
    if (!test_.empty()) outcome.record.test = test_scores;
    outcome.record.cost = cost_so_far();  // what follows is the study's own and no part of it
    const Stopwatch beyond;
    const auto predict = [&](Boundaries& inputs, const auto& images, const auto& views,
                             const auto& labels) { return score(inputs, images, views, labels); };
    score_beyond_test(task_, predict, outcome);
    outcome.record.similarity =
        similarity_to_pretrained(task_, classifier_.network(), after_batch_);
    model_.verify();
    outcome.record.frozen_hash = model_.frozen_hash();
    outcome.record.cost.extra_seconds = beyond.seconds();
    outcome.record.finished = true;
    outcome.valid = progress_.best_valid();
    return outcome;
  }

  /// What a GPU has still to do counts as training.
  void wait_for_device() {
    const AddSeconds timing(cost_.train_seconds);
    synchronize(compute_.device);
  }

  std::vector<Batch> batches(int epoch) const {
    return epoch_batches(train_, task_.labels, task_.options, task_.key.seed, epoch);
  }

  /// The epoch at which the training is, from the batch at which it is.
  void train_epoch() {
    const Stopwatch watch;
    results::EpochRecord record;
    record.epoch = place_.epoch;
    record.learning_rate =
        schedule_.rate(optimizer_.steps() - static_cast<std::int64_t>(place_.batches));
    record.train_loss = fit_epoch();
    stats::Predictions valid = score(valid_);
    record.seconds = watch.seconds();
    if (progress_.add_epoch(record, std::move(valid))) progress_.remember(tuned_tensors());
    schedule_.after_epoch(progress_.last().valid_loss);
    place_ = {.epoch = place_.epoch + 1};
    observer_.after_epoch(progress_.last());
  }

  /// What is left of one pass over the training images; returns the pass's mean loss per image.
  double fit_epoch() {
    classifier_.set_training(true);
    const std::vector<Batch> all = batches(place_.epoch);
    while (place_.batches < all.size()) {
      const Batch& batch = all[place_.batches];
      const torch::Tensor loss = fit_batch(batch);
      add_last_loss();
      last_loss_ = {loss, static_cast<double>(batch.images.size()), optimizer_.steps()};
      ++place_.batches;
      place_.images += batch.images.size();
      after_batch_();
    }
    add_last_loss();
    wait_for_device();
    return place_.loss_sum / static_cast<double>(place_.images);
  }

  /// The loss of the step before, read while a GPU computes the next.
  void add_last_loss() {
    if (!last_loss_.mean.defined()) return;
    const double loss = std::exchange(last_loss_.mean, {}).item<double>();
    progress_.check_training_loss(loss, place_.epoch, last_loss_.steps);
    place_.loss_sum += loss * last_loss_.images;
  }

  /// Returns the mean loss, which a GPU may still be computing.
  torch::Tensor fit_batch(const Batch& batch) {
    const torch::Tensor boundary = read_batch(batch);
    const AddSeconds timing(cost_.train_seconds);
    optimizer_.zero_grad();
    const torch::Device device = boundary.device();
    torch::Tensor dropout =
        dropout_factors(boundary.size(0), classifier_.network().network().feature_channels(),
                        task_.options.dropout, task_.key.seed, optimizer_.steps());
    if (dropout.defined()) dropout = dropout.to(device);
    const torch::Tensor loss =
        loss_(classifier_.suffix(boundary, dropout),
              torch::tensor(labels_of(task_.labels, batch.images)).to(device, torch::kInt64));
    loss.backward();
    optimizer_.step(schedule_.rate(optimizer_.steps()));
    return loss.detach();
  }

  torch::Tensor read_batch(const Batch& batch) {
    const std::size_t cut = classifier_.network().first_tuned_block();
    const AddSeconds timing(cost_.prefix_seconds);
    return task_.inputs->at(cut, batch.images, batch.views);
  }

  /// Images of the study itself, as they are.
  stats::Predictions score(std::span<const std::int64_t> images) {
    return score(*task_.inputs, images, {}, task_.labels);
  }

  stats::Predictions score(Boundaries& inputs, std::span<const std::int64_t> images,
                           std::span<const int> views, std::span<const int> labels) {
    const Stopwatch watch;
    Predicted predicted = predict(classifier_, inputs, images, views, labels, after_batch_);
    cost_.prefix_seconds += predicted.input_seconds;
    cost_.evaluate_seconds += watch.seconds() - predicted.input_seconds;
    return std::move(predicted.predictions);
  }

  /// Everything that training changes: parameters in float32, and normalization statistics.
  NamedTensors tuned_tensors() const {
    NamedTensors tensors = optimizer_.masters();
    const NamedTensors& buffers = classifier_.network().tuned_buffers();
    tensors.insert(tensors.end(), buffers.begin(), buffers.end());
    return tensors;
  }

  /// Of this process and those before it that trained the unit.
  results::Cost cost_so_far() const {
    results::Cost cost = cost_;
    cost.total_seconds += watch_.seconds();
    cost.peak_memory_bytes = std::max(cost.peak_memory_bytes, peak_memory_bytes());
    return cost;
  }

  void save_from_time_to_time() {
    if (since_saved_.seconds() >= task_.checkpoint_seconds) save();
  }

  /// Between two batches only. What the schedule remembers follows from the history.
  void save() {
    if (task_.checkpoint.empty()) return;
    add_last_loss();
    try {
      write_checkpoint(task_.checkpoint, identity(), state());
    } catch (const Error& error) {
      log_warning("no checkpoint: {}. If the study is stopped, this training begins anew",
                  error.what());
    }
    since_saved_ = {};
  }

  /// All that the numbers of a state depend on.
  std::string identity() const {
    constexpr int kFormatVersion = 1;
    return Json{{"format", kFormatVersion},
                {"unit", results::to_json(task_.key)},
                {"bf16", compute_.precision == Precision::bf16},
                {"cuda", compute_.device == Device::cuda},
                {"libtorch", libtorch_version()}}
        .dump();
  }

  /// Everything that a step moves.
  NamedTensors moving_tensors() const {
    NamedTensors tensors = tuned_tensors();
    std::ranges::move(optimizer_.moments(), std::back_inserter(tensors));
    return tensors;
  }

  UnitState state() const {
    UnitState state;
    for (const auto& [name, tensor] : moving_tensors()) {
      state.tensors[name] = zoo::from_tensor(tensor);
    }
    for (const auto& [name, tensor] : progress_.best_tensors()) {
      state.tensors[kBest + name] = zoo::from_tensor(tensor);
    }
    state.tensors[kBestValid] =
        zoo::from_tensor(torch::tensor(progress_.best_valid().probabilities, torch::kFloat64));
    results::UnitRecord record = progress_.record();
    record.cost = cost_so_far();
    state.place = {{"record", results::to_json(record)},
                   {"steps", optimizer_.steps()},
                   {"epoch", place_.epoch},
                   {"batches", place_.batches},
                   {"images", place_.images},
                   {"loss_sum", place_.loss_sum}};
    return state;
  }

  void resume() {
    const std::optional<UnitState> state = read_checkpoint(task_.checkpoint, identity());
    if (!state) return;
    const torch::NoGradGuard no_grad;
    const auto saved = [&](const std::string& name) {
      return zoo::to_tensor(state->tensors.at(name));
    };
    NamedTensors best;
    results::UnitRecord record = results::unit_from_json(state->place.at("record"));
    for (const auto& [name, tensor] : tuned_tensors()) {
      if (!record.history.empty()) {
        best.emplace_back(name, torch::empty_like(tensor).copy_(saved(kBest + name)));
      }
    }
    for (auto& [name, tensor] : moving_tensors()) tensor.copy_(saved(name));
    optimizer_.resume(state->place.at("steps"));
    place_ = {.epoch = state->place.at("epoch"),
              .batches = state->place.at("batches"),
              .images = state->place.at("images"),
              .loss_sum = state->place.at("loss_sum")};
    for (const results::EpochRecord& epoch : record.history) {
      schedule_.after_epoch(epoch.valid_loss);
    }
    cost_ = record.cost;
    record.cost = {};
    const torch::Tensor valid = saved(kBestValid);
    const auto* probabilities = valid.data_ptr<double>();
    progress_.resume(std::move(record),
                     {.classes = task_.classes,
                      .probabilities = {probabilities, probabilities + valid.numel()},
                      .labels = labels_of(task_.labels, valid_)},
                     std::move(best));
    log_info("{} goes on from its checkpoint in epoch {}", task_.key.id(), place_.epoch);
  }

  void restore_best(weights::StateDict& tuned) {
    const torch::NoGradGuard no_grad;
    NamedTensors best = progress_.best_tensors();
    for (const auto& [name, tensor] : best) tuned[name] = zoo::from_tensor(tensor);
    const std::size_t parameters = optimizer_.masters().size();
    const NamedTensors& buffers = classifier_.network().tuned_buffers();
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      torch::Tensor buffer = buffers[i].second;
      buffer.copy_(best[parameters + i].second);
    }
    best.resize(parameters);
    optimizer_.restore(best);
  }

  const UnitTask& task_;
  const UnitObserver& observer_;
  Compute compute_;
  UnitModel model_;
  const Classifier& classifier_;
  results::Cost cost_;
  std::vector<std::int64_t> train_, valid_, test_;
  Optimizer optimizer_;
  Schedule schedule_;
  torch::nn::CrossEntropyLoss loss_;
  UnitProgress progress_;
  Place place_;
  struct {
    torch::Tensor mean;
    double images = 0;
    std::int64_t steps = 0;
  } last_loss_;
  Stopwatch watch_, since_saved_;
  std::function<void()> after_batch_ = [this] {
    save_from_time_to_time();
    observer_.after_batch();
  };
};

}  // namespace

UnitOutcome train_unit(const UnitTask& task, const UnitObserver& observer) {
  if (is_head_only(task.key.level)) {
    UnitOutcome outcome = std::move(train_heads(std::span(&task, 1), observer).front());
    if (!outcome.record.failure.empty()) throw Error(outcome.record.failure);
    return outcome;
  }
  return UnitTraining(task, observer).run();
}

results::Cost estimate_unit(const UnitTask& task, const UnitObserver& observer) {
  if (is_head_only(task.key.level)) return estimate_head(task);
  return UnitTraining(task, observer).estimate();
}

}  // namespace fathom::train
