// The optimizer and the learning rate over time.
#pragma once

#include <torch/torch.h>

#include <memory>

#include "fathom/train/freeze.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// Adam, AdamW or SGD over the trained tensors alone. Weight decay applies to tensors of two or
/// more dimensions (convolution and linear weights).
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const NamedTensors& trained,
                                                        const TrainOptions& options,
                                                        double learning_rate);

void set_learning_rate(torch::optim::Optimizer& optimizer, double learning_rate);

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
