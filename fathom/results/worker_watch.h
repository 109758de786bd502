// Whether the workers of a study live, as seen from one of them or from outside. Not what they do:
// worker_note.h.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "fathom/base/clock.h"
#include "fathom/results/worker_note.h"

namespace fathom::results {

/// How workers show that they live.
struct Pace {
  double beat_seconds = 10;       ///< between two notes of a worker
  double patience_seconds = 120;  ///< without a new note after which it is taken for dead
  /// Between two looks at what others do.
  double look_seconds() const { return beat_seconds / 5; }
};

/// unknown: not watched long enough to tell, at most as long as the patience.
enum class Life { alive, unknown, dead };

class WorkerWatch {
 public:
  WorkerWatch(std::filesystem::path study_folder, Pace pace)
      : study_folder_(std::move(study_folder)), pace_(pace) {}

  /// Reads a worker's note. It is dead when it said that it ended; when its process on this machine
  /// is gone; and when its beats have not grown for as long as the patience, by the clock of this
  /// process. A worker of which there is no note is waited for as long. It is alive when its
  /// process runs on this machine, or a beat was seen since looks follow one another quickly. Who
  /// has not been looked at for longer than the patience, for this process did something else or
  /// the file system hung, is watched anew.
  Life look(const std::string& worker);

  /// As last looked at; empty but for the id when it could not be read.
  const WorkerNote& note(const std::string& worker);

 private:
  struct Seen {
    WorkerNote note;
    bool is_read = false;
    bool has_beaten = false;  ///< while it was watched
    Stopwatch since_beat, since_look;
  };

  Seen& seen(const std::string& worker);

  std::filesystem::path study_folder_;
  Pace pace_;
  std::map<std::string, Seen> seen_;
};

}  // namespace fathom::results
