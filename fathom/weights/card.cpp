#include "fathom/weights/card.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/base/options.h"

namespace fathom::weights {
namespace {

constexpr double kLargest = 1e6;  // far beyond any value range of pixels

/// The settings of a Preprocessing in the types that options.h knows.
struct PreprocessingSettings {
  std::string channels;
  double low, high;
  std::vector<double> mean, std;

  explicit PreprocessingSettings(const Preprocessing& from)
      : channels(from.channels),
        low(from.low),
        high(from.high),
        mean(from.mean.begin(), from.mean.end()),
        std(from.std.begin(), from.std.end()) {}

  std::vector<Field> fields() {
    return {{"channels", &channels, "order of the channels", 0, 0, {"RGB", "BGR"}},
            {"low", &low, "value that 0 becomes", -kLargest, kLargest},
            {"high", &high, "value that 255 becomes", -kLargest, kLargest},
            {"mean", &mean, "subtracted, by channel", -kLargest, kLargest},
            {"std", &std, "divided by, by channel", 1e-9, kLargest}};
  }
};

/// The settings of a WeightCard but the preprocessing.
struct CardSettings {
  WeightCard card;
  std::int64_t input_size;

  explicit CardSettings(WeightCard from) : card(std::move(from)), input_size(card.input_size) {}

  std::vector<Field> fields() {
    return {{"name", &card.name, "name of the weight set"},
            {"architecture", &card.architecture, "the network they belong to"},
            {"source", &card.source, "publisher and address"},
            {"licence", &card.licence, "licence of the weights"},
            {"trained_on", &card.trained_on, "data set"},
            {"input_size", &input_size, "pixels they were trained at", 1, 10'000},
            {"file", &card.file, "published file name"},
            {"sha256_prefix", &card.sha256_prefix, "of the published file"},
            {"notes", &card.notes, "what else must be known"}};
  }
};

std::vector<Field> fields_of(Conventions& conventions) {
  constexpr double kLargestEpsilon = 1;
  return {{"padding",
           &conventions.padding,
           "how convolutions and pooling pad",
           0,
           0,
           {"torchvision", "tensorflow"}},
          {"norm_epsilon", &conventions.norm_epsilon, "added to variances, 0 = as torchvision", 0,
           kLargestEpsilon}};
}

std::array<double, 3> three(const std::vector<double>& values, const char* name,
                            const std::string& where) {
  if (values.size() != 3) {
    throw Error(fmt::format("{}: {} has {} numbers; 3 are needed, one for each channel", where,
                            name, values.size()));
  }
  return {values[0], values[1], values[2]};
}

}  // namespace

Json to_json(const Preprocessing& preprocessing) {
  return fields_to_json(PreprocessingSettings(preprocessing).fields());
}

Preprocessing preprocessing_from_json(const Json& json, const std::string& where) {
  PreprocessingSettings settings{Preprocessing{}};
  all_fields_from_json(settings.fields(), json, where);
  if (!(settings.low < settings.high)) {
    throw Error(
        fmt::format("{}: low = {} must be below high = {}", where, settings.low, settings.high));
  }
  return {.channels = settings.channels,
          .low = settings.low,
          .high = settings.high,
          .mean = three(settings.mean, "mean", where),
          .std = three(settings.std, "std", where)};
}

Json to_json(const Conventions& conventions) {
  Conventions copy = conventions;
  return fields_to_json(fields_of(copy));
}

Json to_json(const WeightCard& card) {
  Json json = fields_to_json(CardSettings(card).fields());
  json["preprocessing"] = to_json(card.preprocessing);
  json["conventions"] = to_json(card.conventions);
  return json;
}

WeightCard card_from_json(const Json& json, const std::string& where) {
  if (!json.is_object() || !json.contains("preprocessing")) {
    throw Error(where + ": not a weight card: a JSON object with 'preprocessing' was expected");
  }
  Json plain = json;
  plain.erase("preprocessing");
  plain.erase("conventions");
  CardSettings settings{WeightCard{}};
  all_fields_from_json(settings.fields(), plain, where);
  try {
    static_cast<void>(plain.dump());
  } catch (const nlohmann::json::exception&) {
    throw Error(where + ": holds text that is not UTF-8");
  }
  settings.card.input_size = static_cast<int>(settings.input_size);
  settings.card.preprocessing =
      preprocessing_from_json(json["preprocessing"], where + ": preprocessing");
  if (const auto found = json.find("conventions"); found != json.end()) {
    all_fields_from_json(fields_of(settings.card.conventions), *found, where + ": conventions");
  }
  return settings.card;
}

}  // namespace fathom::weights
