#include "fathom/study/prefix.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/generalization.h"
#include "fathom/train/runtime.h"

namespace fathom::study {
namespace {

std::vector<train::Sight> all_images(const train::ExternalTest& set) {
  std::vector<train::Sight> sights;
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    sights.push_back({static_cast<std::int64_t>(i), 0});
  }
  return sights;
}

train::PrefixDemand demand_of(std::span<const train::UnitTask> tasks,
                              std::span<const train::Sight> sights) {
  const train::Boundaries& inputs = *tasks.front().inputs;
  train::PrefixDemand demand;
  demand.missing = inputs.count_missing(sights);
  demand.reads.assign(demand.missing.size(), 0);
  for (const train::UnitTask& task : tasks) {
    const std::size_t boundary = train::boundary_of(task);
    demand.reads[boundary] += train::reads_of(task) + train::reads_beyond_test(task);
    if (boundary == inputs.features_boundary()) demand.always = boundary;
  }
  for (const train::ExternalTest& set : tasks.front().external) {
    const std::vector<std::size_t> missing = set.inputs->count_missing(all_images(set));
    for (std::size_t b = 0; b < missing.size(); ++b) demand.missing[b] += missing[b];
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
  PrefixPlan plan;
  plan.sights = train::sights_of(tasks);
  plan.demand = demand_of(tasks, plan.sights);
  plan.costs = tasks.front().inputs->measure();
  // What is stored of this network stays, so that it leaves the less room.
  const std::uint64_t own = tasks.front().inputs->stored_bytes();
  plan.choice =
      train::choose_boundaries(plan.costs, plan.demand, max_bytes - std::min(max_bytes, own));
  return plan;
}

double seconds_for_input(const PrefixPlan& plan, const train::UnitTask& task) {
  return train::seconds_to_get(plan.costs, plan.filled(), train::boundary_of(task));
}

FilledPrefix fill_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes,
                         const std::function<void()>& keep_going) {
  const Stopwatch watch;
  FilledPrefix filled;
  results::PrefixRecord& record = filled.record;
  record.architecture = tasks.front().architecture->name;
  try {
    filled.plan = plan_prefix(tasks, max_bytes);
    const PrefixPlan& plan = filled.plan;
    record.images = plan.sights.size();
    record.predicted_seconds = plan.choice.fill_seconds;
    for (const std::size_t b : plan.choice.stored) {
      record.blocks.push_back(tasks.front().architecture->blocks[b - 1]);
    }
    log_info("frozen pass of {}: {} images and views{}", record.architecture, plan.sights.size(),
             record.blocks.empty()
                 ? ""
                 : fmt::format(", keeping the output of {}", fmt::join(record.blocks, ", ")));
    record.bytes = tasks.front().inputs->fill(plan.filled(), plan.sights, keep_going);
    for (const train::ExternalTest& set : tasks.front().external) {
      record.images += set.labels.size();
      record.bytes += set.inputs->fill(plan.filled(), all_images(set), keep_going);
    }
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    log_warning("{}. The study goes on without storing more: it takes longer",
                train::reason_of(error));
    record.blocks.clear();
    filled.plan = {};
  }
  record.seconds = watch.seconds();
  return filled;
}

}  // namespace fathom::study
