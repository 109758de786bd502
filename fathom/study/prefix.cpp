#include "fathom/study/prefix.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fathom/base/atomic_file.h"
#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/generalization.h"
#include "fathom/train/runtime.h"
#include "fathom/train/unit_inputs.h"

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

/// What a choice's file holds.
Json choice_json(const FirstChoice& first, const std::vector<std::size_t>& stored) {
  return {{"made_for", first.made_for}, {"stored", stored}};
}

/// Replaces what is to be stored by what was chosen before, or keeps it for later runs.
void keep_to(const FirstChoice& first, std::vector<std::size_t>& stored) {
  if (choose(first, stored)) return;
  const Json before = read_json(first.file);
  if (first.may_replace && before.at("made_for") != first.made_for) {
    write_json(first.file, choice_json(first, stored));
  } else {
    stored = before.at("stored").get<std::vector<std::size_t>>();
  }
}

/// All units of an architecture share the inputs, so that any task of it serves.
void fill(const train::UnitTask& task, const PrefixPlan& plan,
          const std::function<void()>& keep_going) {
  task.inputs->fill(plan.filled(), plan.sights, keep_going);
  for (const train::ExternalTest& set : task.external) {
    set.inputs->fill(plan.filled(), all_images(set), keep_going);
  }
}

std::uint64_t bytes_written(const train::UnitTask& task) {
  std::uint64_t bytes = task.inputs->written();
  for (const train::ExternalTest& set : task.external) bytes += set.inputs->written();
  return bytes;
}

}  // namespace

std::vector<std::size_t> PrefixPlan::filled() const {
  std::vector<std::size_t> boundaries = choice.stored;
  if (demand.always > 0) boundaries.push_back(demand.always);
  return boundaries;
}

PrefixPlan plan_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes,
                       const std::function<void()>& keep_going) {
  PrefixPlan plan;
  plan.sights = train::sights_of(tasks);
  plan.demand = demand_of(tasks, plan.sights);
  plan.costs = tasks.front().inputs->measure(keep_going);
  // What is stored of this network stays, so that it leaves the less room.
  const std::uint64_t own = tasks.front().inputs->stored_bytes();
  plan.choice =
      train::choose_boundaries(plan.costs, plan.demand, max_bytes - std::min(max_bytes, own));
  return plan;
}

double seconds_for_input(const PrefixPlan& plan, const train::UnitTask& task) {
  return train::seconds_to_get(plan.costs, plan.filled(), train::boundary_of(task));
}

FirstChoice first_choice(const Plan& plan, const std::string& architecture, bool may_replace) {
  return {
      .file = std::filesystem::path(plan.options.out) / fmt::format("prefix-{}.json", architecture),
      .made_for = {{"units", plan.units.size()}, {"cache_gib", plan.options.cache_gib}},
      .may_replace = may_replace};
}

bool choose(const FirstChoice& first, const std::vector<std::size_t>& stored) {
  return create_file_atomically(first.file, choice_json(first, stored).dump(2) + "\n");
}

FilledPrefix fill_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes,
                         const FirstChoice& first, const std::function<void()>& keep_going) {
  const Stopwatch watch;
  const std::uint64_t written_before = bytes_written(tasks.front());
  FilledPrefix filled;
  results::PrefixRecord& record = filled.record;
  record.architecture = tasks.front().architecture->name;
  try {
    filled.plan = plan_prefix(tasks, max_bytes, keep_going);
    keep_to(first, filled.plan.choice.stored);
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
    for (const train::ExternalTest& set : tasks.front().external) {
      record.images += set.labels.size();
    }
    fill(tasks.front(), plan, keep_going);
  } catch (const Interrupted&) {
    record.interrupted = true;
  } catch (const std::exception& error) {
    log_warning("{}. The study goes on without storing more: it takes longer",
                train::reason_of(error));
    record.blocks.clear();
    filled.plan = {};
  }
  record.bytes = bytes_written(tasks.front()) - written_before;
  record.seconds = watch.seconds();
  return filled;
}

}  // namespace fathom::study
