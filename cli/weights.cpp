#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/import_weights.h"
#include "cli/terminal.h"
#include "fathom/base/download.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/weights/presets.h"
#include "fathom/weights/published.h"
#include "fathom/zoo/check_weights.h"

namespace fathom::cli {
namespace {

namespace fs = std::filesystem;

/// "size" is "" where it is not known.
void print_row(const weights::WeightCard& card, const std::string& size, const char* state) {
  fmt::print("{:<37} {:<19} {:>8}  {:<8}  {} px, {}\n", shown(card.name), shown(card.architecture),
             size, state, card.input_size, weights::preprocessing_name(card.preprocessing));
  fmt::print("    {}; {}\n", shown(card.licence), shown(card.source));
}

/// How much the imported file takes; "" where it has another name than the set, and so no size.
std::string size_of(const fs::path& file) {
  std::error_code renamed;
  const std::uint64_t bytes = fs::file_size(file, renamed);
  return renamed ? "" : human_bytes(bytes);
}

/// Of the published file; "" where its publisher states none.
std::string published_size(const weights::WeightCard& card) {
  constexpr double kMib = 1 << 20;
  if (card.published_mib == 0) return "";
  return human_bytes(static_cast<std::uint64_t>(card.published_mib * kMib));
}

int list_weights(const std::string& cache) {
  const weights::WeightStore store = store_in(cache);
  std::set<std::string> present;
  fmt::print("{:<37} {:<19} {:>8}  {:<8}  {}\n    {}\n", "name", "architecture", "size", "state",
             "input", "licence; source");
  for (const weights::WeightCard& card : store.imported()) {
    print_row(card, size_of(store.file_of(card.name)), "imported");
    present.insert(card.name);
  }
  for (const weights::WeightCard& card : weights::known_cards()) {
    if (present.contains(card.name)) continue;
    const bool has_address = !weights::published_file(card).url.empty();
    print_row(card, published_size(card), has_address ? "known" : "by hand");
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
  import_weights({.file = file}, store_in(cache));
  // The store has its own copy of what was fetched for it.
  if (!was_there && file == fs::absolute(downloads) / card.file) fs::remove(file);
  fmt::print("licence: {}\n", card.licence);
  return kExitDone;
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
  if (!card.md5.empty()) {
    print_fact("its MD5", card.md5);
    print_fact("with top", "MD5 " + card.md5_with_top);
  }
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
    if (file.other_conventions) {
      print_fact("or padding", fmt::format("as {}, norm epsilon {}: say which by --padding",
                                           file.other_conventions->padding,
                                           file.other_conventions->norm_epsilon));
    }
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
  declare_weights_import(app, cache, action);
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
