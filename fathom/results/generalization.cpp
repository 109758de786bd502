#include "fathom/results/generalization.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "fathom/image/corruption.h"
#include "fathom/results/precision.h"
#include "fathom/results/training_table.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

using stats::AucSample;
using stats::Interval;

constexpr Interval kAuc{0, 1};
constexpr Interval kAnyValue{-std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::infinity()};

/// A figure of one training; with influences where it is known what each image contributes.
using FigureOf = std::function<AucSample(const UnitRecord&)>;

struct Figure {
  FigureOf of;
  Interval range;                   ///< of all values that it can have
  bool folds_share_images = false;  ///< all folds are scored on the same ones
  std::function<Measured&(LevelGeneralization&)> place;
};

/// A figure whose images are not kept one by one.
template <class Value>
FigureOf without_images(Value value) {
  return [value](const UnitRecord& unit) -> AucSample { return {value(unit), {}}; };
}

/// Of training images.
template <class Value>
FigureOf of_train(Value value) {
  return without_images([value](const UnitRecord& unit) {
    return unit.train ? value(unit, *unit.train) : stats::kUndefined;
  });
}

/// The gap is over two sets of images: their influences stand side by side.
AucSample valid_to_test(const UnitRecord& unit, const Evidence& evidence) {
  if (!unit.test) return {stats::kUndefined, {}};
  AucSample gap{unit.validation.auc - unit.test->auc, {}};
  const auto found = evidence.units.find(&unit);
  if (found == evidence.units.end()) return gap;
  gap.influence = found->second.valid.influence;
  for (const double influence : found->second.test.influence) gap.influence.push_back(-influence);
  // Of a part that has too few groups nothing is known, and then nothing of both.
  const bool known = std::ranges::none_of(gap.influence, [](double i) { return std::isnan(i); });
  if (!known) gap.influence.clear();
  return gap;
}

AucSample external_auc(const UnitRecord& unit, const std::string& name, const Evidence& evidence) {
  const auto scores = std::ranges::find(unit.external, name, &ExternalScores::name);
  if (scores == unit.external.end()) return {stats::kUndefined, {}};
  const auto found = evidence.units.find(&unit);
  if (found != evidence.units.end() && found->second.external.contains(name)) {
    return found->second.external.at(name);
  }
  return {scores->scores.auc, {}};
}

/// All figures of a study, and where each has its place in a LevelGeneralization of blank().
class Figures {
 public:
  Figures(const StudyRecord& study, const Evidence& evidence) : evidence_(evidence) {
    add_gaps();
    for (std::size_t s = 0; s < study.data.external.size(); ++s) {
      const std::string& name = study.data.external[s].name;
      blank_.external.emplace_back(name, Measured());
      list_.push_back(
          {[&evidence, name](const UnitRecord& unit) { return external_auc(unit, name, evidence); },
           kAuc, true,
           [s](LevelGeneralization& made) -> Measured& { return made.external[s].second; }});
    }
    add_corruptions();
  }

  const std::vector<Figure>& list() const { return list_; }
  const LevelGeneralization& blank() const { return blank_; }

 private:
  void add(FigureOf of, const Interval& range, Measured LevelGeneralization::*place) {
    list_.push_back({std::move(of), range, false,
                     [place](LevelGeneralization& made) -> Measured& { return made.*place; }});
  }

  void add_gaps() {
    using Level = LevelGeneralization;
    add(of_train([](const auto&, const auto& train) { return train.auc; }), kAuc,
        &Level::train_auc);
    add(of_train(
            [](const auto& unit, const auto& train) { return train.auc - unit.validation.auc; }),
        kAnyValue, &Level::train_to_valid);
    add(of_train([](const auto& unit, const auto& train) {
          return unit.validation.log_loss - train.log_loss;
        }),
        kAnyValue, &Level::log_loss_gap);
    add([this_evidence =
             &evidence_](const UnitRecord& unit) { return valid_to_test(unit, *this_evidence); },
        kAnyValue, &Level::valid_to_test);
  }

  /// `of` takes a unit's CorruptedAucs.
  template <class Of, class Place>
  void add_corrupted(Of of, const Interval& range, Place place) {
    const Evidence& evidence = evidence_;
    const FigureOf of_unit = [&evidence, of](const UnitRecord& unit) {
      const auto found = evidence.units.find(&unit);
      const bool kept = found != evidence.units.end() && found->second.corrupted;
      return kept ? of(*found->second.corrupted) : of(corrupted_aucs(unit, evidence.corruptions));
    };
    list_.push_back({of_unit, range, evidence.one_corrupted_part, place});
  }

  void add_corruptions() {
    using Level = LevelGeneralization;
    add_corrupted([](const CorruptedAucs& aucs) { return aucs.uncorrupted; }, kAuc,
                  [](Level& made) -> Measured& { return made.uncorrupted; });
    add_corrupted([](const CorruptedAucs& aucs) { return aucs.mean; }, kAuc,
                  [](Level& made) -> Measured& { return made.corrupted; });
    add_corrupted(
        [](const CorruptedAucs& aucs) { return stats::difference(aucs.uncorrupted, aucs.mean); },
        kAnyValue, [](Level& made) -> Measured& { return made.drop; });
    if (evidence_.corruptions.empty()) return;
    for (std::size_t k = 0; k < evidence_.corruptions.size(); ++k) {
      blank_.corruptions.emplace_back(evidence_.corruptions[k], Measured());
      add_corrupted([k](const CorruptedAucs& aucs) { return aucs.kinds[k]; }, kAuc,
                    [k](Level& made) -> Measured& { return made.corruptions[k].second; });
    }
    blank_.severities.resize(image::kSeverities);
    for (std::size_t s = 0; s < blank_.severities.size(); ++s) {
      add_corrupted([s](const CorruptedAucs& aucs) { return aucs.severities[s]; }, kAuc,
                    [s](Level& made) -> Measured& { return made.severities[s]; });
    }
  }

  const Evidence& evidence_;
  std::vector<Figure> list_;
  LevelGeneralization blank_;
};

bool tells_of_images(const AucSample& sample) {
  return !sample.influence.empty() && !std::isnan(sample.influence.front());
}

bool moves(const AucSample& sample) {
  return std::ranges::any_of(sample.influence, [](double influence) { return influence != 0; });
}

/// Whether the samples of all trainings together tell of images.
bool tell_of_images(const std::vector<ScoredTraining>& trainings, bool folds_share_images) {
  const bool several_folds = std::ranges::any_of(trainings, [&](const ScoredTraining& training) {
    return training.fold != trainings.front().fold;
  });
  return !trainings.empty() && (folds_share_images || !several_folds) &&
         std::ranges::all_of(trainings, tells_of_images, &ScoredTraining::sample);
}

/// A figure that nothing moved does not show how sure it is: an interval of no width is none.
Measured measured(double mean, const Interval& interval, std::size_t trainings, bool with_images) {
  constexpr double kRounding = 1e-12;
  const bool known = interval.high - interval.low > kRounding;
  return {mean, known ? interval : Interval{stats::kUndefined, stats::kUndefined}, trainings,
          with_images};
}

double test_to_train(const StudyRecord& study, const LevelSummary& level) {
  return scored_to_trained(study.data, &ClassCount::test, level.train_fraction);
}

/// The trainings of a level in which a figure is defined.
std::vector<ScoredTraining> scored_trainings(const LevelSummary& level, const FigureOf& figure) {
  std::vector<ScoredTraining> trainings;
  for (const UnitRecord* unit : level.units) {
    AucSample sample = figure(*unit);
    if (!std::isnan(sample.auc)) trainings.push_back({unit->key.fold, std::move(sample)});
  }
  return trainings;
}

/// Levels two by two, as a contest. What all levels tell of images is lost where one training lacks
/// it: levels of which all trainings tell are compared by themselves as well.
class Differences {
 public:
  /// `levels`: of one architecture and strategy, `all` among them.
  Differences(const StudyRecord& study, const std::vector<LevelSummary>& summaries,
              const std::vector<std::size_t>& levels, const Figure& figure)
      : summaries_(summaries) {
    std::set<int> folds;
    for (const std::size_t level : levels) {
      for (const UnitRecord* unit : summaries[level].units) {
        AucSample sample = figure.of(*unit);
        if (std::isnan(sample.auc)) continue;
        samples_[unit] = std::move(sample);
        folds.insert(unit->key.fold);
      }
    }
    const bool common_images = figure.folds_share_images || folds.size() == 1;
    std::vector<std::size_t> all, telling;
    for (const std::size_t level : levels) {
      const std::vector<const AucSample*> samples = samples_of(level);
      const bool tell = common_images && std::ranges::all_of(samples, [](const AucSample* sample) {
                          return tells_of_images(*sample);
                        });
      if (tell) tell_.insert(level);
      if (samples.size() < 2) continue;
      all.push_back(level);
      if (tell) telling.push_back(level);
    }
    const double to_train = test_to_train(study, summaries[levels.front()]);
    over_trainings_ = compare(all, /*with_images=*/false, figure, to_train);
    over_images_too_ = compare(telling, /*with_images=*/true, figure, to_train);
  }

  Measured between(std::size_t level, std::size_t all) const {
    const bool with_images = tell_.contains(level) && tell_.contains(all);
    const std::vector<AucSample> pairs = paired(level, all, with_images);
    if (pairs.empty()) return measured(stats::kUndefined, kUnknown, 0, false);
    const double mean = stats::mean_sample(pairs).auc;
    const bool images_known = with_images && std::ranges::any_of(pairs, moves);
    if (with_images && !images_known) return measured(mean, kUnknown, pairs.size(), false);
    const stats::Estimate found =
        (with_images ? over_images_too_ : over_trainings_).between(level, all);
    if (!std::isnan(found.value)) {
      return measured(found.value, found.interval(), pairs.size(), with_images);
    }
    if (pairs.size() > 1 || !with_images) return measured(mean, kUnknown, pairs.size(), false);
    const stats::Estimate alone = stats::over_seeds_and_images(stats::mean_over_seeds(pairs), 0, 1);
    return measured(mean, alone.interval(), 1, true);
  }

 private:
  static constexpr Interval kUnknown{stats::kUndefined, stats::kUndefined};

  struct Compared {
    std::vector<std::size_t> levels;  ///< in the order of the contest
    stats::Contest contest;

    /// NaN where the contest has not both.
    stats::Estimate between(std::size_t a, std::size_t b) const {
      const auto row = std::ranges::find(levels, a), against = std::ranges::find(levels, b);
      if (row == levels.end() || against == levels.end()) {
        return {stats::kUndefined, stats::kUndefined, stats::kUndefined};
      }
      return contest.at(static_cast<std::size_t>(row - levels.begin()),
                        static_cast<std::size_t>(against - levels.begin()));
    }
  };

  Compared compare(const std::vector<std::size_t>& levels, bool with_images, const Figure& figure,
                   double to_train) const {
    const TrainingTable table(summaries_, levels, [&](const UnitRecord& unit) {
      const auto found = samples_.find(&unit);
      if (found == samples_.end()) return AucSample{stats::kUndefined, {}};
      return with_images ? found->second : AucSample{found->second.auc, {}};
    });
    return {levels, table.contest(to_train, figure.folds_share_images)};
  }

  std::vector<const AucSample*> samples_of(std::size_t level) const {
    std::vector<const AucSample*> samples;
    for (const UnitRecord* unit : summaries_[level].units) {
      const auto found = samples_.find(unit);
      if (found != samples_.end()) samples.push_back(&found->second);
    }
    return samples;
  }

  std::vector<AucSample> paired(std::size_t level, std::size_t all, bool with_images) const {
    std::vector<AucSample> pairs;
    for (const UnitRecord* one : summaries_[level].units) {
      for (const UnitRecord* other : summaries_[all].units) {
        const bool same = one->key.fold == other->key.fold && one->key.seed == other->key.seed;
        if (!same || !samples_.contains(one) || !samples_.contains(other)) continue;
        const AucSample &a = samples_.at(one), &b = samples_.at(other);
        pairs.push_back(with_images ? stats::difference(a, b) : AucSample{a.auc - b.auc, {}});
      }
    }
    return pairs;
  }

  const std::vector<LevelSummary>& summaries_;
  std::map<const UnitRecord*, AucSample> samples_;
  std::set<std::size_t> tell_;  ///< levels of which every training tells of images
  Compared over_trainings_, over_images_too_;
};

}  // namespace

std::vector<LevelGeneralization> generalization_of(const StudyRecord& study,
                                                   const std::vector<LevelSummary>& summaries,
                                                   const Evidence& evidence) {
  const Figures figures(study, evidence);
  std::vector<LevelGeneralization> made(summaries.size(), figures.blank());
  for (const auto& [architecture, levels] : by_architecture(summaries)) {
    for (const Figure& figure : figures.list()) {
      std::vector<std::vector<ScoredTraining>> trainings;
      std::vector<bool> with_images;
      for (const std::size_t level : levels) {
        trainings.push_back(scored_trainings(summaries[level], figure.of));
        with_images.push_back(tell_of_images(trainings.back(), figure.folds_share_images));
        if (with_images.back()) continue;
        for (ScoredTraining& training : trainings.back()) training.sample.influence.clear();
      }
      const std::vector<LevelFigure> found =
          mean_figures(trainings, test_to_train(study, summaries[levels.front()]),
                       figure.folds_share_images, figure.range);
      for (std::size_t k = 0; k < levels.size(); ++k) {
        figure.place(made[levels[k]]) =
            measured(found[k].mean, found[k].widest(), trainings[k].size(), with_images[k]);
      }
    }
  }
  return made;
}

std::optional<std::size_t> full_tuning(const std::vector<LevelSummary>& summaries,
                                       std::size_t level) {
  const auto found = std::ranges::find_if(summaries, [&](const LevelSummary& other) {
    return other.architecture == summaries[level].architecture &&
           other.strategy == summaries[level].strategy && other.level.name == "all" &&
           !other.units.empty();
  });
  const auto index = static_cast<std::size_t>(found - summaries.begin());
  if (found == summaries.end() || index == level) return std::nullopt;
  return index;
}

std::vector<std::optional<LevelGeneralization>> against_full_tuning(
    const StudyRecord& study, const std::vector<LevelSummary>& summaries,
    const Evidence& evidence) {
  const Figures figures(study, evidence);
  std::map<std::size_t, std::vector<std::size_t>> against;  // levels by what tunes everything
  for (std::size_t level = 0; level < summaries.size(); ++level) {
    const std::optional<std::size_t> all = full_tuning(summaries, level);
    if (all && !summaries[level].units.empty()) against[*all].push_back(level);
  }
  std::vector<std::optional<LevelGeneralization>> made(summaries.size());
  for (const auto& [all, levels] : against) {
    std::vector<std::size_t> with_all = levels;
    with_all.push_back(all);
    for (const std::size_t level : levels) made[level] = figures.blank();
    for (const Figure& figure : figures.list()) {
      const Differences differences(study, summaries, with_all, figure);
      for (const std::size_t level : levels) {
        figure.place(*made[level]) = differences.between(level, all);
      }
    }
  }
  return made;
}

}  // namespace fathom::results
