// What a unit has reached so far: its history, its best epoch, when to stop. Not the training.
#pragma once

#include "fathom/results/record.h"
#include "fathom/stats/scores.h"
#include "fathom/train/freeze.h"
#include "fathom/train/options.h"

namespace fathom::train {

class UnitProgress {
 public:
  UnitProgress(const results::UnitKey& key, const TrainOptions& options, std::size_t positive);

  /// Throws Error when a training loss is not finite; `step` counts optimizer steps.
  void check_training_loss(double loss, int epoch, std::int64_t step) const;

  /// Scores the validation part after an epoch and takes the epoch down; `record` comes with epoch,
  /// learning rate, training loss and seconds. True when it is the best so far: by validation AUC,
  /// by validation loss among equals. Throws Error when the validation loss is not finite.
  bool add_epoch(results::EpochRecord record, stats::Predictions valid);

  /// Keeps copies of the tuned tensors, to be called after the best epoch.
  void remember(const NamedTensors& tuned);
  const NamedTensors& best_tensors() const { return best_tensors_; }

  /// True when patience is used up.
  bool should_stop() const;

  /// Goes on from what another progress of the same unit had reached.
  void resume(results::UnitRecord record, stats::Predictions best_valid, NamedTensors best);

  const results::EpochRecord& last() const { return record_.history.back(); }
  /// Key, history, best epoch and its validation scores; the rest is for the caller to fill in.
  const results::UnitRecord& record() const { return record_; }
  const stats::Predictions& best_valid() const { return best_valid_; }

 private:
  bool is_best(const results::EpochRecord& record) const;

  std::int64_t patience_;
  std::size_t positive_;
  results::UnitRecord record_;
  stats::Predictions best_valid_;
  NamedTensors best_tensors_;
};

}  // namespace fathom::train
