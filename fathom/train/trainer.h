// One unit from pretrained weights to scores: the training loop. Not the choice of units (study/),
// nor files beside the checkpoint: the caller writes what is returned. No LibTorch headers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fathom/data/split.h"
#include "fathom/results/corrupted_predictions.h"
#include "fathom/results/record.h"
#include "fathom/stats/scores.h"
#include "fathom/train/batches.h"
#include "fathom/train/options.h"
#include "fathom/weights/card.h"
#include "fathom/zoo/architecture.h"

namespace fathom::train {

class Boundaries;

/// True when a level tunes no block at all.
inline bool is_head_only(const results::Level& level) {
  return level.depth == 0 && !level.norm_only;
}

/// A data set of another origin that every unit is scored on, once and at its best epoch.
struct ExternalTest {
  std::string name;
  Boundaries* inputs = nullptr;
  std::span<const int> labels;  ///< per image of `inputs`, numbered as the study's classes
};

/// Everything that one training needs. What it points to must outlive it.
struct UnitTask {
  results::UnitKey key;
  const zoo::Architecture* architecture = nullptr;
  const weights::PretrainedWeights* weights = nullptr;
  Boundaries* inputs = nullptr;
  std::span<const int> labels;  ///< per image
  std::size_t classes = 2;
  std::size_t positive = 1;                      ///< class index, for two classes
  const data::Assignment* assignment = nullptr;  ///< per image
  std::vector<ExternalTest> external;
  std::vector<std::int64_t> corrupted;  ///< test images that are scored under every corruption
  std::vector<std::int64_t> compared;   ///< test images whose features are compared (similarity.h)
  /// Training images that are scored at the end as validation images are: by view 0, in evaluation
  /// mode.
  std::vector<std::int64_t> scored_train;
  TrainOptions options;
  /// Where the training keeps its state, to go on from; empty: nowhere. Heads alone keep none: they
  /// train on stored features, in seconds.
  std::filesystem::path checkpoint;
  double checkpoint_seconds = 60;  ///< at least, between two writings
};

struct UnitOutcome {
  results::UnitRecord record;
  stats::Predictions valid, test;            ///< at the best epoch, in the order of the images
  std::vector<stats::Predictions> external;  ///< in the order of the task's
  results::CorruptedPredictions corrupted;   ///< of the task's corrupted images
  weights::StateDict tuned;                  ///< what was trained: tuned blocks and head
};

/// Told about the training as it goes on; both may throw to stop it.
struct UnitObserver {
  std::function<void()> after_batch = [] {};
  std::function<void(const results::EpochRecord&)> after_epoch = [](const auto&) {};
};

/// Trains and scores a unit of any level. Batches, views and head initialization depend on the seed
/// and not on the depth. The best epoch by validation AUC (by validation loss among equals) is
/// restored; the test part is scored once, there. Throws Error when the loss is not finite or the
/// freeze contract is broken.
/// Goes on from the task's checkpoint, to the result that it would have had without the stop, to
/// the bit. Writes one from time to time, and when the observer throws Interrupted; who keeps the
/// outcome removes it. That one cannot be written or read is a warning.
UnitOutcome train_unit(const UnitTask& task, const UnitObserver& observer = {});

/// What a unit will cost, from a few timed steps of it on this machine: `cost` with its FLOPs,
/// parameters and predicted seconds filled in. Takes about five steps and one scoring batch. The
/// time to get its inputs (prefix_seconds) is left at zero: it is the prefix plan's business.
results::Cost estimate_unit(const UnitTask& task, const UnitObserver& observer = {});

}  // namespace fathom::train
