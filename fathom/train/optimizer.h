// The optimizer and the learning rate over time.
#pragma once

#include <torch/torch.h>

#include "fathom/train/flat_parameters.h"
#include "fathom/train/freeze.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// Adam, AdamW or SGD with momentum over the trained tensors alone, in one pass over memory. Weight
/// decay applies to tensors of two or more dimensions (convolution and linear weights).
class Optimizer {
 public:
  /// The tensors are leaves that require gradients. With bf16, convolution weights become bf16 for
  /// the network (and so their gradients), while the optimizer moves their float32 masters.
  Optimizer(const NamedTensors& trained, const TrainOptions& options, Precision precision);

  /// Drops all gradients.
  void zero_grad();
  /// One step by the gradients that are there; a tensor without one stays.
  void step(double learning_rate);

  /// The parameters in float32, in the order given.
  const NamedTensors& masters() const { return masters_; }
  /// Puts float32 values, in the order of masters(), into master and network.
  void restore(const NamedTensors& values);

  /// The moments of the steps so far, as they lie here: what is written into them counts.
  NamedTensors moments() const;
  std::int64_t steps() const { return steps_; }
  /// Goes on after `steps` steps, when masters and moments have been written into.
  void resume(std::int64_t steps);

 private:
  struct Slot {
    torch::Tensor model;  ///< what the network computes with
    torch::Tensor first, second;
    double weight_decay = 0;
  };
  /// Parameters of one number format and decay.
  struct Joined {
    FlatParameters parameters;
    double weight_decay = 0;
  };
  void step(const Slot& slot, const torch::Tensor& master, double learning_rate) const;
  void join_by_kind();
  /// Calls `run` with the update that the settings ask for.
  template <class Run>
  void with_update(double weight_decay, double learning_rate, const Run& run) const;
  AdamStep adam_step(double weight_decay, double learning_rate) const;
  SgdStep sgd_step(double weight_decay, double learning_rate) const;

  TrainOptions options_;
  std::vector<Slot> slots_;
  std::vector<Joined> joined_;  ///< on a GPU; what the slots hold are views of them
  NamedTensors masters_;
  std::int64_t steps_ = 0;
};

/// The learning rate at every step: linear warm-up from zero to the peak, then the chosen course.
class Schedule {
 public:
  Schedule(const TrainOptions& options, double peak, std::int64_t steps_per_epoch);

  /// `step` counts optimizer steps from 0.
  double rate(std::int64_t step) const;

  /// Told once per epoch; on a plateau (two epochs without a lower validation loss) the rate drops
  /// to a tenth.
  void after_epoch(double valid_loss);

 private:
  std::string course_;
  double peak_;
  double warmup_steps_;
  double total_steps_;
  double plateau_factor_ = 1;
  double best_loss_;
  int epochs_without_gain_ = 0;
};

}  // namespace fathom::train
