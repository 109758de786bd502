#include "fathom/study/prefix.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/train/boundaries.h"

namespace fathom::study {
namespace {

train::PrefixDemand demand_of(std::span<const train::UnitTask> tasks,
                              std::span<const train::Sight> sights) {
  const train::Boundaries& inputs = *tasks.front().inputs;
  train::PrefixDemand demand;
  demand.missing = inputs.count_missing(sights);
  demand.reads.assign(demand.missing.size(), 0);
  for (const train::UnitTask& task : tasks) {
    const std::size_t boundary = train::boundary_of(task);
    demand.reads[boundary] += train::reads_of(task);
    if (boundary == inputs.features_boundary()) demand.always = boundary;
  }
  return demand;
}

}  // namespace

std::vector<std::size_t> PrefixPlan::filled() const {
  std::vector<std::size_t> boundaries = choice.stored;
  if (demand.always > 0) boundaries.push_back(demand.always);
  return boundaries;
}

PrefixPlan plan_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes) {
  const std::vector<train::Sight> sights = train::sights_of(tasks);
  PrefixPlan plan;
  plan.sights = sights.size();
  plan.demand = demand_of(tasks, sights);
  plan.costs = tasks.front().inputs->measure();
  plan.choice = train::choose_boundaries(plan.costs, plan.demand, max_bytes);
  return plan;
}

double seconds_for_inputs(const PrefixPlan& plan, const train::UnitTask& task) {
  return train::reads_of(task) *
         train::seconds_to_get(plan.costs, plan.filled(), train::boundary_of(task));
}

results::PrefixRecord fill_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes,
                                  const std::function<void()>& keep_going) {
  const Stopwatch watch;
  train::Boundaries& inputs = *tasks.front().inputs;
  const PrefixPlan plan = plan_prefix(tasks, max_bytes);
  results::PrefixRecord record;
  record.architecture = tasks.front().architecture->name;
  record.images = plan.sights;
  record.bytes = plan.choice.bytes;
  record.predicted_seconds = plan.choice.fill_seconds;
  for (const std::size_t b : plan.choice.stored) {
    record.blocks.push_back(tasks.front().architecture->blocks[b - 1]);
  }
  log_info("frozen pass of {}: {} images and views{}", record.architecture, plan.sights,
           record.blocks.empty()
               ? ""
               : fmt::format(", keeping the output of {}", fmt::join(record.blocks, ", ")));
  try {
    inputs.fill(plan.filled(), train::sights_of(tasks), keep_going);
  } catch (const Error& error) {
    log_warning("{}. The study goes on without storing: it takes longer", error.what());
    record.blocks.clear();
  }
  record.seconds = watch.seconds();
  return record;
}

}  // namespace fathom::study
