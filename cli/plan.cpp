#include "fathom/study/plan.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/study_flags.h"
#include "fathom/base/clock.h"
#include "fathom/study/runner.h"

namespace fathom::cli {
namespace {

void print_estimates(const std::vector<study::LevelEstimate>& estimates) {
  fmt::print("{:<18} {:<10} {:>5} {:>12} {:>14} {:>15} {:>12} {:>10}\n", "architecture", "level",
             "units", "trained", "MFLOP forward", "MFLOP backward", "time a unit", "memory");
  double total = 0;
  for (const study::LevelEstimate& e : estimates) {
    fmt::print("{:<18} {:<10} {:>5} {:>12} {:>14.1f} {:>15.1f} {:>12} {:>6.1f} GiB\n",
               e.key.architecture, e.key.level.name, e.units, e.cost.trainable_parameters,
               (e.cost.prefix_flops + e.cost.forward_flops) / 1e6, e.cost.backward_flops / 1e6,
               human_duration(e.cost.total_seconds),
               static_cast<double>(e.cost.peak_memory_bytes) / (1 << 30));
    total += e.cost.total_seconds * static_cast<double>(e.units);
  }
  fmt::print("\nAll units: about {}, from a few timed steps of each level on this machine.\n",
             human_duration(total));
}

int show_plan(const study::StudyOptions& options, const Invocation& invocation) {
  const study::Plan plan = study::make_plan(options, invocation.command, versions());
  fmt::print("{} units: {} images, {} classes, {} fold(s), {} seed(s), {} learning rate(s)\n\n",
             plan.units.size(), plan.dataset.samples.size(), plan.dataset.classes.size(),
             plan.folds.size(), options.seeds, options.train.learning_rates.size());
  print_estimates(study::estimate_plan(plan));
  for (const std::string& warning : plan.study.data.warnings) fmt::print("Note: {}\n", warning);
  return kExitDone;
}

}  // namespace

void declare_plan(CLI::App& app, Action& action) {
  auto flags = std::make_shared<StudyFlags>();
  flags->declare(app);
  app.footer("Takes the flags and files of 'fathom study' and writes nothing.");
  action = [flags](const Invocation& invocation) {
    return show_plan(flags->options(), invocation);
  };
}

}  // namespace fathom::cli
