#include "fathom/deploy/model_card.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/image/stain.h"
#include "fathom/stats/calibration.h"

namespace fathom::deploy {
namespace {

constexpr const char* kVersionKey = "model_version";

std::vector<std::string> stain_names() {
  std::vector<std::string> names;
  for (const image::StainMethod& method : image::stain_methods()) names.push_back(method.name);
  return names;
}

void check_version(const Json& json, const std::string& where) {
  if (!json.is_object()) throw Error(where + ": the model's card is not a JSON object");
  const Json version = json.value(kVersionKey, Json());
  if (!version.is_number_integer() || version < 1) {
    throw Error(
        fmt::format("{}: the model's card has no whole number '{}' from 1", where, kVersionKey));
  }
  if (version <= kModelVersion) return;
  throw Error(
      fmt::format("{}: a newer fathom wrote this model: its card has version {}, this program "
                  "reads up to {}. Update fathom",
                  where, version.dump(), kModelVersion));
}

/// Takes a part of the card out of `json`.
Json take(Json& json, const char* key, const std::string& where) {
  const auto found = json.find(key);
  if (found == json.end()) throw Error(fmt::format("{}: '{}' is missing", where, key));
  Json part = *found;
  json.erase(key);
  return part;
}

Json take_object(Json& json, const char* key, const std::string& where) {
  Json part = take(json, key, where);
  if (!part.is_object()) throw Error(fmt::format("{}: '{}' is no JSON object", where, key));
  return part;
}

double take_threshold(Json& json, const std::string& where) {
  const Json threshold = take(json, "threshold", where);
  if (threshold.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (threshold.is_number() && threshold >= 0 && threshold <= 1) return threshold.get<double>();
  throw Error(fmt::format("{}: threshold is {}; a probability or null is allowed", where,
                          threshold.dump()));
}

void check_classes(const ModelCard& card, const std::string& where) {
  std::vector<std::string> sorted = card.classes;
  std::ranges::sort(sorted);
  if (sorted.size() < 2 || std::ranges::adjacent_find(sorted) != sorted.end()) {
    throw Error(where + ": classes must be two or more different names");
  }
  const bool has_positive = std::ranges::count(card.classes, card.positive) == 1;
  if (card.classes.size() == 2 ? !has_positive : !card.positive.empty()) {
    throw Error(
        fmt::format("{}: positive is '{}'; one of two classes, and nothing where there are "
                    "more, is allowed",
                    where, card.positive));
  }
}

}  // namespace

std::vector<Field> ModelCard::fields() {
  return {{"fathom", &fathom, "version of the program that exported the model"},
          {"input_size", &input_size, "pixels, height and width", 1, 10'000},
          choice_field("resize", &resize, {kResize}, "how images are brought to the input size"),
          choice_field("stain", &stain, stain_names(), "stain normalization of every image"),
          choice_field("precision", &precision, {"fp32", "bf16"}, "number format in the study"),
          {"classes", &classes, "names in the order of the outputs"},
          {"positive", &positive, "class that counts as positive, of two"},
          {"temperature", &temperature, "that the logits are divided by", stats::kLowestTemperature,
           stats::kHighestTemperature}};
}

Json to_json(ModelCard card) {
  Json json{{kVersionKey, kModelVersion}};
  json.update(fields_to_json(card.fields()));
  json["threshold"] = number_or_null(card.threshold);
  json["weights"] = weights::to_json(card.weights);
  json["training"] = card.training;
  json["figures"] = card.figures;
  return json;
}

ModelCard model_card_from_json(const Json& json, const std::string& where) {
  check_version(json, where);
  Json plain = json;
  plain.erase(kVersionKey);
  ModelCard card;
  card.threshold = take_threshold(plain, where);
  card.weights = weights::card_from_json(take(plain, "weights", where), where + ": weights");
  card.training = take_object(plain, "training", where);
  card.figures = take_object(plain, "figures", where);
  all_fields_from_json(card.fields(), plain, where);
  check_classes(card, where);
  return card;
}

}  // namespace fathom::deploy
