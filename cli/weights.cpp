#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "cli/command.h"
#include "cli/terminal.h"
#include "fathom/base/download.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"
#include "fathom/weights/card.h"
#include "fathom/weights/presets.h"
#include "fathom/weights/published.h"
#include "fathom/zoo/check_weights.h"

namespace fathom::cli {
namespace {

namespace fs = std::filesystem;

/// --cache, or the user's cache folder: weights/ has the imported sets, downloads/ what is fetched.
fs::path cache_folder(const std::string& cache) {
  return cache.empty() ? weights::default_cache_folder() : fs::path(cache);
}

weights::WeightStore store_in(const std::string& cache) {
  return weights::WeightStore(cache_folder(cache) / "weights");
}

/// "size" is "" where it is not known: publishers state none that could be checked.
void print_row(const weights::WeightCard& card, const std::string& size, const char* state) {
  fmt::print("{:<34} {:<18} {:>8}  {:<8}  {} px, {}\n", shown(card.name), shown(card.architecture),
             size, state, card.input_size, weights::preprocessing_name(card.preprocessing));
  fmt::print("    {}; {}\n", shown(card.licence), shown(card.source));
}

/// How much the imported file takes; "" where it has another name than the set, and so no size.
std::string size_of(const fs::path& file) {
  std::error_code renamed;
  const std::uint64_t bytes = fs::file_size(file, renamed);
  return renamed ? "" : human_bytes(bytes);
}

int list_weights(const std::string& cache) {
  const weights::WeightStore store = store_in(cache);
  std::set<std::string> present;
  fmt::print("{:<34} {:<18} {:>8}  {:<8}  {}\n    {}\n", "name", "architecture", "size", "state",
             "input", "licence; source");
  for (const weights::WeightCard& card : store.imported()) {
    print_row(card, size_of(store.file_of(card.name)), "imported");
    present.insert(card.name);
  }
  for (const weights::WeightCard& card : weights::known_cards()) {
    if (present.contains(card.name)) continue;
    const bool has_address = !weights::published_file(card).url.empty();
    print_row(card, "", has_address ? "known" : "by hand");
    if (!has_address) fmt::print("    {}\n", weights::how_to_get(card));
  }
  fmt::print(
      "\nimported: ready for use, in {}\n"
      "known: fetch it by 'fathom weights get NAME', or name the published file in --weights\n"
      "by hand: it has no address of its own; what to do stands there\n"
      "'fathom weights inspect NAME' shows the whole card\n\n"
      "Architectures:\n",
      (cache_folder(cache) / "weights").string());
  for (const zoo::Architecture& a : zoo::architectures()) {
    fmt::print("  {:<18} {:<20} from {:>3} px  blocks: {}\n", a.name, a.title, a.min_input,
               fmt::join(a.blocks, " "));
  }
  return kExitDone;
}

struct ImportFlags {
  std::string file, name, arch, preprocessing, source, licence, padding;
  std::optional<int> input_size;
  std::optional<double> norm_epsilon;
};

/// Flags may add to a card that the file brings, never contradict it.
void refuse_contradiction(const ImportFlags& flags, const weights::WeightCard& card) {
  const auto refuse = [&](const char* flag, const std::string& given, const std::string& known) {
    throw Error(
        fmt::format("{}: {} {} contradicts the card of these weights, which says {}; leave "
                    "the flag out",
                    flags.file, flag, given, known));
  };
  if (!flags.arch.empty() && flags.arch != card.architecture) {
    refuse("--arch", flags.arch, card.architecture);
  }
  if (!flags.preprocessing.empty() &&
      weights::find_preset(flags.preprocessing) != card.preprocessing) {
    refuse("--preprocessing", flags.preprocessing, weights::to_json(card.preprocessing).dump());
  }
  if (!flags.padding.empty() && flags.padding != card.conventions.padding) {
    refuse("--padding", flags.padding, card.conventions.padding);
  }
  if (flags.norm_epsilon && *flags.norm_epsilon != card.conventions.norm_epsilon) {
    refuse("--norm-epsilon", fmt::format("{}", *flags.norm_epsilon),
           fmt::format("{}", card.conventions.norm_epsilon));
  }
  if (flags.input_size && *flags.input_size != card.input_size) {
    refuse("--input-size", std::to_string(*flags.input_size), std::to_string(card.input_size));
  }
}

/// What the file says of itself; "unknown" where it says nothing.
std::string stated_in(const weights::WeightFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() || found->second.empty() ? "unknown" : found->second;
}

weights::WeightCard card_from_flags(const ImportFlags& flags, const weights::WeightFile& file) {
  const std::string arch = flags.arch.empty() ? file.architecture : flags.arch;
  if (arch.empty() || flags.preprocessing.empty()) {
    throw Error(fmt::format(
        "{}: not a published file that fathom knows, so its card must be given (a wrong "
        "preprocessing spoils every result without a word): --arch ARCHITECTURE --preprocessing {}",
        flags.file, weights::preprocessing_choices(arch)));
  }
  weights::WeightCard card;
  const zoo::Architecture& architecture = zoo::find_architecture(arch);
  card.architecture = architecture.weights_name;
  card.preprocessing = weights::find_preset(flags.preprocessing);
  card.name = fs::path(flags.file).stem().string();
  card.input_size = flags.input_size.value_or(architecture.default_input);
  card.file = fs::path(flags.file).filename().string();
  card.sha256_prefix = sha256_file(flags.file);
  card.source = stated_in(file, "source");
  card.licence = stated_in(file, "licence");
  return card;
}

/// What the flags say goes before what the format of the file tells.
weights::Conventions conventions_of(const ImportFlags& flags, const weights::WeightFile& file) {
  weights::Conventions conventions = file.conventions;
  if (!flags.padding.empty()) conventions.padding = flags.padding;
  if (flags.norm_epsilon) conventions.norm_epsilon = *flags.norm_epsilon;
  return conventions;
}

/// The tensors of a network may fit another that computes otherwise with them.
void refuse_other_architecture(const weights::WeightFile& file, const weights::WeightCard& card,
                               const std::string& path) {
  if (file.architecture.empty() || file.architecture == card.architecture) return;
  throw Error(fmt::format("{}: these are weights of {}, not of {}; leave --arch out", path,
                          file.architecture, card.architecture));
}

int import_weights(const ImportFlags& flags, const std::string& cache) {
  const weights::WeightFile file = weights::read_weight_file(flags.file);
  const auto known = weights::find_card(file, flags.file);
  if (known) refuse_contradiction(flags, *known);
  weights::WeightCard card = known ? *known : card_from_flags(flags, file);
  if (!known) card.conventions = conventions_of(flags, file);
  refuse_other_architecture(file, card, flags.file);
  if (!flags.name.empty()) card.name = flags.name;
  if (!flags.source.empty()) card.source = flags.source;
  if (!flags.licence.empty()) card.licence = flags.licence;
  zoo::check_weights(zoo::find_architecture(card.architecture), file.tensors, flags.file,
                     card.conventions);
  store_in(cache).import(file, card);
  const std::string doubt = weights::unusual_preprocessing(card);
  if (!doubt.empty()) log_warning("{}", doubt);
  fmt::print("imported {} ({}, {} tensors, {}): use it by --weights {}\n", card.name,
             card.architecture, file.tensors.size(), file.format, card.name);
  return kExitDone;
}

const weights::WeightCard& find_known_card(const std::string& name) {
  std::vector<std::string> names;
  for (const weights::WeightCard& card : weights::known_cards()) {
    if (card.name == name) return card;
    names.push_back(card.name);
  }
  throw Error(unknown_name("weights", name, names));
}

/// Whether the set is imported and whole.
bool is_imported(const weights::WeightStore& store, const std::string& name) {
  if (!fs::exists(store.file_of(name))) return false;
  try {
    store.load(name);
    return true;
  } catch (const Error&) {
    return false;  // import says what was wrong with it and replaces it
  }
}

int get_weights(const std::string& name, const std::string& from, const std::string& cache) {
  const weights::WeightCard& card = find_known_card(name);
  if (is_imported(store_in(cache), name)) {
    fmt::print("{} is imported already: use it by --weights {}\n", name, name);
    return kExitDone;
  }
  stop_on_signals();
  const fs::path downloads = cache_folder(cache) / "downloads";
  const bool was_there = fs::exists(downloads / card.file);
  const fs::path file =
      fetch(weights::published_file(card), downloads, {.from = from, .progress = byte_progress()});
  const int done = import_weights({.file = file}, cache);
  // The store has its own copy of what was fetched for it.
  if (!was_there && file == fs::absolute(downloads) / card.file) fs::remove(file);
  fmt::print("licence: {}\n", card.licence);
  return done;
}

/// The architectures whose backbone the tensors fill.
std::vector<std::string> fitting_architectures(const weights::WeightFile& file,
                                               const weights::Conventions& conventions) {
  std::vector<std::string> names;
  for (const zoo::Architecture& architecture : zoo::architectures()) {
    if (!file.architecture.empty() && file.architecture != architecture.name) continue;
    try {
      zoo::check_weights(architecture, file.tensors, "", conventions);
      names.push_back(architecture.name);
    } catch (const Error&) {
      continue;  // the answer "does not fit" is all that is asked here
    }
  }
  return names;
}

void print_fact(const std::string& name, const std::string& value) {
  fmt::print("{:<13} {}\n", shown(name), value.empty() ? "unknown" : shown(value));
}

void print_conventions(const weights::Conventions& conventions) {
  print_fact("padding", "as " + conventions.padding);
  print_fact("norm epsilon", conventions.norm_epsilon == 0
                                 ? "as torchvision"
                                 : fmt::format("{}", conventions.norm_epsilon));
}

/// Every fact of a card, a line each.
void print_card(const weights::WeightCard& card) {
  const weights::Preprocessing& input = card.preprocessing;
  print_fact("card", card.name);
  print_fact("architecture", card.architecture);
  print_fact("source", card.source);
  print_fact("licence", card.licence);
  print_fact("trained on", card.trained_on);
  print_fact("input size", fmt::format("{} px", card.input_size));
  print_fact("channels", input.channels);
  print_fact("value range", fmt::format("{} to {}", input.low, input.high));
  print_fact("mean", fmt::format("{}", fmt::join(input.mean, " ")));
  print_fact("std", fmt::format("{}", fmt::join(input.std, " ")));
  print_conventions(card.conventions);
  print_fact("from file", card.file);
  print_fact("its SHA-256", card.sha256_prefix);
  if (!card.notes.empty()) print_fact("notes", card.notes);
}

void print_tensors(const weights::StateDict& tensors, bool all) {
  constexpr std::size_t kShown = 12;
  std::size_t count = 0;
  for (const auto& [name, tensor] : tensors) {
    if (!all && count++ == kShown) {
      fmt::print("... {} more, see --all\n", tensors.size() - kShown);
      break;
    }
    fmt::print("  {:<50} {:<5} {}\n", shown(name), weights::dtype_name(tensor.dtype),
               fmt::join(tensor.shape, " x "));
  }
}

int inspect_file(const fs::path& path, bool all) {
  const weights::WeightFile file = weights::read_weight_file(path);
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : file.tensors) elements += tensor.elements();
  fmt::print("{}\n", path.string());
  print_fact("format", file.format);
  print_fact("tensors", fmt::format("{} with {} numbers", file.tensors.size(), elements));
  print_fact("SHA-256", sha256_file(path));
  const auto card = weights::find_card(file, path);
  const weights::Conventions conventions = card ? card->conventions : file.conventions;
  const std::vector<std::string> fits = fitting_architectures(file, conventions);
  print_fact("fits", fits.empty() ? "no architecture of this version"
                                  : fmt::format("{}", fmt::join(fits, ", ")));
  if (card) {
    print_card(*card);
  } else {
    print_fact("card", "none: nothing says what input the weights expect");
    print_conventions(conventions);
  }
  for (const auto& [key, value] : file.metadata) {
    if (key != weights::kCardKey) print_fact(key, value);
  }
  print_tensors(file.tensors, all);
  return kExitDone;
}

/// Of a known set that is not here, its card.
int inspect_weights(const std::string& name_or_file, bool all, const std::string& cache) {
  const weights::WeightStore store = store_in(cache);
  const auto& known = weights::known_cards();
  const auto card = std::ranges::find(known, name_or_file, &weights::WeightCard::name);
  if (card == known.end() || fs::exists(store.file_of(card->name))) {
    return inspect_file(store.path_of(name_or_file), all);
  }
  print_card(*card);
  fmt::print("not here; {}\n", weights::how_to_get(*card));
  return kExitDone;
}

void declare_import(CLI::App& app, const std::shared_ptr<std::string>& cache, Action& action) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = app.add_subcommand("import", "check a weight file and keep it with its card");
  command
      ->add_option("FILE", flags->file,
                   "safetensors, .pth of PyTorch (zip or legacy), .h5 of Keras, .npz, or the "
                   "description of a TensorFlow.js layers-model.")
      ->required();
  command->add_option("--name", flags->name,
                      "Name to use it by; by default the published one or the file's.");
  command->add_option("--arch", flags->arch, "Architecture, when the file is not a published one.");
  std::string presets = "Input that the network was trained on:";
  for (const auto& preset : weights::preprocessing_presets()) {
    presets += fmt::format(" {} = {};", preset.name, preset.meaning);
  }
  presets.pop_back();
  command->add_option("--preprocessing", flags->preprocessing, presets);
  command->add_option("--input-size", flags->input_size,
                      "Pixels that it was trained at; by default the architecture's.");
  command
      ->add_option("--padding", flags->padding,
                   "How the network padded in training; by default as the file tells, else as "
                   "torchvision's.")
      ->check(CLI::IsMember({"torchvision", "tensorflow"}));
  command
      ->add_option("--norm-epsilon", flags->norm_epsilon,
                   "What its normalization adds to variances; 0: as torchvision's.")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--source", flags->source, "Where the weights are from, for the report.");
  command->add_option("--licence", flags->licence, "Licence of the weights, for the report.");
  command->callback([flags, cache, &action] {
    action = [flags, cache](const Invocation&) { return import_weights(*flags, *cache); };
  });
}

void declare_weights_get(CLI::App& app, const std::shared_ptr<std::string>& cache, Action& action) {
  CLI::App* command = app.add_subcommand(
      "get", "fetch a known weight set from its publisher, check it and import it");
  auto name = std::make_shared<std::string>();
  auto from = std::make_shared<std::string>();
  command->add_option("NAME", *name, "Name of the set, see 'fathom weights list'.")->required();
  command->add_option("--from", *from,
                      "Folder or address (http, https) that has the published file under its "
                      "name, instead of the publisher.");
  command->callback([name, from, cache, &action] {
    action = [name, from, cache](const Invocation&) { return get_weights(*name, *from, *cache); };
  });
}

}  // namespace

void declare_weights(CLI::App& app, Action& action) {
  app.require_subcommand(1);
  auto cache = std::make_shared<std::string>();
  app.add_option("--cache", *cache,
                 "Folder of imported weights; by default the user's cache folder.");
  app.add_subcommand("list", "known and imported weight sets, and the architectures")
      ->callback([cache, &action] {
        action = [cache](const Invocation&) { return list_weights(*cache); };
      });
  declare_weights_get(app, cache, action);
  declare_import(app, cache, action);
  auto file = std::make_shared<std::string>();
  auto all = std::make_shared<bool>(false);
  CLI::App* inspect = app.add_subcommand("inspect", "what a weight file holds, and its card");
  inspect
      ->add_option("FILE", *file,
                   "Weight file of any readable format, or the name of an imported or known set.")
      ->required();
  inspect->add_flag("--all", *all, "List every tensor.");
  inspect->callback([file, all, cache, &action] {
    action = [file, all, cache](const Invocation&) { return inspect_weights(*file, *all, *cache); };
  });
}

}  // namespace fathom::cli
