#include "fathom/study/probe.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/study_flags.h"
#include "cli/terminal.h"
#include "fathom/base/atomic_file.h"
#include "fathom/report/probe.h"

namespace fathom::cli {
namespace {

void write_probes(const std::filesystem::path& folder, const results::StudyRecord& study,
                  const std::vector<results::ProbeRecord>& probes) {
  Json json{{"command", study.command},   {"created_at", study.created_at},
            {"settings", study.settings}, {"versions", study.versions},
            {"data", study.data.path},    {"fingerprint", study.data.fingerprint},
            {"probes", Json::array()}};
  for (const results::ProbeRecord& probe : probes) json["probes"].push_back(to_json(probe));
  write_json(folder / "probe.json", json);
  write_file_atomically(folder / "probe.csv", report::probe_csv(probes));
  fmt::print("\nWritten: {0}/probe.json, {0}/probe.csv\n", folder.string());
}

int probe(const study::StudyOptions& options, bool write, const Invocation& invocation) {
  const study::Plan plan = study::make_plan(options, invocation.command, versions());
  stop_on_signals();
  const std::vector<results::ProbeRecord> probes = study::probe_plan(plan, [] {
    if (stop_requested()) throw InterruptedForGood();
  });
  for (const results::ProbeSummary& probe : results::summarize_probes(probes, plan.folds.size())) {
    fmt::print("{}\n", report::probe_text(probe, terminal_width()));
  }
  fmt::print(
      "AUC: of a linear classifier on the frozen features, averaged over positions. LogME: larger\n"
      "is better, over the same images only. level: what tunes all that is above the boundary.\n");
  for (const std::string& warning : plan.study.data.warnings) fmt::print("Note: {}\n", warning);
  if (write) write_probes(options.out, plan.study, probes);
  return kExitDone;
}

}  // namespace

void declare_probe(CLI::App& app, Action& action) {
  auto flags = std::make_shared<StudyFlags>();
  flags->declare(app);
  app.footer(
      "Example:\n"
      "  fathom probe --data images/ --arch squeezenet1_1,mobilenet_v2 --out probe\n"
      "Takes the flags and files of 'fathom study'; those of training change nothing. With --out\n"
      "FOLDER it writes FOLDER/probe.json and FOLDER/probe.csv, else nothing.");
  action = [flags, &app](const Invocation& invocation) {
    return probe(flags->options(), app.count("--out") > 0, invocation);
  };
}

}  // namespace fathom::cli
