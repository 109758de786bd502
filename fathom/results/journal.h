// The append-only, checksummed, fsynced journal of a study: one JSON line per event.
//   {"checksum":"<16 hex digits: XXH3 of the record's bytes>","record":{"event":"unit",...}}
// Not for large data: predictions and histories of units are files that a record vouches for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/results/record.h"

namespace fathom::results {

/// Everything a journal says. Of several records of one unit the first finished one counts.
struct JournalContent {
  std::optional<StudyRecord> study;
  std::vector<UnitRecord> units;  ///< last word on each unit, in order of first appearance
  std::size_t damaged_lines = 0;  ///< lines whose checksum does not fit, left out
};

/// An open journal, for one writer: the file is locked (flock) while the object lives. A torn last
/// line is cut off before the first append.
class Journal {
 public:
  /// Opens or creates. Throws Error when another process holds it (naming its pid) or the folder
  /// cannot be written.
  explicit Journal(const std::filesystem::path& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// What was in the file when it was opened.
  const JournalContent& content() const { return content_; }

  /// Appends one line and fsyncs it. Throws Error, e.g. on a full disk.
  void append(const StudyRecord& record);
  void append(const UnitRecord& record);

 private:
  void append_line(const Json& record);

  std::filesystem::path path_;
  int fd_ = -1;
  JournalContent content_;
};

/// Reads without locking. Throws Error when there is no file.
JournalContent read_journal(const std::filesystem::path& path);

}  // namespace fathom::results
