#include "fathom/deploy/export.h"

#include <fmt/format.h>

#include <cmath>

#include "fathom/base/error.h"
#include "fathom/report/level_json.h"
#include "fathom/stats/clustered.h"
#include "fathom/stats/delong.h"
#include "fathom/study/plan.h"
#include "fathom/train/classifier.h"
#include "fathom/train/freeze.h"
#include "fathom/weights/seal.h"

namespace fathom::deploy {
namespace {

using results::UnitRecord;

/// The resolved settings that the study's record holds.
study::StudyOptions settings_of(const report::Study& study) {
  study::StudyOptions options;
  study::set_options(options, study.content.study->settings, study.folder.string());
  return options;
}

weights::PretrainedWeights pretrained_of(study::StudyOptions options, const UnitRecord& unit,
                                         const std::string& where_now) {
  const std::string& architecture = unit.key.architecture;
  if (!where_now.empty()) {
    options.arch = {architecture};
    options.weights = {where_now};
  }
  weights::PretrainedWeights weights = study::load_weights(options, architecture);
  if (weights.hash == unit.key.weights) return weights;
  throw Error(
      fmt::format("{}: not the pretrained weights of {} that the study started from; say "
                  "--weights NAME or FILE",
                  weights.card.name, architecture));
}

/// units/<id>/best.safetensors (study/runner).
struct TunedPart {
  weights::WeightFile file;
  std::string where;

  /// An entry of its metadata, which is JSON.
  Json entry(const char* key) const {
    const auto found = file.metadata.find(key);
    const Json json = found == file.metadata.end()
                          ? Json(Json::value_t::discarded)
                          : Json::parse(found->second, nullptr, /*allow_exceptions=*/false);
    if (!json.is_discarded()) return json;
    throw Error(fmt::format("{}: its entry {} is missing or no JSON", where, key));
  }
};

TunedPart read_tuned(const std::filesystem::path& folder, const UnitRecord& unit) {
  const std::filesystem::path path = folder / "units" / unit.key.id() / "best.safetensors";
  TunedPart tuned{weights::read_weight_file(path), path.string()};
  weights::sealed_content(tuned.file, tuned.where,
                          "restore it from a copy, or export another training (--seed)");
  if (results::unit_key_from_json(tuned.entry("fathom.unit")) != unit.key) {
    throw Error(fmt::format("{}: it is of another training than its folder says", tuned.where));
  }
  return tuned;
}

/// `all` with the tuned tensors in the place of the pretrained ones.
class Assembly {
 public:
  Assembly(weights::StateDict all, const weights::StateDict& tuned, std::string where)
      : all_(std::move(all)), left_(tuned), where_(std::move(where)) {}

  /// Puts each tensor that training may have changed.
  void put(const train::NamedTensors& changed) {
    for (const auto& [name, tensor] : changed) {
      const auto found = left_.find(name);
      if (found == left_.end()) refuse("lacks " + name);
      const weights::TensorData wanted = zoo::from_tensor(tensor);
      if (found->second.shape != wanted.shape || found->second.dtype != wanted.dtype) {
        refuse("has " + name + " in another shape or number format");
      }
      all_[name] = found->second;
      left_.erase(found);
    }
  }

  weights::StateDict finish() {
    if (!left_.empty()) refuse("has " + left_.begin()->first + " beyond that");
    return std::move(all_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(fmt::format("{}: it does not hold what this training tunes: it {}", where_, what));
  }

  weights::StateDict all_, left_;
  std::string where_;
};

weights::StateDict assemble(const UnitRecord& unit, const weights::PretrainedWeights& pretrained,
                            const TunedPart& tuned, std::size_t classes, bool norm_frozen) {
  zoo::Network network =
      zoo::load_network(zoo::find_architecture(unit.key.architecture), pretrained.tensors,
                        pretrained.card.name, pretrained.card.conventions);
  const auto root = zoo::to_state_dict(network.root());
  const train::Head head(network.feature_channels(), static_cast<std::int64_t>(classes), 0);
  const train::FrozenNetwork frozen(std::move(network), unit.key.level, norm_frozen);
  if (frozen.frozen_hash() != unit.frozen_hash) {
    throw Error(fmt::format("{}: the frozen tensors are not those that unit {} recorded",
                            pretrained.card.name, unit.key.id()));
  }
  Assembly assembly(root, tuned.file.tensors, tuned.where);
  assembly.put(frozen.trained_parameters());
  assembly.put(frozen.tuned_buffers());
  assembly.put(head.parameters());
  return assembly.finish();
}

/// What the unit's predictions say, as the report has it.
results::UnitEvidence evidence_of(const report::Study& study, const UnitRecord& unit) {
  results::LevelSummary alone;
  alone.units = {&unit};
  const results::Evidence evidence =
      results::read_evidence(study.folder, *study.content.study, {alone});
  if (!evidence.problems.empty()) throw Error(evidence.problems.front().reason);
  return evidence.units.at(&unit);
}

Json with_interval(double value, const stats::Interval& interval) {
  Json json{{"value", number_or_null(value)}};
  json["low"] = number_or_null(interval.low);
  json["high"] = number_or_null(interval.high);
  return json;
}

/// Nothing without test images.
Json at_threshold(const results::UnitEvidence& evidence) {
  using stats::Figure;
  const auto found = evidence.test_scores.find(results::Cases::images);
  if (found == evidence.test_scores.end()) return Json::object();
  const auto json_of = [&](Figure figure) {
    return with_interval(found->second.values[figure], found->second.by_formula[figure]);
  };
  return {{"intervals", stats::kWilsonByGroups},
          {"sensitivity", json_of(Figure::sensitivity_at_threshold)},
          {"specificity", json_of(Figure::specificity_at_threshold)},
          {"ppv", json_of(Figure::ppv_at_threshold)},
          {"npv", json_of(Figure::npv_at_threshold)}};
}

Json figures_of(const UnitRecord& unit, const results::UnitEvidence& evidence) {
  std::size_t validated = 0;
  for (const std::size_t count : unit.validation.confusion.counts) validated += count;
  Json figures;
  figures["validation"] = {
      {"images", validated},
      {"auc", with_interval(evidence.valid.auc, stats::auc_interval(evidence.valid))}};
  figures["test"] = report::test_scores_json(evidence.test_scores);
  if (!std::isnan(evidence.figures.threshold)) {
    figures["test_at_threshold"] = at_threshold(evidence);
  }
  figures["test_calibration"] = {
      {"bins", evidence.figures.as_given.bins.size()},
      {"error", number_or_null(evidence.figures.as_given.error)},
      {"error_at_temperature", number_or_null(evidence.figures.calibrated.error)}};
  return figures;
}

Json training_of(const report::Study& study, const UnitRecord& unit) {
  Json training = results::to_json(unit.key);
  training["unit"] = unit.key.id();
  training["best_epoch"] = unit.best_epoch;
  training["trained_at"] = unit.finished_at;
  training["data_fingerprint"] = study.content.study->data.fingerprint;
  return training;
}

}  // namespace

Exported export_model(const ExportOptions& options) {
  const report::Study study = report::load_study(options.study);
  const ChosenUnit chosen = choose_unit(study, options.wish);
  const UnitRecord& unit = *chosen.unit;
  const study::StudyOptions settings = settings_of(study);
  const weights::PretrainedWeights pretrained = pretrained_of(settings, unit, options.weights);
  const TunedPart tuned = read_tuned(study.folder, unit);
  const results::UnitEvidence evidence = evidence_of(study, unit);

  Exported made{.why = chosen.why};
  ModelCard& card = made.model.card;
  card.fathom = options.fathom;
  card.input_size = tuned.entry("fathom.input_size").get<std::int64_t>();
  card.stain = settings.data.stain;
  card.precision = settings.train.precision;
  card.classes = tuned.entry("fathom.classes").get<std::vector<std::string>>();
  if (card.classes.size() == 2) card.positive = study.content.study->data.positive;
  card.temperature = evidence.figures.temperature;
  card.threshold = evidence.figures.threshold;
  card.weights = pretrained.card;
  card.training = training_of(study, unit);
  card.figures = figures_of(unit, evidence);
  made.model.tensors =
      assemble(unit, pretrained, tuned, card.classes.size(), settings.train.norm == "frozen");
  return made;
}

}  // namespace fathom::deploy
