#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "cli/command.h"
#include "cli/terminal.h"
#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/data/inspect.h"
#include "fathom/data/public_sets.h"
#include "fathom/data/sheets.h"
#include "fathom/data/synthetic.h"

namespace fathom::cli {
namespace {

/// Files to write beside what is told; "" = not.
struct InspectFiles {
  std::string splits, look_alikes, views, corruptions;
  int view_count = data::StudyViews().jittered;  ///< those of a study, for the sheets
  std::uint64_t view_seed = data::StudyViews().seed;
};

/// Only new files are written: a table or an image that has been read must never be lost.
void refuse_existing(const InspectFiles& files) {
  std::set<std::string> names;
  for (const std::string& name :
       {files.splits, files.look_alikes, files.views, files.corruptions}) {
    if (name.empty()) continue;
    if (std::filesystem::exists(name)) {
      throw Error(fmt::format("{}: is there already; give another name, or remove it", name));
    }
    if (!names.insert(name).second) {
      throw Error(fmt::format("{}: is asked for twice; give every file a name of its own", name));
    }
  }
}

void write_sheets(const data::Dataset& dataset, std::int64_t image_size,
                  const InspectFiles& files) {
  const data::StudyViews study{static_cast<int>(image_size), files.view_count, files.view_seed};
  if (!files.views.empty()) {
    write_file_atomically(files.views, image::encode_png(data::view_sheet(dataset, study)));
    fmt::print("views of some images are shown in {}\n", files.views);
  }
  if (!files.corruptions.empty()) {
    write_file_atomically(files.corruptions,
                          image::encode_png(data::corruption_sheet(dataset, study)));
    fmt::print("corruptions of some images are shown in {}\n", files.corruptions);
  }
}

int inspect_data(const data::DataOptions& options, const InspectFiles& files) {
  refuse_existing(files);
  const data::Inspection inspection = data::inspect(options);
  for (const std::string& line : data::describe(inspection)) fmt::print("{}\n", shown(line));
  if (!files.splits.empty() && inspection.split_problem.empty()) {
    write_file_atomically(files.splits, inspection.split_table);
    fmt::print("the part of every image stands in {}; use it by --split-file\n", files.splits);
  }
  if (!files.look_alikes.empty()) {
    write_file_atomically(files.look_alikes, inspection.look_alike_table);
    fmt::print(
        "the images that look alike stand in {}, family by family; with only families of different "
        "pictures left in it, --cleared-look-alikes clears these\n",
        files.look_alikes);
  }
  write_sheets(inspection.dataset, options.image_size, files);
  if (!inspection.split_problem.empty()) {
    throw Error(
        fmt::format("{}: cannot be split as asked: {}", options.data, inspection.split_problem));
  }
  if (options.strict) data::refuse_leaks(inspection.leaks);
  return kExitDone;
}

int synthesize(const data::SyntheticOptions& options) {
  data::write_synthetic(options);
  fmt::print("{} synthetic patches per site below {}: drawn by a program, not tissue of anybody\n",
             options.count, options.out);
  fmt::print("Use them by --data {}\n",
             shell_word((std::filesystem::path(options.out) / "labels.csv").string()));
  return kExitDone;
}

int list_public_sets() {
  fmt::print("{:<28} {:>8}  {:<13} {}\n", "name", "to fetch", "licence", "what it shows");
  for (const data::PublicSet& set : data::public_sets()) {
    std::string size = set.bytes() == 0 ? "?" : human_bytes(set.bytes());
    if (set.files.empty()) size = "by hand";
    fmt::print("{:<28} {:>8}  {:<13} {}\n", set.name, size, set.licence, set.title);
  }
  fmt::print("\nFetch one by: fathom data get NAME\n");
  return kExitDone;
}

int get_data(const std::string& name, std::string out, const std::string& from) {
  const data::PublicSet& set = data::find_public_set(name);
  if (out.empty()) out = set.folder();
  stop_on_signals();
  const auto path = data::fetch_public_set(set, out, {.from = from, .progress = byte_progress()});
  fmt::print("{} is in {}\nlicence   {}\ncite      {}\nLook at it by: fathom data inspect {}\n",
             set.name, out, set.licence, set.citation, shell_word(path.string()));
  return kExitDone;
}

void declare_data_get(CLI::App& app, Action& action) {
  struct Flags {
    std::string name, out, from;
  };
  CLI::App* command = app.add_subcommand(
      "get", "fetch a public data set from its publisher, checked by its checksums");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "Its name; without one the names are listed.");
  command->add_option("--out", flags->out, "Folder to put it into; by default its name, here.");
  command->add_option("--from", flags->from,
                      "Folder or address (http, https) that has the published files under their "
                      "names, instead of the publisher.");
  command->callback([flags, &action] {
    action = [flags](const Invocation&) {
      return flags->name.empty() ? list_public_sets()
                                 : get_data(flags->name, flags->out, flags->from);
    };
  });
}

void declare_inspect(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("inspect", "classes, sizes, groups, duplicates and splits of a data set");
  auto flags = std::make_shared<FieldFlags>();
  auto path = std::make_shared<std::string>();
  command->add_option("DATA", *path, "Folder or CSV manifest; the same as --data.");
  auto files = std::make_shared<InspectFiles>();
  command->add_option("--write-splits", files->splits,
                      "Write the part of every image in every fold to this new CSV file.");
  command->add_option("--write-look-alikes", files->look_alikes,
                      "Write the families of images that look alike to this new CSV file "
                      "(path,family).");
  command->add_option("--views", files->views,
                      "Write this new PNG file with the stain normalizations and training views of "
                      "some images.");
  command
      ->add_option("--view-count", files->view_count,
                   "Jittered views on the sheet of --views; a study has them from --views N.")
      ->check(CLI::Range(1, 120));
  command
      ->add_option("--view-seed", files->view_seed,
                   "Seed of the views on the sheet, as a study's --view-seed.")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9'000'000'000'000'000}));
  command->add_option("--corruptions", files->corruptions,
                      "Write this new PNG file with the corruptions of some images.");
  data::DataOptions defaults;
  flags->declare(*command, "Settings [data]", defaults.fields());
  command->callback([flags, path, files, &action] {
    action = [flags, path, files](const Invocation&) {
      data::DataOptions options;
      options.data = *path;
      flags->apply(options.fields());
      if (options.data.empty()) {
        throw UsageError("no data set: say which folder or file, 'fathom data inspect DATA'");
      }
      return inspect_data(options, *files);
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
      if (options.out.empty()) throw UsageError("no folder for the images: say --out FOLDER");
      return synthesize(options);
    };
  });
}

}  // namespace

void declare_data(CLI::App& app, Action& action) {
  app.require_subcommand(1);
  declare_inspect(app, action);
  declare_data_get(app, action);
  declare_synth(app, action);
}

}  // namespace fathom::cli
