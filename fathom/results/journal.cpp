#include "fathom/results/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"

namespace fathom::results {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kOpening = "{\"checksum\":\"";
constexpr std::string_view kMiddle = "\",\"record\":";
constexpr std::size_t kChecksumDigits = 16;

/// The record's bytes in a line, or nothing when the line is not what its checksum says.
std::optional<std::string_view> record_in(std::string_view line) {
  constexpr std::size_t kRecord = kOpening.size() + kChecksumDigits + kMiddle.size();
  if (line.size() <= kRecord || !line.starts_with(kOpening) || !line.ends_with('}') ||
      line.substr(kOpening.size() + kChecksumDigits, kMiddle.size()) != kMiddle) {
    return std::nullopt;
  }
  const std::string_view record = line.substr(kRecord, line.size() - kRecord - 1);
  if (line.substr(kOpening.size(), kChecksumDigits) != hex(xxh3(record))) return std::nullopt;
  return record;
}

/// Gathers the lines of one journal or of several.
class Reading {
 public:
  /// Takes the whole lines of `text`; returns how many bytes they are.
  std::size_t add(std::string_view text, const std::string& where) {
    has_study_ = content_.study.has_value();
    std::size_t begin = 0, number = 1;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string_view::npos;
         begin = end + 1) {
      add_line(text.substr(begin, end - begin), fmt::format("{}:{}", where, number++));
    }
    return begin;
  }

  JournalContent take() { return std::move(content_); }

 private:
  void add_line(std::string_view line, const std::string& where) {
    const auto bytes = record_in(line);
    const Json record = Json::parse(bytes.value_or(""), nullptr, /*allow_exceptions=*/false);
    if (!record.is_object()) {
      ++content_.damaged_lines;
      return;
    }
    try {
      add_event(record);
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}: {}. The line is intact, so another version of fathom wrote it; "
                      "use that version, or another folder for the study",
                      where, error.what()));
    }
  }

  void add_event(const Json& record) {
    const std::string event = record.value("event", "");
    if (event == "study") {
      if (!has_study_) content_.study = study_from_json(record);
    } else if (event == "unit") {
      add_unit(unit_from_json(record));
    } else if (event == "prefix") {
      content_.prefixes.push_back(prefix_from_json(record));
    } else if (event == "estimate") {
      add_estimate(estimate_from_json(record));
    } else if (event == "probe") {
      add_probe(probe_from_json(record));
    } else {
      throw Error(
          fmt::format("unknown event '{}'; known are estimate, prefix, probe, study, unit", event));
    }
  }

  void add_unit(UnitRecord unit) {
    const auto [known, is_new] = positions_.try_emplace(unit.key.id(), content_.units.size());
    if (is_new) {
      content_.units.push_back(std::move(unit));
    } else if (!content_.units[known->second].finished) {
      content_.units[known->second] = std::move(unit);
    }
  }

  void add_estimate(EstimateRecord estimate) {
    std::erase_if(content_.estimates, [&](const EstimateRecord& older) {
      return older.architecture == estimate.architecture && older.level == estimate.level &&
             older.train_fraction == estimate.train_fraction;
    });
    content_.estimates.push_back(std::move(estimate));
  }

  void add_probe(ProbeRecord probe) {
    std::erase_if(content_.probes, [&](const ProbeRecord& older) {
      return older.architecture == probe.architecture &&
             (older.fold == probe.fold || older.most_images != probe.most_images);
    });
    content_.probes.push_back(std::move(probe));
  }

  JournalContent content_;
  bool has_study_ = false;                                  ///< in a journal before
  std::unordered_map<std::string, std::size_t> positions_;  ///< unit id -> index into units
};

[[noreturn]] void fail(const fs::path& path, const char* what, int error, const char* advice) {
  throw Error(fmt::format("{}: {}: {}. {}", path.string(), what, std::strerror(error), advice));
}

constexpr const char* kNeedsAFolder =
    "A study needs a folder that it may write to: choose another with --out";

int open_for_writing(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) fail(path, "cannot open for writing", errno, kNeedsAFolder);
  return fd;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, "cannot be made", error.value(), kNeedsAFolder);
}

}  // namespace

Journal::Descriptor::~Descriptor() {
  if (fd >= 0) ::close(fd);
}

std::unique_ptr<FileLock> lock_study(const fs::path& folder) {
  make_folder(folder);
  auto lock = std::make_unique<FileLock>(folder / "journal.jsonl.lock");
  if (!lock->holds()) {
    throw Error(fmt::format(
        "{}: this study is being run by {}. Help it by the same command with --join, wait until "
        "it ends, or stop it",
        folder.string(), lock->holder()));
  }
  return lock;
}

Journal::Journal(const fs::path& path) : path_(path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  make_folder(folder);
  file_.fd = open_for_writing(path_);
  fsync_folder(folder);
  Reading reading;
  size_ = reading.add(read_file(path_), path_.string());
  content_ = reading.take();
}

void Journal::append(const StudyRecord& record) { append_event("study", to_json(record)); }

void Journal::append(const UnitRecord& record) { append_event("unit", to_json(record)); }

void Journal::append(const PrefixRecord& record) { append_event("prefix", to_json(record)); }

void Journal::append(const EstimateRecord& record) { append_event("estimate", to_json(record)); }

void Journal::append(const ProbeRecord& record) { append_event("probe", to_json(record)); }

void Journal::append_event(const char* event, const Json& record) {
  Json with_event{{"event", event}};
  with_event.update(record);
  // File names need not be UTF-8; JSON must be.
  const std::string bytes = with_event.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::string line = fmt::format("{}{}{}{}}}\n", kOpening, hex(xxh3(bytes)), kMiddle, bytes);
  try {
    write_at_end(line);
  } catch (const Error&) {
    // If even this fails, the torn line is cut off before the next append.
    [[maybe_unused]] const int cut = ::ftruncate(file_.fd, static_cast<off_t>(size_));
    throw;
  }
  size_ += line.size();
}

void Journal::write_at_end(const std::string& line) {
  constexpr const char* kAdvice =
      "Nothing that was recorded before is lost: free some space on the disk and start the same "
      "command again";
  if (::ftruncate(file_.fd, static_cast<off_t>(size_)) != 0) {
    fail(path_, "cannot cut off a torn line", errno, kAdvice);
  }
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t written = ::pwrite(file_.fd, line.data() + done, line.size() - done,
                                     static_cast<off_t>(size_ + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path_, "cannot append", written < 0 ? errno : ENOSPC, kAdvice);
    done += static_cast<std::size_t>(written);
  }
  if (::fsync(file_.fd) != 0) fail(path_, "cannot sync", errno, kAdvice);
}

fs::path worker_journal(const fs::path& study_folder, const std::string& worker) {
  return study_folder / fmt::format("journal-{}.jsonl", worker);
}

std::vector<fs::path> list_journals(const fs::path& study_folder) {
  std::vector<fs::path> of_workers;
  bool has_main = false;
  std::error_code unreadable;  // no folder: no journal in it
  for (const auto& entry : fs::directory_iterator(study_folder, unreadable)) {
    const std::string name = entry.path().filename().string();
    has_main |= name == kMainJournal;
    if (name.starts_with("journal-") && name.ends_with(".jsonl")) {
      of_workers.push_back(entry.path());
    }
  }
  std::ranges::sort(of_workers);
  if (has_main) of_workers.insert(of_workers.begin(), study_folder / kMainJournal);
  return of_workers;
}

JournalContent read_journals(const std::vector<fs::path>& paths) {
  Reading reading;
  for (const fs::path& path : paths) reading.add(read_file(path), path.string());
  return reading.take();
}

JournalContent read_journals(const fs::path& study_folder) {
  const std::vector<fs::path> paths = list_journals(study_folder);
  if (!paths.empty()) return read_journals(paths);
  throw Error(
      fmt::format("{}: no journal.jsonl here. Name the folder of a study, as given to "
                  "'fathom study' with --out",
                  study_folder.string()));
}

}  // namespace fathom::results
