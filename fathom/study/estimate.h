// What the units of a plan will cost on this machine, from a few timed steps. Runs no unit.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fathom/study/plan.h"
#include "fathom/study/prefix.h"

namespace fathom::study {

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

/// Of the tasks of one architecture, whose frozen pass was planned: those of levels beside whose
/// steps the few that are timed are nothing. `keep_going` may throw.
std::vector<LevelEstimate> predict_levels(const std::vector<train::UnitTask>& tasks,
                                          const PrefixPlan& prefix,
                                          const std::function<void()>& keep_going);

}  // namespace fathom::study
