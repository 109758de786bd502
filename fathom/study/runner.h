// Runs the units of a plan, one job after another, as one worker among those that there may be, and
// journals each. A unit that fails is recorded with its reason and the rest goes on; finished units
// are not run again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fathom/results/record.h"
#include "fathom/results/worker_watch.h"
#include "fathom/study/plan.h"

namespace fathom::study {

/// What a watcher is told, from the running thread.
struct RunObserver {
  /// `index` units of the `count` that were to run are done, by whomever. Head-only units are
  /// started by one call and end in a row.
  std::function<void(std::size_t index, std::size_t count, const results::UnitKey&)> unit_started =
      [](std::size_t, std::size_t, const auto&) {};
  std::function<void(const results::EpochRecord&)> epoch_done = [](const auto&) {};
  std::function<void(const results::UnitRecord&)> unit_done = [](const auto&) {};
  /// Asked after every batch; true stops the run with Interrupted. What is finished is kept, and of
  /// the unit that is training a checkpoint.
  std::function<bool()> should_stop = [] { return false; };
};

/// How a process takes part in a study.
struct RunOptions {
  /// One process at most leads: it has the study's lock and STUDY/journal.jsonl, and stays until
  /// the jobs of all others are done, too. The others write STUDY/journal-<worker>.jsonl and end
  /// when nothing is left that nobody has. Units for which memory is too small are recorded as
  /// failed by the one that leads; the others leave them to workers that have more.
  bool leads = true;
  /// Only the probes and the frozen passes.
  bool prefix_only = false;
  /// Only the job of this unit, by its place in the plan; waits while another worker has it.
  std::optional<std::size_t> unit;
  std::string task;  ///< of a scheduler, see results::WorkerNote
  results::Pace pace;
};

struct RunResult {
  std::size_t already_finished = 0;
  std::size_t finished = 0, failed = 0;                ///< by this process
  std::size_t finished_in_all = 0, failed_in_all = 0;  ///< units of the plan, by whomever
  std::size_t running = 0;                             ///< that others have
  std::size_t waiting = 0;                             ///< that nobody has
  std::vector<results::PrefixRecord> prefixes;         ///< the frozen passes of this process
};

/// Runs what is not finished. Failed units of an earlier run are tried again.
/// Writes a journal and OUT/units/<id>/{history.csv,predictions.csv,best.safetensors}, and while a
/// unit is trained checkpoint.safetensors, from which it goes on to the same result, on whichever
/// machine.
/// Throws Error when another process leads the study, an image has changed, or units wait for which
/// this worker, which does not lead, has too little memory; Interrupted.
RunResult run_plan(const Plan& plan, const RunObserver& observer = {},
                   const RunOptions& options = {});

}  // namespace fathom::study
