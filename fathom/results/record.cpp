#include "fathom/results/record.h"

#include <fmt/format.h>

#include <concepts>
#include <type_traits>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"

namespace fathom::results {
namespace {

// The fields of each record, listed once: `Record` is const for writing and not for reading.
// A field that came later than its record, so that older studies lack it, is
//   fields.newer(name, value)           where it is missing, it stays as a new record has it
//   fields(name, value, where_missing)  left out in writing too, where it is `where_missing`
template <class Record, class Of>
concept RecordOf = std::same_as<std::remove_const_t<Record>, Of>;

template <class Fields, RecordOf<Level> Record>
void list_fields(Fields& fields, Record& r) {
  fields("name", r.name);
  fields("depth", r.depth);
  fields("norm_only", r.norm_only);
}

template <class Fields, RecordOf<UnitKey> Record>
void list_fields(Fields& fields, Record& r) {
  fields("architecture", r.architecture);
  fields("weights", r.weights);
  fields("strategy", r.strategy);
  fields("level", r.level);
  fields("train_fraction", r.train_fraction, 1.0);
  fields("fold", r.fold);
  fields("seed", r.seed);
  fields("learning_rate", r.learning_rate);
  fields("settings", r.settings);
}

template <class Fields, RecordOf<EpochRecord> Record>
void list_fields(Fields& fields, Record& r) {
  fields("epoch", r.epoch);
  fields("learning_rate", r.learning_rate);
  fields("train_loss", r.train_loss);
  fields("valid_loss", r.valid_loss);
  fields("valid_auc", r.valid_auc);
  fields("seconds", r.seconds);
}

template <class Fields, RecordOf<Cost> Record>
void list_fields(Fields& fields, Record& r) {
  fields("prefix_seconds", r.prefix_seconds);
  fields("train_seconds", r.train_seconds);
  fields("evaluate_seconds", r.evaluate_seconds);
  fields("total_seconds", r.total_seconds);
  fields("prefix_flops", r.prefix_flops);
  fields("forward_flops", r.forward_flops);
  fields("backward_flops", r.backward_flops);
  fields("trainable_parameters", r.trainable_parameters);
  fields("total_parameters", r.total_parameters);
  fields("peak_memory_bytes", r.peak_memory_bytes);
  fields("extra_seconds", r.extra_seconds, std::nullopt);
}

template <class Fields, RecordOf<stats::ConfusionMatrix> Record>
void list_fields(Fields& fields, Record& r) {
  fields("classes", r.classes);
  fields("counts", r.counts);
}

template <class Fields, RecordOf<stats::Scores> Record>
void list_fields(Fields& fields, Record& r) {
  fields("auc", r.auc);
  fields("accuracy", r.accuracy);
  fields("balanced_accuracy", r.balanced_accuracy);
  fields("sensitivity", r.sensitivity);
  fields("specificity", r.specificity);
  fields("f1", r.f1);
  fields("log_loss", r.log_loss);
  fields("class_auc", r.class_auc);
  fields("class_sensitivity", r.class_sensitivity);
  fields("class_specificity", r.class_specificity);
  fields("class_f1", r.class_f1);
  fields("confusion", r.confusion);
}

template <class Fields, RecordOf<TrainScores> Record>
void list_fields(Fields& fields, Record& r) {
  fields("images", r.images);
  fields("auc", r.auc);
  fields("log_loss", r.log_loss);
}

template <class Fields, RecordOf<ExternalScores> Record>
void list_fields(Fields& fields, Record& r) {
  fields("name", r.name);
  fields("scores", r.scores);
  fields("predictions_sha256", r.predictions_sha256);
}

template <class Fields, RecordOf<CorruptionScores> Record>
void list_fields(Fields& fields, Record& r) {
  fields("corruption", r.corruption);
  fields("severity", r.severity);
  fields("auc", r.auc);
}

template <class Fields, RecordOf<UnitRecord> Record>
void list_fields(Fields& fields, Record& r) {
  fields("key", r.key);
  fields("finished", r.finished);
  fields("failure", r.failure);
  fields("best_epoch", r.best_epoch);
  fields("validation", r.validation);
  fields("train", r.train, std::nullopt);
  fields("test", r.test);
  fields.newer("external", r.external);
  fields.newer("uncorrupted_auc", r.uncorrupted_auc);
  fields.newer("corruptions", r.corruptions);
  fields.newer("similarity", r.similarity);
  fields("history", r.history);
  fields("cost", r.cost);
  fields("frozen_hash", r.frozen_hash);
  fields("predictions_sha256", r.predictions_sha256);
  fields("finished_at", r.finished_at);
}

template <class Fields, RecordOf<EstimateRecord> Record>
void list_fields(Fields& fields, Record& r) {
  fields("architecture", r.architecture);
  fields("level", r.level);
  fields("train_fraction", r.train_fraction, 1.0);
  fields("cost", r.cost);
}

template <class Fields, RecordOf<PrefixRecord> Record>
void list_fields(Fields& fields, Record& r) {
  fields("architecture", r.architecture);
  fields("blocks", r.blocks);
  fields("images", r.images);
  fields("bytes", r.bytes);
  fields("predicted_seconds", r.predicted_seconds);
  fields("seconds", r.seconds);
  fields("interrupted", r.interrupted, false);
}

template <class Fields, RecordOf<stats::Interval> Record>
void list_fields(Fields& fields, Record& r) {
  fields("low", r.low);
  fields("high", r.high);
}

template <class Fields, RecordOf<ProbedAuc> Record>
void list_fields(Fields& fields, Record& r) {
  fields("auc", r.auc);
  fields("interval", r.interval);
}

template <class Fields, RecordOf<ProbedBoundary> Record>
void list_fields(Fields& fields, Record& r) {
  fields("below", r.below);
  fields("level", r.level);
  fields("features", r.features);
  fields("strength", r.strength);
  fields("validation", r.validation);
  fields("test", r.test);
  fields("logme", r.logme);
}

template <class Fields, RecordOf<ProbeRecord> Record>
void list_fields(Fields& fields, Record& r) {
  fields("architecture", r.architecture);
  fields("fold", r.fold, 0);
  fields("most_images", r.most_images);
  fields("train", r.train);
  fields("valid", r.valid);
  fields("test", r.test);
  fields("boundaries", r.boundaries);
  fields("seconds", r.seconds);
}

template <class Fields, RecordOf<ExternalSummary> Record>
void list_fields(Fields& fields, Record& r) {
  fields("name", r.name);
  fields("path", r.path);
  fields("source", r.source);
  fields("fingerprint", r.fingerprint);
  fields("images", r.images);
  fields("classes", r.classes);
}

template <class Fields, RecordOf<ClassCount> Record>
void list_fields(Fields& fields, Record& r) {
  fields("name", r.name);
  fields("train", r.train);
  fields("valid", r.valid);
  fields("test", r.test);
}

template <class Fields, RecordOf<TrainingShare> Record>
void list_fields(Fields& fields, Record& r) {
  fields("train_fraction", r.train_fraction);
  fields("images", r.images);
}

template <class Fields, RecordOf<DataSummary> Record>
void list_fields(Fields& fields, Record& r) {
  fields("path", r.path);
  fields("source", r.source);
  fields("fingerprint", r.fingerprint);
  fields("image_size", r.image_size);
  fields("positive", r.positive);
  fields("images", r.images);
  fields("groups", r.groups);
  fields("cut_groups", r.cut_groups, std::nullopt);
  fields("equal_images", r.equal_images, std::nullopt);
  fields("look_alike_images", r.look_alike_images, std::nullopt);
  fields("classes", r.classes);
  fields("shares", r.shares, {});
  fields.newer("external", r.external);
  fields("warnings", r.warnings);
  fields("skipped", r.skipped);
  fields("samples", r.samples);
}

template <class Fields, RecordOf<ArchitectureSummary> Record>
void list_fields(Fields& fields, Record& r) {
  fields("name", r.name);
  fields("title", r.title);
  fields("blocks", r.blocks);
  fields("levels", r.levels);
  fields("weights_card", r.weights_card);
}

template <class Fields, RecordOf<StudyRecord> Record>
void list_fields(Fields& fields, Record& r) {
  fields("name", r.name);
  fields("command", r.command);
  fields("created_at", r.created_at);
  fields("settings", r.settings);
  fields("versions", r.versions);
  fields("data", r.data);
  fields("architectures", r.architectures);
  fields("units", r.units);
}

/// Puts each field into a JSON object; not one that is as it is taken for where it is missing.
struct Writer {
  Json json = Json::object();

  template <class T>
  void operator()(const char* name, const T& value) {
    json[name] = encode(value);
  }
  template <class T>
  void operator()(const char* name, const T& value, const std::type_identity_t<T>& where_missing) {
    if (value != where_missing) (*this)(name, value);
  }
  template <class T>
  void newer(const char* name, const T& value) {
    (*this)(name, value);
  }

  static Json encode(double value) { return number_or_null(value); }
  static Json encode(const std::string& value) { return value; }
  static Json encode(const Json& value) { return value; }
  static Json encode(std::integral auto value) { return value; }
  template <class A, class B>
  static Json encode(const std::pair<A, B>& value) {
    return Json::array({encode(value.first), encode(value.second)});
  }
  template <class T>
  static Json encode(const std::optional<T>& value) {
    return value ? encode(*value) : Json(nullptr);
  }
  template <class T>
  static Json encode(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(encode(value));
    return array;
  }
  template <class Record>
  requires(!std::integral<Record>) static Json encode(const Record& record) {
    Writer writer;
    list_fields(writer, record);
    return std::move(writer.json);
  }
};

/// Takes each field from a JSON object; an error names the path to the field.
struct Reader {
  const Json& json;
  std::string where;

  template <class T>
  void operator()(const char* name, T& value) {
    const auto found = json.find(name);
    const std::string path = where + "." + name;
    if (found == json.end()) throw Error(path + " is missing");
    decode(*found, value, path);
  }
  template <class T>
  void operator()(const char* name, T& value, const std::type_identity_t<T>& where_missing) {
    if (json.contains(name)) {
      (*this)(name, value);
    } else {
      value = where_missing;
    }
  }
  template <class T>
  void newer(const char* name, T& value) {
    if (json.contains(name)) (*this)(name, value);
  }

  static void decode(const Json& json, double& value, const std::string& path) {
    if (!json.is_number() && !json.is_null()) refuse(json, "a number or null", path);
    value = number_or_nan(json);
  }
  static void decode(const Json& json, std::string& value, const std::string& path) {
    if (!json.is_string()) refuse(json, "text", path);
    value = json.get<std::string>();
  }
  static void decode(const Json& json, bool& value, const std::string& path) {
    if (!json.is_boolean()) refuse(json, "true or false", path);
    value = json.get<bool>();
  }
  static void decode(const Json& json, std::integral auto& value, const std::string& path) {
    using T = std::remove_reference_t<decltype(value)>;
    if (!json.is_number_integer() || (std::unsigned_integral<T> && !json.is_number_unsigned())) {
      refuse(json, std::unsigned_integral<T> ? "a whole number from 0" : "a whole number", path);
    }
    value = json.get<T>();
  }
  static void decode(const Json& json, Json& value, const std::string&) { value = json; }
  template <class A, class B>
  static void decode(const Json& json, std::pair<A, B>& value, const std::string& path) {
    if (!json.is_array() || json.size() != 2) refuse(json, "a pair", path);
    decode(json[0], value.first, path);
    decode(json[1], value.second, path);
  }
  template <class T>
  static void decode(const Json& json, std::optional<T>& value, const std::string& path) {
    value.reset();
    if (!json.is_null()) decode(json, value.emplace(), path);
  }
  template <class T>
  static void decode(const Json& json, std::vector<T>& values, const std::string& path) {
    if (!json.is_array()) refuse(json, "a list", path);
    values.clear();
    for (const Json& item : json) decode(item, values.emplace_back(), path);
  }
  template <class Record>
  requires(!std::integral<Record>) static void decode(const Json& json, Record& record,
                                                      const std::string& path) {
    if (!json.is_object()) refuse(json, "an object", path);
    Reader reader{json, path};
    list_fields(reader, record);
  }

  [[noreturn]] static void refuse(const Json& found, const char* allowed, const std::string& path) {
    throw Error(fmt::format("{} is {}, but must be {}", path, found.dump(), allowed));
  }
};

template <class Record>
Record read(const Json& json, const char* what) {
  Record record;
  Reader::decode(json, record, what);
  return record;
}

}  // namespace

std::string UnitKey::id() const {
  // 32 bits of the hash suffice: keys that share all the readable parts are few.
  const std::string digits = sha256_hex(to_json(*this).dump()).substr(0, 8);
  const std::string share = train_fraction == 1 ? "" : fmt::format("-t{}", train_fraction);
  return fmt::format("{}-{}{}-f{}-s{}-{}", architecture, level.name, share, fold, seed, digits);
}

Json to_json(const UnitKey& key) { return Writer::encode(key); }
Json to_json(const UnitRecord& record) { return Writer::encode(record); }
Json to_json(const EstimateRecord& record) { return Writer::encode(record); }
Json to_json(const PrefixRecord& record) { return Writer::encode(record); }
Json to_json(const ProbeRecord& record) { return Writer::encode(record); }
Json to_json(const StudyRecord& record) { return Writer::encode(record); }

UnitKey unit_key_from_json(const Json& json) { return read<UnitKey>(json, "key"); }
UnitRecord unit_from_json(const Json& json) { return read<UnitRecord>(json, "unit"); }
StudyRecord study_from_json(const Json& json) { return read<StudyRecord>(json, "study"); }
EstimateRecord estimate_from_json(const Json& json) {
  return read<EstimateRecord>(json, "estimate");
}
PrefixRecord prefix_from_json(const Json& json) { return read<PrefixRecord>(json, "prefix"); }
ProbeRecord probe_from_json(const Json& json) { return read<ProbeRecord>(json, "probe"); }

}  // namespace fathom::results
