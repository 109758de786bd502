#include "fathom/study/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/study_flags.h"
#include "fathom/base/clock.h"
#include "fathom/report/text.h"
#include "fathom/results/input_sizes.h"
#include "fathom/study/estimate.h"
#include "fathom/zoo/architecture.h"

namespace fathom::cli {
namespace {

constexpr std::size_t kAnyWidth = std::numeric_limits<std::size_t>::max();

std::string gib(double bytes, int digits) {
  return fmt::format("{:.{}f} GiB", bytes / (1 << 30), digits);
}

void add_row(std::vector<report::TextColumn>& columns, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(cells[i]);
}

void print_levels(const study::PlanEstimate& estimate) {
  std::vector<report::TextColumn> columns{
      {"architecture", false}, {"level", false},   {"fraction"},    {"units"}, {"trained"},
      {"MFLOP forward"},       {"MFLOP backward"}, {"time a unit"}, {"memory"}};
  for (const study::LevelEstimate& e : estimate.levels) {
    add_row(columns, {e.key.architecture, e.key.level.name, fmt::format("{}", e.key.train_fraction),
                      fmt::format("{}", e.units), fmt::format("{}", e.cost.trainable_parameters),
                      fmt::format("{:.1f}", (e.cost.prefix_flops + e.cost.forward_flops) / 1e6),
                      fmt::format("{:.1f}", e.cost.backward_flops / 1e6),
                      human_duration(e.cost.total_seconds), gib(e.cost.peak_memory_bytes, 1)});
  }
  fmt::print("{}", report::text_table(columns, kAnyWidth));
}

/// One architecture's boundaries: what each would cost to store, and which are worth it.
void print_prefix(const std::string& architecture, const study::PrefixPlan& plan) {
  const std::vector<std::string>& blocks = zoo::find_architecture(architecture).blocks;
  fmt::print("\nFrozen prefix of {}: {} images and views\n", architecture, plan.sights.size());
  std::vector<report::TextColumn> columns{{"boundary", false}, {"disk"},   {"compute it"},
                                          {"read it"},         {"wanted"}, {"stored", false}};
  const std::vector<std::size_t> filled = plan.filled();
  double compute = plan.costs.read[0];
  for (std::size_t b = 1; b < plan.costs.read.size(); ++b) {
    compute += plan.costs.compute[b - 1];
    const bool stored = std::ranges::find(filled, b) != filled.end();
    const auto sights = static_cast<double>(plan.sights.size());
    const char* why = b == plan.demand.always ? "yes: the head trains on it"
                      : stored                ? "yes: cheaper than computing it again"
                      : plan.demand.reads[b] == 0
                          ? "no: no unit starts there"
                          : "no: computing it again is cheaper, or it does not fit";
    add_row(columns, {b <= blocks.size() ? blocks[b - 1] : "features",
                      gib(static_cast<double>(plan.costs.bytes[b]) * sights, 2),
                      human_duration(compute * sights), human_duration(plan.costs.read[b] * sights),
                      fmt::format("{:.0f}", plan.demand.reads[b]), why});
  }
  fmt::print("{}Filling takes about {}, {} new on disk.\n", report::text_table(columns, kAnyWidth),
             human_duration(plan.choice.fill_seconds),
             gib(static_cast<double>(plan.choice.bytes), 2));
}

void print_estimate(const study::PlanEstimate& estimate) {
  print_levels(estimate);
  double total = 0;
  for (const study::LevelEstimate& e : estimate.levels) {
    total += e.cost.seconds_with_extras() * static_cast<double>(e.units);
  }
  for (const auto& [architecture, prefix] : estimate.prefixes) {
    print_prefix(architecture, prefix);
    total += prefix.choice.fill_seconds;
  }
  fmt::print("\nAll together: about {}, from a few timed steps of each level on this machine.\n",
             human_duration(total));
}

int show_plan(const study::StudyOptions& options, bool save, const Invocation& invocation) {
  const study::Plan plan = save ? study::open_plan(options, invocation.command, versions())
                                : study::make_plan(options, invocation.command, versions());
  fmt::print("{} units: {} images, {} classes, {} fold(s), {} seed(s), {} learning rate(s)\n",
             plan.units.size(), plan.dataset.samples.size(), plan.dataset.classes.size(),
             plan.folds.size(), options.seeds, options.train.learning_rates.size());
  fmt::print("networks see images of {}\n", results::inputs_in_words(plan.study.architectures));
  for (const std::string& line : data::describe_fractions(plan.dataset, plan.by_fraction)) {
    fmt::print("{}\n", line);
  }
  fmt::print("\n");
  print_estimate(study::estimate_plan(plan));
  for (const std::string& warning : plan.study.data.warnings) fmt::print("Note: {}\n", warning);
  if (save) {
    fmt::print("\nSaved: {0}/plan.json\nNext: fathom run {1}, on as many machines as you like\n",
               options.out, shell_word(options.out));
  }
  return kExitDone;
}

}  // namespace

void declare_plan(CLI::App& app, Action& action) {
  auto flags = std::make_shared<StudyFlags>();
  flags->declare(app);
  auto save = std::make_shared<bool>(false);
  app.add_flag("--save", *save, "Write OUT/plan.json, for 'fathom run'.");
  app.footer(
      "Takes the flags and files of 'fathom study'. Without --save it writes nothing but scratch\n"
      "files in the cache folder, by which it times the disk.");
  action = [flags, save](const Invocation& invocation) {
    return show_plan(flags->options(), *save, invocation);
  };
}

}  // namespace fathom::cli
