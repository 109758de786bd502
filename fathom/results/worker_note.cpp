#include "fathom/results/worker_note.h"

#include <fmt/format.h>

#include <algorithm>

namespace fathom::results {
namespace fs = std::filesystem;
namespace {

constexpr const char* kNoteSuffix = ".json";

fs::path note_file(const fs::path& study_folder, const std::string& worker) {
  return study_folder / "workers" / (worker + kNoteSuffix);
}

WorkerNote note_from_json(const Json& json) {
  WorkerNote note;
  note.id = json.at("id").get<std::string>();
  note.process = {.host = json.at("host").get<std::string>(),
                  .machine = json.at("machine").get<std::string>(),
                  .boot = json.at("boot").get<std::string>(),
                  .number = json.at("process").get<std::int64_t>(),
                  .start = json.at("process_start").get<std::uint64_t>()};
  note.task = json.at("task").get<std::string>();
  note.started_at = json.at("started_at").get<std::string>();
  note.seconds = json.at("seconds").get<double>();
  note.doing = json.at("doing").get<std::string>();
  note.units = json.at("units").get<std::vector<std::string>>();
  note.doing_seconds = json.at("doing_seconds").get<double>();
  note.finished = json.at("finished").get<std::size_t>();
  note.failed = json.at("failed").get<std::size_t>();
  note.beats = json.at("beats").get<std::uint64_t>();
  note.ended = json.at("ended").get<bool>();
  return note;
}

}  // namespace

std::string in_words(const WorkerNote& note) {
  if (note.process.host.empty()) return note.id.empty() ? "an unknown worker" : note.id;
  return fmt::format("process {} on {}{}", note.process.number, note.process.host,
                     note.task.empty() ? "" : fmt::format(" ({})", note.task));
}

Json to_json(const WorkerNote& note) {
  return {{"id", note.id},
          {"host", note.process.host},
          {"machine", note.process.machine},
          {"boot", note.process.boot},
          {"process", note.process.number},
          {"process_start", note.process.start},
          {"task", note.task},
          {"started_at", note.started_at},
          {"seconds", note.seconds},
          {"doing", note.doing},
          {"units", note.units},
          {"doing_seconds", note.doing_seconds},
          {"finished", note.finished},
          {"failed", note.failed},
          {"beats", note.beats},
          {"ended", note.ended}};
}

void write_note(const fs::path& study_folder, const WorkerNote& note) {
  write_json(note_file(study_folder, note.id), to_json(note));
}

std::optional<WorkerNote> read_note(const fs::path& study_folder, const std::string& worker) {
  try {
    return note_from_json(read_json(note_file(study_folder, worker)));
  } catch (const std::exception&) {  // none yet, replaced as it was read, or damaged
    return std::nullopt;
  }
}

std::vector<std::string> list_workers(const fs::path& study_folder) {
  std::vector<std::string> workers;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(study_folder / "workers", none_yet)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && name.ends_with(kNoteSuffix)) {
      workers.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(workers);
  return workers;
}

}  // namespace fathom::results
