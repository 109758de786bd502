#include "fathom/results/training_table.h"

#include <cmath>

#include "fathom/stats/undefined.h"

namespace fathom::results {

using stats::AucSample;

TrainingTable::TrainingTable(const std::vector<LevelSummary>& summaries,
                             const std::vector<std::size_t>& levels,
                             const std::function<AucSample(const UnitRecord&)>& figure) {
  for (const std::size_t level : levels) {
    rows_.emplace_back();
    for (const UnitRecord* unit : summaries[level].units) {
      AucSample sample = figure(*unit);
      if (std::isnan(sample.auc)) continue;
      rows_.back()[{unit->key.fold, unit->key.seed}] = std::move(sample);
      trainings_.insert({unit->key.fold, unit->key.seed});
    }
  }
}

std::size_t TrainingTable::folds() const {
  std::set<int> folds;
  for (const Training& training : trainings_) folds.insert(training.first);
  return folds.size();
}

stats::Contest TrainingTable::contest(double scored_to_trained, bool folds_share_images) const {
  std::vector<std::vector<AucSample>> samples = by_training();
  if (folds() <= 1) return stats::compare_over_seeds(samples);
  if (!folds_share_images) {
    for (auto& row : samples) {
      for (AucSample& sample : row) sample.influence.clear();
    }
  }
  std::vector<int> folds;
  for (const auto& [fold, seed] : trainings_) folds.push_back(fold);
  return stats::compare_over_folds(samples, folds, scored_to_trained);
}

/// [level][training], an AUC of NaN where a level lacks it.
std::vector<std::vector<AucSample>> TrainingTable::by_training() const {
  std::vector<std::vector<AucSample>> samples;
  for (const auto& row : rows_) {
    samples.emplace_back();
    for (const Training& training : trainings_) {
      const auto found = row.find(training);
      samples.back().push_back(found == row.end() ? AucSample{stats::kUndefined, {}}
                                                  : found->second);
    }
  }
  return samples;
}

}  // namespace fathom::results
