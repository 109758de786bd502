#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/study_flags.h"
#include "cli/terminal.h"
#include "fathom/base/log.h"
#include "fathom/report/report.h"
#include "fathom/results/repetition.h"
#include "fathom/study/plan.h"
#include "fathom/study/repeat.h"
#include "fathom/study/runner.h"
#include "fathom/train/runtime.h"

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

struct StudyCommand {
  StudyFlags flags;
  bool joins = false;
  std::string repeat;  ///< a results.json
};

/// Told of a finished study, behind its report.
using Afterword = std::function<void(const report::Study&)>;

int run_study(
    const study::Plan& plan, bool joins, const Afterword& afterword = [](const auto&) {}) {
  stop_on_signals();
  Progress progress(plan.options.train.epochs, plan.folds.size() > 1);
  const study::RunResult result =
      study::run_plan(plan, progress.observer(), {.leads = !joins, .task = scheduler_task()});
  exit_on_signals();  // all that counts is in the journal
  if (result.running + result.waiting > 0) {
    tell_counts(result);
    return tell_what_is_left(result, plan.options.out);
  }
  const report::Study study = report::load_study(plan.options.out);
  report::write_reports(study);
  fmt::print("{}\n", report::terminal_report(study, terminal_width()));
  tell_counts(result);
  afterword(study);
  print_next_step(study);
  return result.failed_in_all > 0 ? kExitFailedUnits : kExitDone;
}

/// Sums are split among threads as they were, as far as this machine's user has not said otherwise.
void compute_like(const study::Original& original) {
  const Json& versions = original.content.study->versions;
  constexpr int kMostThreads = 1024;
  train::use_threads(std::clamp(versions.value("threads", train::thread_count()), 1, kMostThreads));
  for (const std::string& difference : study::differences_of_versions(original, cli::versions())) {
    log_warning("{}: the figures may differ", difference);
  }
}

int repeat_study(const StudyCommand& command, const Invocation& invocation) {
  const study::Original original = study::read_original(command.repeat);
  const study::StudyOptions options = command.flags.over(study::settings_of(original));
  if (options.out.empty()) {
    throw UsageError("--repeat runs a study anew: say --out FOLDER, a folder of its own");
  }
  compute_like(original);
  return run_study(study::open_repeat(options, original, invocation.command, versions()), false,
                   [&](const report::Study& study) {
                     fmt::print("Compared with {}: {}\n", command.repeat,
                                results::in_words(results::compare_runs(original.content.units,
                                                                        study.content.units)));
                   });
}

int start(const StudyCommand& command, const Invocation& invocation) {
  if (!command.repeat.empty()) return repeat_study(command, invocation);
  const study::StudyOptions options = command.flags.options();
  return run_study(command.joins ? study::join_plan(options)
                                 : study::open_plan(options, invocation.command, versions()),
                   command.joins);
}

}  // namespace

void declare_study(CLI::App& app, Action& action) {
  auto command = std::make_shared<StudyCommand>();
  command->flags.declare(app);
  auto* joins = app.add_flag(
      "--join", command->joins,
      "Help a study that another process runs, here or on another machine that sees the folder and "
      "the images: take units that nobody has.");
  app.add_option("--repeat", command->repeat,
                 "The results.json of a study: run it again, with its settings, seeds, parts, "
                 "weights and number of threads, on the same images, into the folder --out; and "
                 "say whether the figures are the same. Flags may say where things lie now "
                 "(--data, --external, --weights, --cache).")
      ->excludes(joins)
      ->excludes(app.get_option("CONFIG"));
  app.footer(
      "Example:\n"
      "  fathom study --data images/ --arch squeezenet1_1 --out study\n"
      "The same command given again goes on with a study that was stopped, and a study can be\n"
      "widened by more seeds, depths, architectures, learning rates or train fractions.\n"
      "Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed units, 130 interrupted.");
  action = [command](const Invocation& invocation) { return start(*command, invocation); };
}

}  // namespace fathom::cli
