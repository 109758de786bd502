// What generalization.h says as lists, sentences and JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/image/corruption.h"
#include "fathom/results/generalization.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

Json measured_json(const Measured& measured) {
  return {{"mean", number_or_null(measured.mean)},
          {"low", number_or_null(measured.interval.low)},
          {"high", number_or_null(measured.interval.high)},
          {"trainings", measured.trainings},
          {"covers_images", measured.covers_images}};
}

Json named_json(const std::vector<std::pair<std::string, Measured>>& aucs) {
  Json list = Json::array();
  for (const auto& [name, auc] : aucs)
    list.push_back({{"name", name}, {"auc", measured_json(auc)}});
  return list;
}

}  // namespace

std::vector<std::pair<std::string, double>> figures_beyond_test(const UnitRecord& unit,
                                                                const StudyRecord& study) {
  std::vector<std::pair<std::string, double>> figures{
      {"train_auc", unit.train ? unit.train->auc : stats::kUndefined},
      {"train_log_loss", unit.train ? unit.train->log_loss : stats::kUndefined}};
  for (const ExternalSummary& set : study.data.external) {
    const auto found = std::ranges::find(unit.external, set.name, &ExternalScores::name);
    figures.emplace_back(fmt::format("external_{}_auc", set.name),
                         found == unit.external.end() ? stats::kUndefined : found->scores.auc);
  }
  figures.emplace_back("uncorrupted_auc",
                       unit.corruptions.empty() ? stats::kUndefined : unit.uncorrupted_auc);
  for (const image::Corruption& kind : image::corruptions()) {
    for (int severity = 1; severity <= image::kSeverities; ++severity) {
      const auto found =
          std::ranges::find_if(unit.corruptions, [&](const CorruptionScores& scores) {
            return scores.corruption == kind.name && scores.severity == severity;
          });
      figures.emplace_back(fmt::format("corrupted_{}_{}", kind.name, severity),
                           found == unit.corruptions.end() ? stats::kUndefined : found->auc);
    }
  }
  return figures;
}

std::string robustness_in_words(const LevelGeneralization& difference, const std::string& a,
                                const std::string& b) {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& where, const Measured& auc) {
    if (std::isnan(auc.mean)) return;
    std::string part = fmt::format("{:+.3f} {}", auc.mean, where);
    if (!std::isnan(auc.interval.low)) {
      part += fmt::format(" [{:+.3f}, {:+.3f}; over other {}]", auc.interval.low, auc.interval.high,
                          auc.trainings == 1  ? "images"
                          : auc.covers_images ? "trainings and images"
                                              : "trainings");
    }
    parts.push_back(std::move(part));
  };
  for (const auto& [name, auc] : difference.external) add("on " + name, auc);
  add("on test images as they are", difference.uncorrupted);
  add("on the same images under corruption", difference.corrupted);
  if (parts.empty()) return "";
  std::string text = fmt::format("AUC of {} minus that of {}, over the same trainings: ", a, b);
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : ", ") + parts[i];
  return text + ".";
}

Json to_json(const LevelGeneralization& level) {
  Json severities = Json::array();
  for (const Measured& auc : level.severities) severities.push_back(measured_json(auc));
  return {{"train_auc", measured_json(level.train_auc)},
          {"train_to_valid", measured_json(level.train_to_valid)},
          {"valid_to_test", measured_json(level.valid_to_test)},
          {"log_loss_gap", measured_json(level.log_loss_gap)},
          {"external", named_json(level.external)},
          {"uncorrupted", measured_json(level.uncorrupted)},
          {"corrupted", measured_json(level.corrupted)},
          {"drop", measured_json(level.drop)},
          {"corruptions", named_json(level.corruptions)},
          {"severities", severities}};
}

}  // namespace fathom::results
