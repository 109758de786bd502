// What a model's configuration says of its layers.
#include <fmt/format.h>

#include <type_traits>

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

/// The value of a member, where it is of that type.
template <class T>
std::optional<T> told(const Json& json, const char* name) {
  const Json& value = member(json, name);
  const bool is_it = std::is_same_v<T, bool> ? value.is_boolean() : value.is_number();
  return is_it ? std::optional(value.get<T>()) : std::nullopt;
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

KerasNorms norms_of(const Json& config) {
  KerasNorms norms;
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
      if (const Json& name = member(own, "name"); name.is_string()) {
        const KerasNorm norm{told<double>(own, "epsilon"), told<bool>(own, "scale"),
                             told<bool>(own, "center")};
        if (norm.epsilon || norm.scale || norm.center) norms[name.get<std::string>()] = norm;
      }
    }
  }
  return norms;
}

}  // namespace fathom::weights
