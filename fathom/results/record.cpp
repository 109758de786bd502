#include "fathom/results/record.h"

#include <fmt/format.h>

#include <concepts>
#include <type_traits>

#include "fathom/base/hash.h"
#include "fathom/results/record_json.h"

namespace fathom::results {

// The fields of each record, listed once (record_json.h): `Record` is const for writing and not for
// reading.
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
  fields("corrupted_sha256", r.corrupted_sha256, std::string());
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

template <class Fields, RecordOf<ImageSizes> Record>
void list_fields(Fields& fields, Record& r) {
  fields("min_height", r.min_height);
  fields("max_height", r.max_height);
  fields("min_width", r.min_width);
  fields("max_width", r.max_width);
  fields("not_square", r.not_square);
}

template <class Fields, RecordOf<DataSummary> Record>
void list_fields(Fields& fields, Record& r) {
  fields("path", r.path);
  fields("source", r.source);
  fields("fingerprint", r.fingerprint);
  fields("sizes", r.sizes, std::nullopt);
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
  fields.newer("input_size", r.input_size);
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

namespace {

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
StudyRecord study_from_json(const Json& json) {
  StudyRecord study = read<StudyRecord>(json, "study");
  const auto of_first = json.at("data").find("image_size");  // where older studies have it
  if (of_first != json.at("data").end() && !study.architectures.empty()) {
    Reader::decode(*of_first, study.architectures.front().input_size, "study.data.image_size");
  }
  return study;
}
EstimateRecord estimate_from_json(const Json& json) {
  return read<EstimateRecord>(json, "estimate");
}
PrefixRecord prefix_from_json(const Json& json) { return read<PrefixRecord>(json, "prefix"); }
ProbeRecord probe_from_json(const Json& json) { return read<ProbeRecord>(json, "probe"); }

}  // namespace fathom::results
