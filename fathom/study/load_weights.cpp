// The pretrained weights of a study: which the user names, or the only imported set.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/study/plan.h"
#include "fathom/train/runtime.h"
#include "fathom/weights/presets.h"
#include "fathom/weights/published.h"
#include "fathom/zoo/architecture.h"
#include "fathom/zoo/check_weights.h"

namespace fathom::study {
namespace {

/// NAME of "ARCH=NAME" or "NAME" from --weights for one architecture, where NAME-fine goes before
/// NAME; "" when it says nothing of it.
std::string weights_entry(const StudyOptions& options, const zoo::Architecture& architecture) {
  for (const std::string& name : {architecture.name, architecture.weights_name}) {
    for (const std::string& entry : options.weights) {
      if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
      if (options.arch.size() == 1 && entry.find('=') == std::string::npos) return entry;
    }
  }
  return "";
}

void check_weights_entries(const StudyOptions& options) {
  std::vector<std::string> known = options.arch;
  for (const std::string& name : options.arch) {
    known.push_back(zoo::find_architecture(name).weights_name);
  }
  if (options.arch.size() == 1 && options.weights.size() > 1) {
    throw Error(
        fmt::format("weights: {} sets for one architecture; name one, and study another in "
                    "a folder of its own",
                    options.weights.size()));
  }
  for (const std::string& entry : options.weights) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos && options.arch.size() > 1) {
      throw Error(fmt::format(
          "weights = '{}': with several architectures say which one: ARCH=NAME_OR_FILE", entry));
    }
    if (equals == std::string::npos) continue;
    const std::string architecture = entry.substr(0, equals);
    if (std::ranges::find(known, architecture) == known.end()) {
      throw unknown_name("architecture in weights", architecture, known);
    }
  }
}

Error none_imported(const zoo::Architecture& architecture) {
  const auto& known = weights::known_cards();
  const auto published =
      std::ranges::find(known, architecture.weights_name, &weights::WeightCard::architecture);
  FATHOM_CHECK(published != known.end());
  return Error(fmt::format(
      "no pretrained weights for {}; {}; for a file of your own run: fathom weights import FILE "
      "--name NAME --arch {} --preprocessing {}",
      architecture.name, weights::how_to_get(*published), architecture.weights_name,
      weights::preprocessing_choices(architecture.weights_name)));
}

/// The imported set for an architecture when the user names none.
std::string imported_name(const weights::WeightStore& store,
                          const zoo::Architecture& architecture) {
  std::vector<std::string> names;
  for (const weights::WeightCard& card : store.imported()) {
    if (card.architecture == architecture.weights_name) names.push_back(card.name);
  }
  if (names.size() == 1) return names.front();
  if (names.empty()) throw none_imported(architecture);
  throw Error(fmt::format("several weight sets for {0} are imported ({1}): say --weights {0}=NAME",
                          architecture.name, fmt::join(names, ", ")));
}

}  // namespace

weights::PretrainedWeights load_weights(const StudyOptions& options, const std::string& name) {
  check_weights_entries(options);
  const weights::WeightStore store(cache_folder(options) / "weights");
  const zoo::Architecture& architecture = zoo::find_architecture(name);
  std::string entry = weights_entry(options, architecture);
  if (entry.empty()) entry = imported_name(store, architecture);
  weights::PretrainedWeights weights =
      train::with_memory_to("load the weights " + entry, [&] { return store.load(entry); });
  if (weights.card.architecture != architecture.weights_name) {
    throw Error(fmt::format("{}: these are weights of {}, not of {}", entry,
                            weights.card.architecture, architecture.weights_name));
  }
  zoo::check_weights(architecture, weights.tensors, entry, weights.card.conventions);
  return weights;
}

std::map<std::string, weights::PretrainedWeights> load_weights(const StudyOptions& options) {
  std::map<std::string, weights::PretrainedWeights> loaded;
  for (const std::string& name : options.arch) loaded.emplace(name, load_weights(options, name));
  return loaded;
}

}  // namespace fathom::study
