// What a model's configuration says of its layers.
#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/weights/keras.h"

namespace fathom::weights {
namespace {

/// The member of an object, or null.
const Json& member(const Json& json, const char* name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(name);
  return found == json.end() ? kNull : *found;
}

}  // namespace

Json parse_keras_json(std::string_view text, const std::string& where) {
  constexpr std::size_t kMost = std::size_t{4} << 20;  // a list of nothing takes 20 times its text
  if (text.size() > kMost) {
    throw Error(fmt::format("{}: a description of {} bytes; at most {} are read", where,
                            text.size(), kMost));
  }
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw Error(where + ": not valid JSON");
  return json;
}

std::map<std::string, double> epsilons_of(const Json& config) {
  std::map<std::string, double> epsilons;
  // Keras 1's Sequential has the list itself, all others a member "layers" in their config. A
  // model may be a layer: the list grows with what is still to be looked at.
  std::vector<const Json*> models{&config};
  while (!models.empty()) {
    const Json& model = *models.back();
    models.pop_back();
    if (const Json& inner = member(model, "model_config"); !inner.is_null())
      models.push_back(&inner);
    const Json& settings = member(model, "config");
    const Json& layers = settings.is_array() ? settings : member(settings, "layers");
    if (!layers.is_array()) continue;
    for (const Json& layer : layers) {
      models.push_back(&layer);
      const Json& own = member(layer, "config");
      const Json& epsilon = member(own, "epsilon");
      const Json& name = member(own, "name");
      if (epsilon.is_number() && name.is_string()) {
        epsilons[name.get<std::string>()] = epsilon.get<double>();
      }
    }
  }
  return epsilons;
}

}  // namespace fathom::weights
