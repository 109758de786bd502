#include "fathom/study/status.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "fathom/base/clock.h"
#include "fathom/report/text.h"

namespace fathom::cli {
namespace {

std::string doing(const study::WorkerStatus& worker) {
  if (worker.life == results::Life::dead) return "ended";
  if (worker.note.doing.empty()) return "looks for a unit";
  const std::string since = human_duration(worker.note.doing_seconds);
  const char* silent = worker.life == results::Life::unknown ? " (no sign of life)" : "";
  return fmt::format("{}, for {}{}", worker.note.doing, since, silent);
}

void print_workers(const study::StudyStatus& status) {
  std::vector<report::TextColumn> columns{{.title = "worker", .right = false, .importance = 3},
                                          {.title = "finished", .importance = 2},
                                          {.title = "failed", .importance = 1},
                                          {.title = "an hour"},
                                          {.title = "does", .right = false, .importance = 3}};
  for (const study::WorkerStatus& worker : status.workers) {
    columns[0].cells.push_back(shown(results::in_words(worker.note)));
    columns[1].cells.push_back(std::to_string(worker.note.finished));
    columns[2].cells.push_back(std::to_string(worker.note.failed));
    columns[3].cells.push_back(worker.units_an_hour ? fmt::format("{:.1f}", *worker.units_an_hour)
                                                    : "");
    columns[4].cells.push_back(shown(doing(worker)));
  }
  fmt::print("\n{}", report::text_table(columns, static_cast<std::size_t>(terminal_width())));
}

void print_status(const study::StudyStatus& status) {
  fmt::print("{}: {} units: {} finished, {} failed, {} running, {} waiting\n", shown(status.name),
             status.units, status.finished, status.failed, status.running, status.waiting);
  if (!status.workers.empty()) print_workers(status);
  if (status.running + status.waiting == 0) return;
  const std::string left =
      status.seconds_left ? "about " + human_duration(*status.seconds_left) : "an unknown time";
  fmt::print("\n{} left with {}\n", left,
             status.live_workers == 0   ? "one worker; none lives now"
             : status.live_workers == 1 ? "the one worker that lives"
                                        : fmt::format("{} workers", status.live_workers));
}

}  // namespace

void declare_status(CLI::App& app, Action& action) {
  auto folder = std::make_shared<std::string>();
  app.add_option("STUDY", *folder, "Folder of the study.")->required();
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "Print all that is known as JSON, instead.");
  app.footer(
      "Reads only. Workers on other machines are watched for some seconds, for they say every ten\n"
      "seconds that they live; one without a sign of life is taken over by others after two\n"
      "minutes.");
  action = [folder, json](const Invocation&) {
    const study::StudyStatus status = study::read_status(*folder, {}, [] {});
    if (*json) {
      fmt::print("{}\n", to_json(status).dump(2, ' ', false, Json::error_handler_t::replace));
    } else {
      print_status(status);
    }
    return kExitDone;
  };
}

}  // namespace fathom::cli
