#include <fmt/format.h>

#include <filesystem>

#include "cli/command.h"
#include "fathom/data/inspect.h"
#include "fathom/data/synthetic.h"

namespace fathom::cli {
namespace {

int inspect_data(const data::DataOptions& options) {
  const data::Inspection inspection = data::inspect(options);
  for (const std::string& line : data::describe(inspection)) fmt::print("{}\n", line);
  if (options.strict) data::refuse_leaks(inspection.leaks);
  return kExitDone;
}

int synthesize(const data::SyntheticOptions& options) {
  data::write_synthetic(options);
  fmt::print("{} synthetic patches per site below {}: drawn by a program, not tissue of anybody\n",
             options.count, options.out);
  fmt::print("Use them by --data {}\n",
             (std::filesystem::path(options.out) / "labels.csv").string());
  return kExitDone;
}

void declare_inspect(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("inspect", "classes, sizes, groups, duplicates and splits of a data set");
  auto flags = std::make_shared<FieldFlags>();
  auto path = std::make_shared<std::string>();
  command->add_option("DATA", *path, "Folder or CSV manifest; the same as --data.");
  data::DataOptions defaults;
  flags->declare(*command, "Settings [data]", defaults.fields());
  command->callback([flags, path, &action] {
    action = [flags, path](const Invocation&) {
      data::DataOptions options;
      options.data = *path;
      flags->apply(options.fields());
      return inspect_data(options);
    };
  });
}

void declare_synth(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("synth", "draw synthetic H&E-like tissue, to try fathom");
  auto flags = std::make_shared<FieldFlags>();
  data::SyntheticOptions defaults;
  flags->declare(*command, "Settings", defaults.fields());
  command->callback([flags, &action] {
    action = [flags](const Invocation&) {
      data::SyntheticOptions options;
      flags->apply(options.fields());
      return synthesize(options);
    };
  });
}

}  // namespace

void declare_data(CLI::App& app, Action& action) {
  app.require_subcommand(1);
  declare_inspect(app, action);
  declare_synth(app, action);
}

}  // namespace fathom::cli
