#include "fathom/results/worker_watch.h"

namespace fathom::results {

WorkerWatch::Seen& WorkerWatch::seen(const std::string& worker) {
  Seen& seen = seen_[worker];
  seen.note.id = worker;
  return seen;
}

Life WorkerWatch::look(const std::string& worker) {
  Seen& seen = this->seen(worker);
  const auto note = read_note(study_folder_, worker);  // takes as long as the file system hangs
  const double unwatched = seen.since_look.seconds();
  seen.since_look = {};
  if (unwatched > pace_.patience_seconds) {
    seen.is_read = false;
    seen.since_beat = {};
  }
  // Of a beat that nobody waited for one cannot tell how long ago it was, and whether the last.
  const bool was_watched = seen.is_read && unwatched < 2 * pace_.beat_seconds;
  seen.has_beaten &= was_watched;
  if (note) {
    if (!seen.is_read || note->beats != seen.note.beats) {
      seen.has_beaten = was_watched;
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
