#include <fmt/format.h>

#include <filesystem>

#include "cli/command.h"
#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/data/inspect.h"
#include "fathom/data/synthetic.h"

namespace fathom::cli {
namespace {

int inspect_data(const data::DataOptions& options, const std::string& splits_file) {
  const data::Inspection inspection = data::inspect(options);
  for (const std::string& line : data::describe(inspection)) fmt::print("{}\n", line);
  if (!splits_file.empty()) {
    if (!inspection.split_problem.empty()) throw Error(inspection.split_problem);
    write_file_atomically(splits_file, inspection.split_table);
    fmt::print("the part of every image stands in {}; use it by --split-file\n", splits_file);
  }
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
  auto splits_file = std::make_shared<std::string>();
  command->add_option("--write-splits", *splits_file,
                      "Write the part of every image in every fold to this CSV file.");
  data::DataOptions defaults;
  flags->declare(*command, "Settings [data]", defaults.fields());
  command->callback([flags, path, splits_file, &action] {
    action = [flags, path, splits_file](const Invocation&) {
      data::DataOptions options;
      options.data = *path;
      flags->apply(options.fields());
      return inspect_data(options, *splits_file);
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
