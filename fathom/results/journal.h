// The append-only, checksummed, fsynced journal of a study: one JSON line per event.
//   {"checksum":"<16 hex digits: XXH3 of the record's bytes>","record":{"event":"unit",...}}
// Not for large data: predictions and histories of units are files that a record vouches for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/file_lock.h"
#include "fathom/results/record.h"

namespace fathom::results {

inline constexpr const char* kMainJournal = "journal.jsonl";

/// Everything a journal says. Of several study records the last one counts (a study may be
/// widened); of several records of one unit the first finished one, or the last when none finished.
struct JournalContent {
  std::optional<StudyRecord> study;
  std::vector<UnitRecord> units;       ///< last word on each unit, in order of first appearance
  std::vector<PrefixRecord> prefixes;  ///< one for each run and architecture
  std::vector<EstimateRecord>
      estimates;  ///< the last one of each architecture, level and train_fraction
  /// The last one of each architecture and fold, over as many images as the last one of its
  /// architecture.
  std::vector<ProbeRecord> probes;
  std::size_t damaged_lines = 0;  ///< lines whose checksum does not fit, left out
};

/// Keeps planning a study, and STUDY/journal.jsonl, for one process while the object lives:
/// FOLDER/journal.jsonl.lock is locked. Makes the folder. Throws Error when another process has the
/// study (naming it, its host and since when) or the folder cannot be written.
std::unique_ptr<FileLock> lock_study(const std::filesystem::path& folder);

/// An open journal, for one writer: of STUDY/journal.jsonl the one that holds lock_study(), of
/// STUDY/journal-<worker>.jsonl the worker. A torn last line is cut off before the first append.
/// For one thread at a time.
class Journal {
 public:
  /// Opens or creates, with parent folders. Throws Error when it cannot be written.
  explicit Journal(const std::filesystem::path& path);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// What was in the file when it was opened.
  const JournalContent& content() const { return content_; }

  /// Appends one line; on return it is on the disk. Throws Error, e.g. on a full disk: what was
  /// written of the line is then cut off again, and all lines before it stand.
  void append(const StudyRecord& record);
  void append(const UnitRecord& record);
  void append(const PrefixRecord& record);
  void append(const EstimateRecord& record);
  void append(const ProbeRecord& record);

 private:
  struct Descriptor {
    int fd = -1;
    Descriptor() = default;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
  };

  void append_event(const char* event, const Json& record);
  void write_at_end(const std::string& line);

  std::filesystem::path path_;
  Descriptor file_;
  std::uint64_t size_ = 0;  ///< bytes of whole lines
  JournalContent content_;
};

/// STUDY/journal-<worker>.jsonl.
std::filesystem::path worker_journal(const std::filesystem::path& study_folder,
                                     const std::string& worker);

/// STUDY/journal.jsonl and then every STUDY/journal-*.jsonl by name, as far as they are there.
std::vector<std::filesystem::path> list_journals(const std::filesystem::path& study_folder);

/// Reads and merges journals as if they were one file, but for the record of the study: that of the
/// first journal that has one counts. Without locking, while writers may append. Throws Error when
/// there is no such file, or when it was written by another version of fathom.
JournalContent read_journals(const std::vector<std::filesystem::path>& paths);
/// The same of list_journals(). Throws Error when there is none.
JournalContent read_journals(const std::filesystem::path& study_folder);

}  // namespace fathom::results
