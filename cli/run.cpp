#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/terminal.h"
#include "fathom/base/download.h"
#include "fathom/results/journal.h"
#include "fathom/study/plan.h"
#include "fathom/study/runner.h"

namespace fathom::cli {
namespace {

namespace fs = std::filesystem;

struct RunFlags {
  std::string study;
  std::optional<std::size_t> unit;
  bool prefix_only = false;
  std::string cache;
  double silence = results::Pace().patience_seconds;
};

/// With beats often enough that some may be late.
results::Pace pace_of(double silence) {
  return {.beat_seconds = std::min(results::Pace().beat_seconds, silence / 12),
          .patience_seconds = silence};
}

void check_unit(const RunFlags& flags, const study::Plan& plan) {
  if (!flags.unit || *flags.unit < plan.units.size()) return;
  throw UsageError(fmt::format("--unit {}: this study has {} units, from 0 to {}", *flags.unit,
                               plan.units.size(), plan.units.size() - 1));
}

/// Plans of older versions name the images as seen from where they were made.
void check_images_are_here(const study::Plan& plan) {
  const fs::path& images = plan.dataset.root;
  if (std::error_code unknown; images.empty() || fs::exists(images, unknown)) return;
  throw Error(fmt::format(
      "{}: the images of the study are not seen here. {}", images.string(),
      images.is_absolute()
          ? "All its workers must see them under this path: mount them there"
          : "An older version planned it: start this in the folder in which it was planned"));
}

int tell_prefixes(const study::RunResult& result) {
  if (result.prefixes.empty()) fmt::print("No frozen pass was made.\n");
  for (const results::PrefixRecord& prefix : result.prefixes) {
    fmt::print("{}: {} added to the prefix cache{}\n", prefix.architecture,
               human_bytes(prefix.bytes),
               prefix.blocks.empty()
                   ? ""
                   : fmt::format(", which has the output of {}", fmt::join(prefix.blocks, ", ")));
  }
  return kExitDone;
}

/// Of a unit that was not run here: it was finished before, or another worker has just tried it.
int tell_unit(const RunFlags& flags, const results::UnitKey& key) {
  const auto records = results::read_journals(fs::path(flags.study)).units;
  const bool is_finished = std::ranges::any_of(
      records, [&](const results::UnitRecord& unit) { return unit.finished && unit.key == key; });
  fmt::print("Unit {} ({}) {}\n", *flags.unit, key.id(),
             is_finished ? "is finished already."
                         : "has failed in another worker; the same command tries it again.");
  return is_finished ? kExitDone : kExitFailedUnits;
}

int tell_result(const RunFlags& flags, const study::Plan& plan, const study::RunResult& result) {
  if (flags.prefix_only) return tell_prefixes(result);
  if (flags.unit && result.finished + result.failed == 0) {
    return tell_unit(flags, plan.units[*flags.unit]);
  }
  fmt::print(
      "{} finished, {} failed by this worker; of {} units {} are finished, {} failed, "
      "{} run elsewhere and {} wait\n",
      result.finished, result.failed, plan.units.size(), result.finished_in_all,
      result.failed_in_all, result.running, result.waiting);
  return result.failed > 0 ? kExitFailedUnits : kExitDone;
}

int run(const RunFlags& flags) {
  study::Plan plan = study::read_plan(flags.study);
  check_unit(flags, plan);
  check_images_are_here(plan);
  if (!flags.cache.empty()) plan.options.cache = flags.cache;
  stop_on_signals();
  Progress progress(plan.options.train.epochs, plan.folds.size() > 1);
  const study::RunResult result = study::run_plan(plan, progress.observer(),
                                                  {.leads = false,
                                                   .prefix_only = flags.prefix_only,
                                                   .unit = flags.unit,
                                                   .task = scheduler_task(),
                                                   .pace = pace_of(flags.silence)});
  exit_on_signals();  // all that counts is in the journal
  return tell_result(flags, plan, result);
}

}  // namespace

void declare_run(CLI::App& app, Action& action) {
  auto flags = std::make_shared<RunFlags>();
  app.add_option("STUDY", flags->study, "Folder of the study, planned by 'fathom plan --save'.")
      ->required();
  auto* unit = app.add_option("--unit", flags->unit,
                              "Only this unit, from 0 in the plan's order; one of the head alone "
                              "takes along those that it is trained together with. Waits while "
                              "another worker has it.");
  app.add_flag("--prefix", flags->prefix_only, "Only the probes and the frozen passes.")
      ->excludes(unit);
  app.add_option("--cache", flags->cache,
                 "Folder of imported weights and of the prefix cache; by default the plan's.");
  app.add_option(
         "--silence", flags->silence,
         "Seconds without a sign of life after which a worker is taken for dead, if nothing "
         "else tells. More where the file system stalls; the same for all workers.")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
  app.footer(
      "One worker among several: start it on as many machines as see STUDY and the images, by ssh\n"
      "or a scheduler. It takes whatever unit nobody has, until none is left, and takes over "
      "those\n"
      "of workers that died, from their checkpoints. 'fathom status STUDY' shows all workers,\n"
      "'fathom report STUDY' makes the report.\n"
      "Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed units, 130 interrupted.");
  action = [flags](const Invocation&) { return run(*flags); };
}

}  // namespace fathom::cli
