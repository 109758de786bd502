#include "fathom/results/precision.h"

#include <algorithm>
#include <cmath>

#include "fathom/stats/corrections.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

using stats::AucSample;
using stats::Interval;
using stats::kUndefined;

constexpr Interval kNoInterval{kUndefined, kUndefined};

LevelFigure over_folds(const std::vector<ScoredTraining>& trainings, double scored_to_trained,
                       const Interval& range) {
  std::map<int, std::vector<double>> folds;
  for (const ScoredTraining& training : trainings)
    folds[training.fold].push_back(training.sample.auc);
  std::vector<AucSample> means;
  for (const auto& [fold, values] : folds) means.push_back({mean_of(values).mean, {}});
  const stats::Estimate found =
      stats::corrected_resampled_t(stats::mean_over_seeds(means), scored_to_trained);
  return {found.value, kNoInterval, found.interval_within(range),
          kUndefined,  kUndefined,  kUndefined};
}

std::vector<AucSample> samples_of(const std::vector<ScoredTraining>& trainings) {
  std::vector<AucSample> samples;
  for (const ScoredTraining& training : trainings) samples.push_back(training.sample);
  return samples;
}

/// `over_images` is computed elsewhere.
LevelFigure over_seeds(const stats::SeedMean& mean, const Interval& over_images,
                       const Interval& range) {
  LevelFigure made{mean.mean, over_images, kNoInterval, kUndefined, kUndefined, kUndefined};
  if (mean.seeds < 2) return made;
  made.over_all = stats::over_seeds_and_images(mean).interval_within(range);
  made.seeds = mean.seeds_alone();
  made.seeds_by_images = mean.seeds_by_images;
  made.images = mean.images;
  return made;
}

bool has_several_folds(const std::vector<ScoredTraining>& trainings) {
  return std::any_of(trainings.begin(), trainings.end(), [&](const ScoredTraining& training) {
    return training.fold != trainings.front().fold;
  });
}

LevelFigure valid_auc(const LevelSummary& level, const Evidence& evidence, double to_train) {
  std::vector<ScoredTraining> trainings;
  for (const UnitRecord* unit : level.units) {
    const auto found = evidence.units.find(unit);
    if (found == evidence.units.end() || std::isnan(found->second.valid.auc)) continue;
    trainings.push_back({unit->key.fold, found->second.valid});
  }
  return mean_figure(trainings, to_train);
}

/// A unit's scores and its fold.
struct Scored {
  int fold;
  const CaseScores* scores;
};

std::vector<Scored> scored_units(const LevelSummary& level, const Evidence& evidence, Cases cases) {
  std::vector<Scored> made;
  for (const UnitRecord* unit : level.units) {
    const auto found = evidence.units.find(unit);
    if (found == evidence.units.end()) continue;
    const auto scores = found->second.test_scores.find(cases);
    if (scores == found->second.test_scores.end()) continue;
    made.push_back({unit->key.fold, &scores->second});
  }
  return made;
}

/// Gives each training the draws in which the figure of every unit is defined, as influences: their
/// inner products are the covariances over the draws, made as large as those of samples (drawing n
/// groups of n varies by (n - 1) / n of it).
void add_draws(std::vector<ScoredTraining>& trainings, const std::vector<Scored>& units,
               stats::Figure figure) {
  for (std::size_t d = 0; d < units.front().scores->draws[figure].size(); ++d) {
    double sum = 0;
    for (const Scored& unit : units) sum += unit.scores->draws[figure][d];
    if (std::isnan(sum)) continue;
    for (std::size_t u = 0; u < units.size(); ++u) {
      trainings[u].sample.influence.push_back(units[u].scores->draws[figure][d]);
    }
  }
  const auto groups = static_cast<double>(units.front().scores->groups);
  const auto draws = static_cast<double>(trainings.front().sample.influence.size());
  const double scale = std::sqrt(groups / (groups - 1) / (draws - 1));
  for (ScoredTraining& training : trainings) {
    std::vector<double>& values = training.sample.influence;
    const double mean = mean_of(values).mean;
    for (double& value : values) value = (value - mean) * scale;
  }
}

/// Whether the draws tell how far other images would move a figure.
bool draws_tell(const std::vector<ScoredTraining>& trainings, const std::vector<Scored>& units) {
  const bool moved = std::ranges::any_of(trainings.front().sample.influence,
                                         [](double influence) { return influence != 0; });
  // Where no draw moves it no case is out of order: an interval of no width would say too much.
  return moved && !units.front().scores->too_few_groups;
}

LevelFigure test_figure(std::vector<Scored> units, const stats::FigureKind& kind, double to_train) {
  std::erase_if(units,
                [&](const Scored& unit) { return std::isnan(unit.scores->values[kind.figure]); });
  std::vector<ScoredTraining> trainings;
  for (const Scored& unit : units) {
    trainings.push_back({unit.fold, {unit.scores->values[kind.figure], {}}});
  }
  if (has_several_folds(trainings)) return over_folds(trainings, to_train, kind.range);
  if (units.empty()) return over_seeds({.mean = kUndefined}, kNoInterval, kind.range);
  add_draws(trainings, units, kind.figure);
  if (!draws_tell(trainings, units)) {
    for (ScoredTraining& training : trainings) training.sample.influence = {kUndefined};
  }
  const std::vector<AucSample> samples = samples_of(trainings);
  const double freedom = static_cast<double>(units.front().scores->groups) - 1;
  const AucSample of_mean = stats::mean_sample(samples);
  const Interval over_images = stats::interval_within(
      kind.range, of_mean.auc, std::sqrt(stats::covariance(of_mean, of_mean)), freedom);
  stats::SeedMean mean = stats::mean_over_seeds(samples);
  mean.images_freedom = freedom;  // its influences are draws, not groups
  return over_seeds(mean, over_images, kind.range);
}

}  // namespace

LevelFigure mean_figure(const std::vector<ScoredTraining>& trainings, double scored_to_trained) {
  constexpr Interval kRange{0, 1};
  if (has_several_folds(trainings)) return over_folds(trainings, scored_to_trained, kRange);
  const std::vector<AucSample> samples = samples_of(trainings);
  const Interval over_images =
      samples.empty() ? kNoInterval : stats::auc_interval(stats::mean_sample(samples));
  return over_seeds(stats::mean_over_seeds(samples), over_images, kRange);
}

const Interval& LevelFigure::widest() const {
  return std::isnan(over_all.low) ? over_images : over_all;
}

TestAuc test_auc_of(const LevelSummary& level, const LevelPrecision& precision) {
  const auto found = precision.test.find(Cases::images);
  if (found != precision.test.end()) {
    const LevelFigure& auc = found->second[stats::Figure::auc];
    if (!std::isnan(auc.widest().low)) return {auc.mean, auc.widest()};
  }
  const Mean& over_units = level.test_auc;
  return {over_units.mean, {std::max(over_units.low, 0.0), std::min(over_units.high, 1.0)}};
}

std::vector<LevelPrecision> precision_of(const StudyRecord& study,
                                         const std::vector<LevelSummary>& summaries,
                                         const Evidence& evidence) {
  std::vector<LevelPrecision> made;
  for (const LevelSummary& level : summaries) {
    const auto to_train = [&](std::size_t ClassCount::*part) {
      return scored_to_trained(study.data, part, level.train_fraction);
    };
    const double valid_to_train = to_train(&ClassCount::valid);
    const double test_to_train = to_train(&ClassCount::test);
    LevelPrecision& precision = made.emplace_back();
    precision.valid_auc = valid_auc(level, evidence, valid_to_train);
    for (const auto& [cases, name] : kCases) {
      const std::vector<Scored> units = scored_units(level, evidence, cases);
      if (units.empty()) continue;
      for (const stats::FigureKind& kind : stats::kFigureKinds) {
        precision.test[cases][kind.figure] = test_figure(units, kind, test_to_train);
      }
    }
  }
  return made;
}

}  // namespace fathom::results
