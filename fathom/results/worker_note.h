// What each worker of a study says of itself: STUDY/workers/<id>.json, written anew from time to
// time. Not which jobs are its own: claims.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/base/process.h"

namespace fathom::results {

/// Clocks of different machines are never compared: what is in seconds was measured by the worker.
struct WorkerNote {
  std::string id;  ///< "node1-4711-1a2b3c4d"
  Process process;
  std::string task;                ///< of a scheduler, "Slurm 4711_3"; "" without one
  std::string started_at;          ///< UTC, for people
  double seconds = 0;              ///< since then
  std::string doing;               ///< a job, or what else it is at; "" between jobs
  std::vector<std::string> units;  ///< ids of the units that it trains
  double doing_seconds = 0;
  std::size_t finished = 0, failed = 0;  ///< units that it recorded
  std::uint64_t beats = 0;               ///< grows as long as it lives
  bool ended = false;                    ///< by itself: none of its claims counts any more
};

/// "process 4711 on node1 (Slurm 12_3)"; the id when nothing else is known.
std::string in_words(const WorkerNote& note);

Json to_json(const WorkerNote& note);

/// Replaces STUDY/workers/<id>.json. Throws Error.
void write_note(const std::filesystem::path& study_folder, const WorkerNote& note);
/// Nothing when there is none that can be read.
std::optional<WorkerNote> read_note(const std::filesystem::path& study_folder,
                                    const std::string& worker);
/// The ids of all workers that there have been, in order.
std::vector<std::string> list_workers(const std::filesystem::path& study_folder);

}  // namespace fathom::results
