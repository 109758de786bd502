// How far a study is and who works on it, from its folder. Reads only.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/results/worker_watch.h"

namespace fathom::study {

struct WorkerStatus {
  results::WorkerNote note;
  results::Life life = results::Life::unknown;  ///< unknown: no beat was seen
  /// Units recorded in an hour of its life; nothing before the first.
  std::optional<double> units_an_hour;
};

struct StudyStatus {
  std::string name;
  std::size_t units = 0;
  std::size_t finished = 0, failed = 0, running = 0, waiting = 0;  ///< they add up to `units`
  /// Those that live or may live and run units, then those that did something.
  std::vector<WorkerStatus> workers;
  std::size_t live_workers = 0;
  /// Until all units are recorded, with the workers that live (with one when none does), from the
  /// median time of finished units of the same level, else of what was predicted for it, else of
  /// all finished units. Nothing when none of these is known of a unit.
  std::optional<double> seconds_left;
};

/// A unit runs when the last claim of it is of a worker that lives or may live. As long as units
/// are left, workers on other machines are watched until each has beaten, for one and a half times
/// the pace's beat at most; `keep_going` is called meanwhile and may throw. Throws Error when there
/// is no plan.
StudyStatus read_status(const std::filesystem::path& study_folder, results::Pace pace,
                        const std::function<void()>& keep_going);

Json to_json(const StudyStatus& status);

}  // namespace fathom::study
