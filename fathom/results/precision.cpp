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

std::vector<AucSample> samples_of(const std::vector<ScoredTraining>& trainings) {
  std::vector<AucSample> samples;
  for (const ScoredTraining& training : trainings) samples.push_back(training.sample);
  return samples;
}

/// What the trainings of one level tell of a figure, before levels share what they tell of the
/// variance between trainings.
struct LevelTrainings {
  stats::SeedMean mean{.mean = kUndefined};  ///< over seeds; with several folds over folds
  Interval over_images = kNoInterval;
  bool several_folds = false;
};

/// Of levels of one architecture.
std::vector<LevelFigure> level_figures(const std::vector<LevelTrainings>& levels,
                                       double scored_to_trained, const Interval& range) {
  std::vector<stats::SeedMean> means;
  for (const LevelTrainings& level : levels) means.push_back(level.mean);
  const stats::BetweenTrainings between = stats::pool_between_trainings(means);
  std::vector<LevelFigure> figures;
  for (const LevelTrainings& level : levels) {
    const stats::SeedMean& mean = level.mean;
    LevelFigure& made = figures.emplace_back(
        LevelFigure{mean.mean, level.over_images, kNoInterval, kUndefined, kUndefined, kUndefined});
    if (mean.seeds < 2) continue;
    const double variance = between.of(mean);
    const stats::Estimate found =
        level.several_folds
            ? stats::corrected_resampled_t(mean, scored_to_trained, variance, between.freedom)
            : stats::over_seeds_and_images(mean, variance, between.freedom);
    made.over_all = found.interval_within(range);
    if (level.several_folds) continue;
    made.seeds = mean.seeds_alone();
    made.seeds_by_images = mean.seeds_by_images;
    made.images = mean.images;
  }
  return figures;
}

/// Where no image, or draw of them, moves the figure of any training (all are in order), nothing
/// tells how sure it is: an interval of no width would say too much.
void forget_unmoved(std::vector<ScoredTraining>& trainings) {
  const bool moved = std::ranges::any_of(trainings, [](const ScoredTraining& training) {
    return std::ranges::any_of(training.sample.influence,
                               [](double influence) { return influence != 0; });
  });
  if (moved) return;
  for (ScoredTraining& training : trainings) training.sample.influence = {kUndefined};
}

bool has_several_folds(const std::vector<ScoredTraining>& trainings) {
  return std::any_of(trainings.begin(), trainings.end(), [&](const ScoredTraining& training) {
    return training.fold != trainings.front().fold;
  });
}

/// Whether all trainings were scored on the same images, which then have a part in the error.
bool have_images_in_common(const std::vector<ScoredTraining>& trainings, bool folds_share_images) {
  return folds_share_images || !has_several_folds(trainings);
}

LevelTrainings over_trainings(const std::vector<ScoredTraining>& trainings) {
  if (!has_several_folds(trainings)) return {stats::mean_over_seeds(samples_of(trainings))};
  std::map<int, std::vector<AucSample>> folds;
  for (const ScoredTraining& training : trainings) {
    folds[training.fold].push_back(training.sample);
  }
  std::vector<AucSample> means;
  for (const auto& [fold, samples] : folds) means.push_back(stats::mean_sample(samples));
  return {.mean = stats::mean_over_seeds(means), .several_folds = true};
}

/// Of a figure whose influences are those of groups of images; without any, nothing is known of
/// images.
LevelTrainings group_trainings(std::vector<ScoredTraining> trainings, bool folds_share_images,
                               const Interval& range) {
  if (trainings.empty()) return {};
  if (!have_images_in_common(trainings, folds_share_images)) {
    for (ScoredTraining& training : trainings) training.sample.influence.clear();
    return over_trainings(trainings);
  }
  if (trainings.front().sample.influence.empty()) return over_trainings(trainings);
  forget_unmoved(trainings);
  LevelTrainings made = over_trainings(trainings);
  const AucSample of_mean = stats::mean_sample(samples_of(trainings));
  made.over_images =
      stats::interval_within(range, of_mean.auc, std::sqrt(stats::covariance(of_mean, of_mean)),
                             stats::error_freedom(of_mean));
  return made;
}

std::vector<ScoredTraining> valid_aucs(const LevelSummary& level, const Evidence& evidence) {
  std::vector<ScoredTraining> trainings;
  for (const UnitRecord* unit : level.units) {
    const auto found = evidence.units.find(unit);
    if (found == evidence.units.end() || std::isnan(found->second.valid.auc)) continue;
    trainings.push_back({unit->key.fold, found->second.valid});
  }
  return trainings;
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

LevelTrainings test_figure(std::vector<Scored> units, const stats::FigureKind& kind,
                           bool folds_share_images) {
  std::erase_if(units,
                [&](const Scored& unit) { return std::isnan(unit.scores->values[kind.figure]); });
  if (units.empty()) return {};
  std::vector<ScoredTraining> trainings;
  for (const Scored& unit : units) {
    trainings.push_back({unit.fold, {unit.scores->values[kind.figure], {}}});
  }
  if (!have_images_in_common(trainings, folds_share_images)) return over_trainings(trainings);
  add_draws(trainings, units, kind.figure);
  if (units.front().scores->too_few_groups) {
    for (ScoredTraining& training : trainings) training.sample.influence = {kUndefined};
  }
  forget_unmoved(trainings);
  LevelTrainings made = over_trainings(trainings);
  const double freedom = static_cast<double>(units.front().scores->groups) - 1;
  const AucSample of_mean = stats::mean_sample(samples_of(trainings));
  made.over_images = stats::interval_within(
      kind.range, of_mean.auc, std::sqrt(stats::covariance(of_mean, of_mean)), freedom);
  made.mean.images_freedom = freedom;  // its influences are draws, not groups
  return made;
}

/// Fills the precision of the levels of one architecture, part by part.
class Architecture {
 public:
  Architecture(const StudyRecord& study, const std::vector<LevelSummary>& summaries,
               const std::vector<std::size_t>& levels, const Evidence& evidence)
      : study_(study), summaries_(summaries), levels_(levels), evidence_(evidence) {}

  void fill_valid(std::vector<LevelPrecision>& precisions) const {
    std::vector<std::vector<ScoredTraining>> levels;
    for (const std::size_t i : levels_) levels.push_back(valid_aucs(summaries_[i], evidence_));
    const auto figures =
        mean_figures(levels, to_train(&ClassCount::valid), /*folds_share_images=*/false, {0, 1});
    for (std::size_t k = 0; k < levels_.size(); ++k) precisions[levels_[k]].valid_auc = figures[k];
  }

  void fill_test(std::vector<LevelPrecision>& precisions, Cases cases) const {
    std::vector<std::vector<Scored>> units;
    for (const std::size_t i : levels_) {
      units.push_back(scored_units(summaries_[i], evidence_, cases));
    }
    for (const stats::FigureKind& kind : stats::kFigureKinds) {
      std::vector<LevelTrainings> trainings;
      for (const auto& of_level : units) {
        trainings.push_back(test_figure(of_level, kind, evidence_.one_test_part));
      }
      const auto figures = level_figures(trainings, to_train(&ClassCount::test), kind.range);
      for (std::size_t k = 0; k < levels_.size(); ++k) {
        if (!units[k].empty()) precisions[levels_[k]].test[cases][kind.figure] = figures[k];
      }
    }
  }

 private:
  double to_train(std::size_t ClassCount::*part) const {
    return scored_to_trained(study_.data, part, summaries_[levels_.front()].train_fraction);
  }

  const StudyRecord& study_;
  const std::vector<LevelSummary>& summaries_;
  const std::vector<std::size_t>& levels_;
  const Evidence& evidence_;
};

}  // namespace

std::vector<LevelFigure> mean_figures(const std::vector<std::vector<ScoredTraining>>& levels,
                                      double scored_to_trained, bool folds_share_images,
                                      const Interval& range) {
  std::vector<LevelTrainings> trainings;
  for (const auto& level : levels) {
    trainings.push_back(group_trainings(level, folds_share_images, range));
  }
  return level_figures(trainings, scored_to_trained, range);
}

const Interval& LevelFigure::widest() const {
  return std::isnan(over_all.low) ? over_images : over_all;
}

TestAuc test_auc_of(const LevelSummary& level, const LevelPrecision& precision) {
  const auto found = precision.test.find(Cases::images);
  if (found != precision.test.end()) {
    const LevelFigure& auc = found->second[stats::Figure::auc];
    return {auc.mean, auc.widest()};
  }
  const Mean& over_units = level.test_auc;
  return {over_units.mean, {std::max(over_units.low, 0.0), std::min(over_units.high, 1.0)}};
}

std::vector<LevelPrecision> precision_of(const StudyRecord& study,
                                         const std::vector<LevelSummary>& summaries,
                                         const Evidence& evidence) {
  std::vector<LevelPrecision> made(summaries.size());
  for (const auto& [name, levels] : by_architecture(summaries)) {
    const Architecture architecture(study, summaries, levels, evidence);
    architecture.fill_valid(made);
    for (const auto& [cases, cases_name] : kCases) architecture.fill_test(made, cases);
  }
  return made;
}

}  // namespace fathom::results
