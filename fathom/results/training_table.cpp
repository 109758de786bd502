#include "fathom/results/training_table.h"

#include <algorithm>
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
  return folds() > 1 ? stats::compare_over_folds(by_fold(folds_share_images), scored_to_trained)
                     : stats::compare_over_seeds(by_training());
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

/// [level][fold], the mean over the seeds that every level has in that fold; of no seed NaN.
/// Without influences where folds have images of their own.
std::vector<std::vector<AucSample>> TrainingTable::by_fold(bool folds_share_images) const {
  std::map<int, std::vector<Training>> folds;
  for (const Training& training : trainings_) {
    std::vector<Training>& fold = folds[training.first];
    if (std::ranges::all_of(rows_, [&](const auto& row) { return row.contains(training); })) {
      fold.push_back(training);
    }
  }
  std::vector<std::vector<AucSample>> means;
  for (const auto& row : rows_) {
    means.emplace_back();
    for (const auto& [fold, trainings] : folds) {
      std::vector<AucSample> samples;
      for (const Training& training : trainings) samples.push_back(row.at(training));
      AucSample mean =
          samples.empty() ? AucSample{stats::kUndefined, {}} : stats::mean_sample(samples);
      if (!folds_share_images) mean.influence.clear();
      means.back().push_back(std::move(mean));
    }
  }
  return means;
}

}  // namespace fathom::results
