#include "fathom/study/estimate.h"

#include <algorithm>
#include <iterator>

#include "fathom/study/tasks.h"
#include "fathom/train/generalization.h"
#include "fathom/train/unit_inputs.h"

namespace fathom::study {
namespace {

/// The tasks of levels beside whose steps in all those few that a prediction times are nothing.
std::vector<train::UnitTask> worth_predicting(const std::vector<train::UnitTask>& tasks) {
  constexpr std::size_t kSteps = 300;
  std::map<std::string, std::size_t> steps;
  for (const train::UnitTask& task : tasks) {
    const std::size_t images = train::part_indices(*task.assignment, data::Split::train).size();
    steps[task.key.level.name] += static_cast<std::size_t>(task.options.epochs) * images /
                                  static_cast<std::size_t>(task.options.batch_size);
  }
  std::vector<train::UnitTask> worth;
  std::ranges::copy_if(tasks, std::back_inserter(worth), [&](const train::UnitTask& task) {
    return steps[task.key.level.name] >= kSteps;
  });
  return worth;
}

/// A task whose cost was predicted from timed steps, without the time to get its inputs.
struct TimedTask {
  const train::UnitTask* task = nullptr;
  results::Cost cost;
};

/// The cost of a task of the same level, which may have another number of training images.
results::Cost cost_of(const train::UnitTask& task, const TimedTask& timed,
                      const PrefixPlan& prefix) {
  const auto images = [](const train::UnitTask& one) {
    return static_cast<double>(train::part_indices(*one.assignment, data::Split::train).size());
  };
  results::Cost cost = timed.cost;
  cost.train_seconds *= images(task) / images(*timed.task);
  const double input = seconds_for_input(prefix, task);
  cost.prefix_seconds = input * train::reads_of(task);
  cost.total_seconds = cost.prefix_seconds + cost.train_seconds + cost.evaluate_seconds;
  cost.extra_seconds = cost.extra_seconds.value_or(0) + input * train::reads_beyond_test(task);
  return cost;
}

/// One estimate for each level and train_fraction of the tasks, which are of one architecture. The
/// steps of a level are timed once.
std::vector<LevelEstimate> estimate_levels(const std::vector<train::UnitTask>& tasks,
                                           const PrefixPlan& prefix,
                                           const std::function<void()>& keep_going) {
  train::UnitObserver observer;
  observer.after_batch = keep_going;
  std::vector<LevelEstimate> levels;
  std::map<std::string, TimedTask> timed;  // by level
  for (const train::UnitTask& task : tasks) {
    const auto known = std::ranges::find_if(levels, [&](const LevelEstimate& e) {
      return e.key.level == task.key.level && e.key.train_fraction == task.key.train_fraction;
    });
    if (known != levels.end()) {
      ++known->units;
      continue;
    }
    TimedTask& own = timed[task.key.level.name];
    if (!own.task) own = {&task, train::estimate_unit(task, observer)};
    levels.push_back({task.key, 1, cost_of(task, own, prefix)});
  }
  return levels;
}

}  // namespace

std::vector<LevelEstimate> predict_levels(const std::vector<train::UnitTask>& tasks,
                                          const PrefixPlan& prefix,
                                          const std::function<void()>& keep_going) {
  if (prefix.costs.read.empty()) return {};
  return estimate_levels(worth_predicting(tasks), prefix, keep_going);
}

PlanEstimate estimate_plan(const Plan& plan) {
  const auto nothing = [] {};
  Tasks tasks(plan);
  PlanEstimate estimate;
  for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
    const std::vector<train::UnitTask> own = tasks.of_architecture(plan.units, architecture.name);
    const PrefixPlan& prefix = estimate.prefixes[architecture.name] =
        plan_prefix(own, tasks.cache_bytes(), nothing);
    std::ranges::move(estimate_levels(own, prefix, nothing), std::back_inserter(estimate.levels));
  }
  return estimate;
}

}  // namespace fathom::study
