// Runs the units of a plan, one after another, and journals each. A unit that fails is recorded
// with its reason and the rest goes on; finished units of an earlier run are not run again.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fathom/results/record.h"
#include "fathom/study/plan.h"
#include "fathom/study/prefix.h"

namespace fathom::study {

/// What a watcher is told, from the running thread.
struct RunObserver {
  /// `index` units of the `count` that were to run are done. Head-only units are started by one
  /// call and end in a row.
  std::function<void(std::size_t index, std::size_t count, const results::UnitKey&)> unit_started =
      [](std::size_t, std::size_t, const auto&) {};
  std::function<void(const results::EpochRecord&)> epoch_done = [](const auto&) {};
  std::function<void(const results::UnitRecord&)> unit_done = [](const auto&) {};
  /// Asked after every batch; true stops the run with Interrupted. What is finished is kept, and of
  /// the unit that is training a checkpoint.
  std::function<bool()> should_stop = [] { return false; };
};

struct RunResult {
  std::size_t already_finished = 0;
  std::size_t finished = 0;
  std::size_t failed = 0;
};

/// Runs what is not finished. Failed units of an earlier run are tried again.
/// Writes OUT/journal.jsonl and OUT/units/<id>/{history.csv,predictions.csv,best.safetensors}, and
/// while a unit is trained checkpoint.safetensors, from which it goes on to the same result.
/// Throws Error when another process runs the study, or an image has changed; Interrupted.
RunResult run_plan(const Plan& plan, const RunObserver& observer = {});

/// The predicted cost of one unit of every architecture, level and train_fraction.
struct LevelEstimate {
  results::UnitKey key;   ///< of the first such unit
  std::size_t units = 0;  ///< such units in the plan
  results::Cost cost;     ///< of one unit
};

/// What a plan will cost on this machine, from a few timed steps of each level and a short
/// calibration of network, memory and disk.
struct PlanEstimate {
  std::vector<LevelEstimate> levels;           ///< in the order of the plan
  std::map<std::string, PrefixPlan> prefixes;  ///< by architecture
};

/// Writes nothing but scratch files in the cache folder.
PlanEstimate estimate_plan(const Plan& plan);

}  // namespace fathom::study
