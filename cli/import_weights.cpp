#include "cli/import_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"
#include "fathom/weights/presets.h"
#include "fathom/zoo/check_weights.h"

namespace fathom::cli {
namespace {

namespace fs = std::filesystem;

/// The fields of a card that the flags state.
Json stated_by(const ImportFlags& flags) {
  Json card = Json::object();
  const auto put = [&](const char* field, const std::string& value) {
    if (!value.empty()) card[field] = value;
  };
  put("name", flags.name);
  put("source", flags.source);
  put("licence", flags.licence);
  put("trained_on", flags.trained_on);
  if (!flags.arch.empty()) {
    card["architecture"] = zoo::find_architecture(flags.arch).weights_name;
  }
  if (!flags.preprocessing.empty()) {
    card["preprocessing"] = weights::to_json(weights::find_preset(flags.preprocessing));
  }
  if (flags.input_size) card["input_size"] = *flags.input_size;
  if (!flags.padding.empty()) card["conventions"]["padding"] = flags.padding;
  if (flags.norm_epsilon) card["conventions"]["norm_epsilon"] = *flags.norm_epsilon;
  return card;
}

Json read_card(const std::string& path) {
  Json card = read_json(path);
  if (!card.is_object()) throw Error(path + ": not a weight card: a JSON object was expected");
  return card;
}

/// Puts what is stated into a card: names and origins go before what it says, nothing that results
/// depend on may contradict it.
void add_to(Json& card, const Json& stated, const std::string& where) {
  const std::set<std::string> replaceable{"name", "source", "licence", "trained_on", "notes"};
  Json both = card;
  both.update(stated, /*merge_objects=*/true);
  for (const auto& [field, value] : stated.items()) {
    if (replaceable.contains(field) || !card.contains(field) || both[field] == card[field])
      continue;
    throw Error(
        fmt::format("{}: {} = {} contradicts the card of these weights, which says {}; leave it "
                    "out",
                    where, field, value.dump(), card[field].dump()));
  }
  card = std::move(both);
}

/// What the file says of itself; "unknown" where it says nothing.
std::string stated_in(const weights::WeightFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() || found->second.empty() ? "unknown" : found->second;
}

/// How the network of the file computes. Throws Error where only the user can tell and did not.
weights::Conventions conventions_of(const weights::WeightFile& file, const Json& stated,
                                    const std::string& path) {
  if (!file.other_conventions) return file.conventions;
  const Json conventions = stated.value("conventions", Json::object());
  const Json padding = conventions.is_object() ? conventions.value("padding", Json()) : Json();
  if (padding.is_null()) {
    throw Error(fmt::format(
        "{}: in timm two networks have these tensors, and nothing in the file tells which it is (a "
        "wrong one spoils every result without a word): --padding tensorflow if the name of its "
        "model begins with tf_, else --padding torchvision",
        path));
  }
  return padding == file.conventions.padding ? file.conventions : *file.other_conventions;
}

/// What the card of a file says where nothing else is stated.
Json default_card(const std::string& path, const weights::WeightFile& file,
                  const weights::Conventions& conventions, const zoo::Architecture& architecture) {
  weights::WeightCard card;
  card.name = fs::path(path).stem().string();
  card.architecture = architecture.weights_name;
  card.source = stated_in(file, "source");
  card.licence = stated_in(file, "licence");
  card.input_size = architecture.default_input;
  card.conventions = conventions;
  card.file = fs::path(path).filename().string();
  card.sha256_prefix = sha256_file(path);
  return weights::to_json(card);
}

/// The card of a file that brings none and is no published one.
Json complete_card(const Json& stated, const weights::WeightFile& file, const std::string& path) {
  const Json name = stated.value("architecture", Json(file.architecture));
  const std::string arch = name.is_string() ? name.get<std::string>() : "";
  if (arch.empty() || !stated.contains("preprocessing")) {
    throw Error(fmt::format(
        "{}: not a published file that fathom knows, so its card must be given (a wrong "
        "preprocessing spoils every result without a word): --card CARD.json, or --arch "
        "ARCHITECTURE --preprocessing {}",
        path, weights::preprocessing_choices(arch, weights::is_from_keras(file))));
  }
  Json card =
      default_card(path, file, conventions_of(file, stated, path), zoo::find_architecture(arch));
  const std::string hash = card["sha256_prefix"];
  const Json meant = stated.value("sha256_prefix", Json(hash));
  if (meant.is_string() && !hash.starts_with(meant.get<std::string>())) {
    throw Error(fmt::format("{}: its SHA-256 is {}, the card is of a file with {}", path, hash,
                            meant.get<std::string>()));
  }
  card.erase("preprocessing");  // it must be stated whole
  card.update(stated, /*merge_objects=*/true);
  return card;
}

/// What is known of the file, then the card file, then the flags.
weights::WeightCard card_of(const ImportFlags& flags, const weights::WeightFile& file) {
  const auto known = weights::find_card(file, flags.file);
  Json card = known ? weights::to_json(*known) : Json::object();
  if (!flags.card.empty()) add_to(card, read_card(flags.card), flags.card);
  add_to(card, stated_by(flags), flags.file);
  if (!known) card = complete_card(card, file, flags.file);
  return weights::card_from_json(card, flags.card.empty() ? flags.file : flags.card);
}

/// The tensors of a network may fit another that computes otherwise with them.
void refuse_other_architecture(const weights::WeightFile& file, const weights::WeightCard& card,
                               const std::string& path) {
  if (file.architecture.empty() || file.architecture == card.architecture) return;
  throw Error(fmt::format("{}: these are weights of {}, not of {}; leave the architecture out",
                          path, file.architecture, card.architecture));
}

/// Says what a report cannot tell of the weights.
void note_unknown(const weights::WeightCard& card) {
  std::vector<std::string> unknown;
  const auto look = [&](const char* fact, const std::string& value) {
    if (value.empty() || value == "unknown") unknown.emplace_back(fact);
  };
  look("source", card.source);
  look("licence", card.licence);
  look("what they were trained on", card.trained_on);
  if (unknown.empty()) return;
  fmt::print(
      "note: not known of these weights: {}; reports and exported models cannot tell it (--source, "
      "--licence and --trained-on state it)\n",
      fmt::join(unknown, ", "));
}

}  // namespace

fs::path cache_folder(const std::string& cache) {
  return cache.empty() ? weights::default_cache_folder() : fs::path(cache);
}

weights::WeightStore store_in(const std::string& cache) {
  return weights::WeightStore(cache_folder(cache) / "weights");
}

void import_weights(const ImportFlags& flags, const weights::WeightStore& store) {
  const weights::WeightFile file = weights::read_weight_file(flags.file);
  const weights::WeightCard card = card_of(flags, file);
  refuse_other_architecture(file, card, flags.file);
  zoo::check_weights(zoo::find_architecture(card.architecture), file.tensors, flags.file,
                     card.conventions);
  store.import(file, card);
  const std::string doubt = weights::unusual_preprocessing(card, weights::is_from_keras(file));
  if (!doubt.empty()) log_warning("{}", doubt);
  note_unknown(card);
  fmt::print("imported {} ({}, {} tensors, {}): use it by --weights {}\n", card.name,
             card.architecture, file.tensors.size(), file.format, card.name);
}

void declare_weights_import(CLI::App& app, const std::shared_ptr<std::string>& cache,
                            Action& action) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = app.add_subcommand("import", "check a weight file and keep it with its card");
  command
      ->add_option("FILE", flags->file,
                   "safetensors, .pth of PyTorch (zip or legacy), .h5 or .keras of Keras, .npz, or "
                   "the description of a TensorFlow.js layers-model.")
      ->required();
  command->add_option("--card", flags->card,
                      "JSON file with the card, for any preprocessing; see docs/weight-cards.md.");
  command->add_option("--name", flags->name,
                      "Name to use it by; by default the published one or the file's.");
  command->add_option("--arch", flags->arch, "Architecture, when the file is not a published one.");
  std::string presets = "Input that the network was trained on:";
  for (const auto& preset : weights::preprocessing_presets()) {
    presets += fmt::format(" {} = {};", preset.name, preset.meaning);
  }
  command->add_option("--preprocessing", flags->preprocessing, presets + " another: see --card.");
  command->add_option("--input-size", flags->input_size,
                      "Pixels that it was trained at; by default the architecture's.");
  command
      ->add_option("--padding", flags->padding,
                   "How the network padded in training; by default as the file tells, else as "
                   "torchvision's. Must be said of timm's networks that have a twin named tf_....")
      ->check(CLI::IsMember({"torchvision", "tensorflow"}));
  command
      ->add_option("--norm-epsilon", flags->norm_epsilon,
                   "What its normalization adds to variances, 0: as torchvision's; by default as "
                   "the file or the padding tells.")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--source", flags->source, "Where the weights are from, for the report.");
  command->add_option("--licence", flags->licence, "Licence of the weights, for the report.");
  command->add_option("--trained-on", flags->trained_on,
                      "Images that they were trained on, for the report.");
  command->callback([flags, cache, &action] {
    action = [flags, cache](const Invocation&) {
      import_weights(*flags, store_in(*cache));
      return kExitDone;
    };
  });
}

}  // namespace fathom::cli
