#include "fathom/results/generalization.h"

#include <algorithm>

#include "fathom/stats/scores.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

/// The mean over the level's units of a figure of one unit.
template <class Figure>
Mean mean_over_units(const LevelSummary& level, Figure figure) {
  std::vector<double> values;
  for (const UnitRecord* unit : level.units) values.push_back(figure(*unit));
  return mean_of(values);
}

double loss_gap(const UnitRecord& unit) {
  const auto best = std::ranges::find(unit.history, unit.best_epoch, &EpochRecord::epoch);
  return best == unit.history.end() ? stats::kUndefined : best->valid_loss - best->train_loss;
}

double auc_gap(const UnitRecord& unit) {
  return unit.test ? unit.validation.auc - unit.test->auc : stats::kUndefined;
}

/// The mean AUC of those corruptions of a unit that `is_wanted`.
template <class Wanted>
double corrupted_auc(const UnitRecord& unit, Wanted is_wanted) {
  std::vector<double> aucs;
  for (const CorruptionScores& scores : unit.corruptions) {
    if (is_wanted(scores)) aucs.push_back(scores.auc);
  }
  return stats::mean_of_defined(aucs);
}

void add_external(LevelGeneralization& made, const LevelSummary& level) {
  if (level.units.empty()) return;
  for (std::size_t i = 0; i < level.units.front()->external.size(); ++i) {
    const auto auc = [&](const UnitRecord& unit) { return unit.external.at(i).scores.auc; };
    made.external.emplace_back(level.units.front()->external[i].name, mean_over_units(level, auc));
  }
}

void add_corruptions(LevelGeneralization& made, const LevelSummary& level) {
  const auto all = [](const auto&) { return true; };
  made.uncorrupted =
      mean_over_units(level, [](const UnitRecord& unit) { return unit.uncorrupted_auc; });
  made.corrupted =
      mean_over_units(level, [&](const UnitRecord& unit) { return corrupted_auc(unit, all); });
  made.drop = mean_over_units(level, [&](const UnitRecord& unit) {
    return unit.uncorrupted_auc - corrupted_auc(unit, all);
  });
  if (level.units.empty()) return;
  std::vector<std::string> kinds;
  int severities = 0;
  for (const CorruptionScores& scores : level.units.front()->corruptions) {
    if (std::ranges::find(kinds, scores.corruption) == kinds.end()) {
      kinds.push_back(scores.corruption);
    }
    severities = std::max(severities, scores.severity);
  }
  for (const std::string& kind : kinds) {
    const auto is_kind = [&](const CorruptionScores& scores) { return scores.corruption == kind; };
    made.corruptions.emplace_back(kind, mean_over_units(level, [&](const UnitRecord& unit) {
                                    return corrupted_auc(unit, is_kind);
                                  }));
  }
  for (int severity = 1; severity <= severities; ++severity) {
    const auto is_as_severe = [&](const CorruptionScores& s) { return s.severity == severity; };
    made.severities.push_back(mean_over_units(
        level, [&](const UnitRecord& unit) { return corrupted_auc(unit, is_as_severe); }));
  }
}

Json named_json(const std::vector<std::pair<std::string, Mean>>& means) {
  Json list = Json::array();
  for (const auto& [name, mean] : means) list.push_back({{"name", name}, {"auc", to_json(mean)}});
  return list;
}

}  // namespace

LevelGeneralization generalization_of(const LevelSummary& level) {
  LevelGeneralization made;
  made.loss_gap = mean_over_units(level, loss_gap);
  made.auc_gap = mean_over_units(level, auc_gap);
  add_external(made, level);
  add_corruptions(made, level);
  return made;
}

Json to_json(const LevelGeneralization& level) {
  Json severities = Json::array();
  for (const Mean& mean : level.severities) severities.push_back(to_json(mean));
  return {
      {"loss_gap", to_json(level.loss_gap)},          {"auc_gap", to_json(level.auc_gap)},
      {"external", named_json(level.external)},       {"uncorrupted", to_json(level.uncorrupted)},
      {"corrupted", to_json(level.corrupted)},        {"drop", to_json(level.drop)},
      {"corruptions", named_json(level.corruptions)}, {"severities", severities}};
}

}  // namespace fathom::results
