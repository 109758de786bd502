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

int run_study(const study::StudyOptions& options, const Invocation& invocation) {
  const study::Plan plan = study::open_plan(options, invocation.command, versions());
  stop_on_signals();
  Progress progress(plan.options.train.epochs, plan.folds.size() > 1);
  const study::RunResult result = study::run_plan(plan, progress.observer());
  exit_on_signals();  // all that counts is in the journal
  const report::Study study = report::load_study(options.out);
  report::write_reports(study);
  fmt::print("{}\n", report::terminal_report(study, terminal_width()));
  fmt::print("{} finished, {} failed{}\n", result.finished, result.failed,
             result.already_finished > 0
                 ? fmt::format(", {} finished earlier", result.already_finished)
                 : "");
  print_next_step(study);
  return result.failed > 0 ? kExitFailedUnits : kExitDone;
}

}  // namespace

void declare_study(CLI::App& app, Action& action) {
  auto flags = std::make_shared<StudyFlags>();
  flags->declare(app);
  app.footer(
      "Example:\n"
      "  fathom study --data images/ --arch squeezenet1_1 --out study\n"
      "The same command given again goes on with a study that was stopped, and a study can be\n"
      "widened by more seeds, depths, architectures, learning rates or train fractions.\n"
      "Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed units, 130 interrupted.");
  action = [flags](const Invocation& invocation) {
    return run_study(flags->options(), invocation);
  };
}

}  // namespace fathom::cli
