#include "fathom/results/worker_watch.h"

namespace fathom::results {

WorkerWatch::Seen& WorkerWatch::seen(const std::string& worker) {
  Seen& seen = seen_[worker];
  seen.note.id = worker;
  return seen;
}

Life WorkerWatch::look(const std::string& worker) {
  Seen& seen = this->seen(worker);
  if (const auto note = read_note(study_folder_, worker)) {
    if (!seen.is_read || note->beats != seen.note.beats) {
      seen.has_beaten = seen.is_read;
      seen.since_beat = {};
    }
    seen.note = *note;
    seen.is_read = true;
  }
  const std::optional<bool> runs = is_running(seen.note.process);
  if (seen.note.ended || runs == false) return Life::dead;
  if (seen.since_beat.seconds() > pace_.patience_seconds) return Life::dead;
  return seen.has_beaten || runs == true ? Life::alive : Life::unknown;
}

const WorkerNote& WorkerWatch::note(const std::string& worker) { return seen(worker).note; }

}  // namespace fathom::results
