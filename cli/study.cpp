#include <fmt/format.h>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/study_flags.h"
#include "cli/terminal.h"
#include "fathom/report/report.h"
#include "fathom/study/plan.h"
#include "fathom/study/runner.h"

namespace fathom::cli {
namespace {

void tell_counts(const study::RunResult& result) {
  const std::size_t by_others = result.finished_in_all - result.already_finished - result.finished;
  fmt::print("{} finished, {} failed{}{}\n", result.finished, result.failed,
             result.already_finished > 0
                 ? fmt::format(", {} finished earlier", result.already_finished)
                 : "",
             by_others > 0 ? fmt::format(", {} finished by other workers", by_others) : "");
}

int tell_what_is_left(const study::RunResult& result, const std::string& folder) {
  fmt::print(
      "{} units run elsewhere, {} wait; 'fathom report {}' makes the report when they are "
      "done\n",
      result.running, result.waiting, shell_word(folder));
  return result.failed > 0 ? kExitFailedUnits : kExitDone;
}

int run_study(const study::StudyOptions& options, bool joins, const Invocation& invocation) {
  const study::Plan plan =
      joins ? study::join_plan(options) : study::open_plan(options, invocation.command, versions());
  stop_on_signals();
  Progress progress(plan.options.train.epochs, plan.folds.size() > 1);
  const study::RunResult result =
      study::run_plan(plan, progress.observer(), {.leads = !joins, .task = scheduler_task()});
  exit_on_signals();  // all that counts is in the journal
  if (result.running + result.waiting > 0) {
    tell_counts(result);
    return tell_what_is_left(result, options.out);
  }
  const report::Study study = report::load_study(options.out);
  report::write_reports(study);
  fmt::print("{}\n", report::terminal_report(study, terminal_width()));
  tell_counts(result);
  print_next_step(study);
  return result.failed_in_all > 0 ? kExitFailedUnits : kExitDone;
}

}  // namespace

void declare_study(CLI::App& app, Action& action) {
  auto flags = std::make_shared<StudyFlags>();
  flags->declare(app);
  auto joins = std::make_shared<bool>(false);
  app.add_flag("--join", *joins,
               "Help a study that another process runs, here or on another machine that sees the "
               "folder and the images: take units that nobody has.");
  app.footer(
      "Example:\n"
      "  fathom study --data images/ --arch squeezenet1_1 --out study\n"
      "The same command given again goes on with a study that was stopped, and a study can be\n"
      "widened by more seeds, depths, architectures, learning rates or train fractions.\n"
      "Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed units, 130 interrupted.");
  action = [flags, joins](const Invocation& invocation) {
    return run_study(flags->options(), *joins, invocation);
  };
}

}  // namespace fathom::cli
