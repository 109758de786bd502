#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"
#include "fathom/weights/card.h"
#include "fathom/weights/presets.h"
#include "fathom/weights/published.h"
#include "fathom/weights/seal.h"

namespace fathom::weights {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExtension = ".safetensors";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

/// A name becomes a file name, so nothing in it may lead out of the folder.
bool is_valid_name(const std::string& name) {
  constexpr std::size_t kLongest = 100;
  return !name.empty() && name.size() <= kLongest && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), is_plain);
}

/// The longest known architecture that a file's name contains, or a placeholder.
std::string guess_architecture(const std::string& stem) {
  std::string guess;
  for (const WeightCard& card : known_cards()) {
    if (stem.find(card.architecture) != std::string::npos &&
        card.architecture.size() > guess.size()) {
      guess = card.architecture;
    }
  }
  return guess.empty() ? "ARCHITECTURE" : guess;
}

Error no_card(const fs::path& path) {
  std::string name = path.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
  if (!is_valid_name(name)) name = "NAME";
  const std::string architecture = guess_architecture(name);
  return Error(fmt::format(
      "{}: carries no card, so that nothing says what input its weights expect. Say it once: "
      "fathom weights import {} --name {} --arch {} --preprocessing {}",
      path.string(), shell_word(path.string()), name, architecture,
      preprocessing_choices(architecture)));
}

/// The card in a file's metadata, or nothing.
std::optional<WeightCard> carried_card(const WeightFile& file, const std::string& where) {
  const auto found = file.metadata.find(kCardKey);
  if (found == file.metadata.end()) return std::nullopt;
  const Json json = Json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  return card_from_json(json, fmt::format("{}: its card ({})", where, kCardKey));
}

/// Whether a file of this SHA-256 is the card's. The MD5 only of what may be it: it takes as long.
bool is_published_as(const WeightCard& card, const WeightFile& file, const fs::path& path,
                     const std::string& sha256) {
  if (card.md5.empty()) return sha256.starts_with(card.sha256_prefix);
  if (card.architecture != file.architecture) return false;
  const std::string md5 = md5_file(path);
  return md5 == card.md5 || md5 == card.md5_with_top;
}

/// The card of a published file, told by its checksum, or nothing.
std::optional<WeightCard> published_card(const WeightFile& file, const fs::path& path) {
  const std::string hash = sha256_file(path);
  for (WeightCard card : known_cards()) {
    if (!is_published_as(card, file, path, hash)) continue;
    if (card.sha256_prefix.empty()) card.sha256_prefix = hash;
    return card;
  }
  return std::nullopt;
}

PretrainedWeights load_file(const fs::path& path) {
  WeightFile file = read_weight_file(path);
  const std::string where = path.string();
  std::optional<WeightCard> card = find_card(file, path);
  if (!card) throw no_card(path);
  require_finite(file.tensors, where);
  const std::string content = sealed_content(file, where, "import the weights again");
  Sha256 hash;
  hash.update(content).update(to_json(card->preprocessing).dump());
  if (card->conventions != Conventions{}) hash.update(to_json(card->conventions).dump());
  return {.card = std::move(*card), .tensors = std::move(file.tensors), .hash = hash.hex()};
}

/// The imported set at `path`, or nothing when there is none or it is damaged and may be replaced.
std::optional<PretrainedWeights> load_present(const fs::path& path) {
  if (!fs::exists(path)) return std::nullopt;
  try {
    return load_file(path);
  } catch (const Error& error) {
    log_warning("{}: replaced", error.what());
    return std::nullopt;
  }
}

Error not_found(const std::string& name, const std::vector<WeightCard>& imported) {
  std::vector<std::string> names;
  for (const WeightCard& card : imported) names.push_back(card.name);
  for (const WeightCard& card : known_cards()) {
    if (card.name != name) continue;
    return Error(fmt::format("weights '{}' are known but not here; {}", name, how_to_get(card)));
  }
  if (names.empty()) {
    return Error(fmt::format(
        "weights '{}': no such file, and no weights are imported yet; see fathom weights list",
        name));
  }
  return Error(unknown_name("weights (no such file either)", name, names));
}

}  // namespace

std::optional<WeightCard> find_card(const WeightFile& file, const fs::path& path) {
  std::optional<WeightCard> card = carried_card(file, path.string());
  return card ? card : published_card(file, path);
}

fs::path WeightStore::file_of(const std::string& name) const {
  return folder_ / (name + kExtension);
}

std::vector<WeightCard> WeightStore::imported() const {
  std::vector<WeightCard> cards;
  if (!fs::is_directory(folder_)) return cards;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const fs::path& path = entry.path();
    if (path.extension() != kExtension || path.filename().string().starts_with(".")) continue;
    try {
      if (auto card = carried_card(read_weight_file(path), path.string())) {
        cards.push_back(std::move(*card));
      } else {
        log_warning("{}: carries no card: passed over", path.string());
      }
    } catch (const Error& error) {
      log_warning("{}: passed over", error.what());
    }
  }
  std::sort(cards.begin(), cards.end(),
            [](const WeightCard& a, const WeightCard& b) { return a.name < b.name; });
  return cards;
}

void WeightStore::import(const WeightFile& file, const WeightCard& card) const {
  if (!is_valid_name(card.name)) {
    throw Error(fmt::format(
        "'{}' cannot name a weight set; allowed: up to 100 letters, digits, '.', '_' and '-', not "
        "beginning with '.' or '-'",
        card.name));
  }
  const std::string where = fmt::format("weights '{}'", card.name);
  const WeightCard checked = card_from_json(to_json(card), where);
  require_finite(file.tensors, where);
  const std::string content = content_hash(file.tensors);
  const fs::path path = file_of(card.name);
  if (const auto present = load_present(path)) {
    const bool same_numbers = content_hash(present->tensors) == content;
    if (same_numbers && to_json(present->card) == to_json(checked)) return;
    throw Error(
        fmt::format("the name '{}' is taken: {} holds other {}; choose another name or "
                    "remove that file",
                    card.name, path.string(), same_numbers ? "facts on its card" : "numbers"));
  }
  write_sealed(path, file.tensors, {{kCardKey, to_json(checked).dump()}});
}

fs::path WeightStore::path_of(const std::string& name_or_file) const {
  if (is_valid_name(name_or_file)) {
    const fs::path path = file_of(name_or_file);
    if (fs::exists(path)) return path;
  }
  std::error_code too_long_or_hidden;
  if (fs::exists(name_or_file, too_long_or_hidden)) return name_or_file;
  throw not_found(name_or_file, imported());
}

PretrainedWeights WeightStore::load(const std::string& name_or_file) const {
  return load_file(path_of(name_or_file));
}

fs::path default_cache_folder() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  if (auto own = variable("FATHOM_CACHE"); !own.empty()) return own;
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "fathom";
  if (const auto home = variable("HOME"); !home.empty())
    return fs::path(home) / ".cache" / "fathom";
  throw Error("no folder for the cache: set FATHOM_CACHE, XDG_CACHE_HOME or HOME");
}

}  // namespace fathom::weights
