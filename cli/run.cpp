#include <fmt/format.h>

#include <optional>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/terminal.h"
#include "fathom/study/plan.h"
#include "fathom/study/runner.h"

namespace fathom::cli {
namespace {

struct RunFlags {
  std::string study;
  std::optional<std::size_t> unit;
  bool prefix_only = false;
  std::string cache;
};

void check_unit(const RunFlags& flags, const study::Plan& plan) {
  if (!flags.unit || *flags.unit < plan.units.size()) return;
  throw UsageError(fmt::format("--unit {}: this study has {} units, from 0 to {}", *flags.unit,
                               plan.units.size(), plan.units.size() - 1));
}

int tell_result(const RunFlags& flags, const study::Plan& plan, const study::RunResult& result) {
  if (flags.prefix_only) {
    fmt::print("The frozen passes are done.\n");
    return kExitDone;
  }
  const std::string unit = flags.unit ? plan.units[*flags.unit].id() : "";
  if (!result.unit_held_by.empty()) {
    throw Error(
        fmt::format("unit {} ({}) is being run by {}", *flags.unit, unit, result.unit_held_by));
  }
  if (flags.unit && result.finished + result.failed == 0) {
    fmt::print("Unit {} ({}) is finished already.\n", *flags.unit, unit);
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
  if (!flags.cache.empty()) plan.options.cache = flags.cache;
  stop_on_signals();
  Progress progress(plan.options.train.epochs, plan.folds.size() > 1);
  const study::RunResult result = study::run_plan(plan, progress.observer(),
                                                  {.leads = false,
                                                   .prefix_only = flags.prefix_only,
                                                   .unit = flags.unit,
                                                   .task = scheduler_task()});
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
                              "takes along those that it is trained together with.");
  app.add_flag("--prefix", flags->prefix_only, "Only the probes and the frozen passes.")
      ->excludes(unit);
  app.add_option("--cache", flags->cache,
                 "Folder of imported weights and of the prefix cache; by default the plan's.");
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
