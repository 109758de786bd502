#include "fathom/results/generalization.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "fathom/image/corruption.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/scores.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

using stats::AucSample;

/// A training of a level, and of another level to be subtracted, or null.
struct Pair {
  const UnitRecord *unit, *against;
};

/// A figure of one unit; with influences where it is known what each image contributes.
using FigureOf = std::function<AucSample(const UnitRecord&)>;

AucSample paired(const AucSample& a, const AucSample& b) {
  if (a.influence.size() != b.influence.size()) return {a.auc - b.auc, {}};
  return stats::difference(a, b);
}

bool tells_of_images(const AucSample& sample) {
  return !sample.influence.empty() && !std::isnan(sample.influence.front());
}

/// By fold; see Generalization for the method. `test_to_train` as in corrected_resampled_t().
stats::Estimate estimate(const std::map<int, std::vector<AucSample>>& folds, double test_to_train) {
  if (folds.size() == 1) {
    const stats::SeedMean mean = stats::mean_over_seeds(folds.begin()->second);
    return mean.seeds == 1 ? stats::over_seeds_and_images(mean, 0, 1)
                           : stats::over_seeds_and_images(mean);
  }
  std::vector<AucSample> means;
  for (const auto& [fold, seeds] : folds) means.push_back(stats::mean_sample(seeds));
  return stats::corrected_resampled_t(stats::mean_over_seeds(means), test_to_train);
}

/// The figures of one level, or of the difference of two.
class Measuring {
 public:
  Measuring(std::vector<Pair> trainings, double test_to_train)
      : trainings_(std::move(trainings)), test_to_train_(test_to_train) {}

  /// Of a figure that may have any value.
  Measured gap(const FigureOf& figure) const {
    const auto [made, found] = measure(figure);
    return with_interval(made, found.interval());
  }

  /// Of a figure between 0 and 1; a difference of two may have any value.
  Measured auc(const FigureOf& figure) const {
    const auto [made, found] = measure(figure);
    const bool is_difference = !trainings_.empty() && trainings_.front().against != nullptr;
    return with_interval(made, is_difference ? found.interval() : found.interval_within({0, 1}));
  }

 private:
  struct Found {
    Measured made;  ///< without its interval
    stats::Estimate estimate;
  };

  Found measure(const FigureOf& figure) const {
    std::map<int, std::vector<AucSample>> folds;
    Measured made{.mean = stats::kUndefined, .covers_images = true};
    for (const auto& [unit, against] : trainings_) {
      AucSample sample = figure(*unit);
      if (against) sample = paired(sample, figure(*against));
      if (std::isnan(sample.auc)) continue;
      ++made.trainings;
      made.covers_images &= tells_of_images(sample);
      folds[unit->key.fold].push_back(std::move(sample));
    }
    made.covers_images &= made.trainings > 0;
    if (made.trainings == 0) return {made, {stats::kUndefined, stats::kUndefined, 1}};
    if (!made.covers_images) {
      for (auto& [fold, samples] : folds) {
        for (AucSample& sample : samples) sample.influence.clear();
      }
    }
    const stats::Estimate found = estimate(folds, test_to_train_);
    made.mean = found.value;
    return {made, found};
  }

  /// One training of which no image is known has no interval; nor has a figure that nothing moved,
  /// which does not show how sure it is.
  static Measured with_interval(Measured made, const stats::Interval& interval) {
    constexpr double kRounding = 1e-12;
    const bool known =
        (made.trainings > 1 || made.covers_images) && interval.high - interval.low > kRounding;
    made.interval = known ? interval : stats::Interval{stats::kUndefined, stats::kUndefined};
    return made;
  }

  std::vector<Pair> trainings_;
  double test_to_train_;
};

/// A figure whose images are not kept one by one.
template <class Figure>
FigureOf without_images(Figure figure) {
  return [figure](const UnitRecord& unit) -> AucSample { return {figure(unit), {}}; };
}

double uncorrupted_auc(const UnitRecord& unit) {
  return unit.corruptions.empty() ? stats::kUndefined : unit.uncorrupted_auc;
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

/// The gap is over two sets of images: their influences stand side by side.
AucSample valid_to_test(const UnitRecord& unit, const Evidence& evidence, bool with_images) {
  if (!unit.test) return {stats::kUndefined, {}};
  AucSample gap{unit.validation.auc - unit.test->auc, {}};
  const auto found = evidence.units.find(&unit);
  if (!with_images || found == evidence.units.end()) return gap;
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

void add_gaps(LevelGeneralization& made, const Measuring& over, const Evidence& evidence,
              bool several_folds) {
  const auto of_train = [](auto figure) {
    return without_images([figure](const UnitRecord& unit) {
      return unit.train ? figure(unit, *unit.train) : stats::kUndefined;
    });
  };
  made.train_auc = over.auc(of_train([](const auto&, const auto& train) { return train.auc; }));
  made.train_to_valid = over.gap(of_train(
      [](const auto& unit, const auto& train) { return train.auc - unit.validation.auc; }));
  made.log_loss_gap = over.gap(of_train([](const auto& unit, const auto& train) {
    return unit.validation.log_loss - train.log_loss;
  }));
  // The images of folds differ, so that they have no influence in common.
  made.valid_to_test = over.gap(
      [&](const UnitRecord& unit) { return valid_to_test(unit, evidence, !several_folds); });
}

void add_corruptions(LevelGeneralization& made, const Measuring& over,
                     const std::vector<std::string>& kinds) {
  const auto counts = [&](const CorruptionScores& scores) {
    return std::ranges::find(kinds, scores.corruption) != kinds.end();
  };
  const auto mean_auc = [&](const UnitRecord& unit) { return corrupted_auc(unit, counts); };
  made.uncorrupted = over.auc(without_images(uncorrupted_auc));
  made.corrupted = over.auc(without_images(mean_auc));
  made.drop = over.gap(without_images(
      [&](const UnitRecord& unit) { return uncorrupted_auc(unit) - mean_auc(unit); }));
  if (kinds.empty()) return;
  for (const std::string& kind : kinds) {
    made.corruptions.emplace_back(kind, over.auc(without_images([&](const UnitRecord& unit) {
      return corrupted_auc(
          unit, [&](const CorruptionScores& scores) { return scores.corruption == kind; });
    })));
  }
  for (int severity = 1; severity <= image::kSeverities; ++severity) {
    made.severities.push_back(over.auc(without_images([&](const UnitRecord& unit) {
      return corrupted_auc(unit, [&](const CorruptionScores& scores) {
        return scores.severity == severity && counts(scores);
      });
    })));
  }
}

/// The kinds of corruptions that all units have which have any.
std::vector<std::string> common_kinds(const std::vector<UnitRecord>& units) {
  std::map<std::string, std::size_t> seen;
  std::vector<std::string> kinds;
  std::size_t corrupted = 0;
  for (const UnitRecord& unit : units) {
    if (!unit.corruptions.empty()) ++corrupted;
    for (const CorruptionScores& scores : unit.corruptions) {
      if (scores.severity != 1) continue;
      if (++seen[scores.corruption] == 1) kinds.push_back(scores.corruption);
    }
  }
  std::erase_if(kinds, [&](const std::string& kind) { return seen[kind] < corrupted; });
  return kinds;
}

LevelGeneralization measure_all(const Measuring& over, const StudyRecord& study,
                                const Evidence& evidence, const std::vector<std::string>& kinds,
                                bool several_folds) {
  LevelGeneralization made;
  add_gaps(made, over, evidence, several_folds);
  for (const ExternalSummary& set : study.data.external) {
    made.external.emplace_back(set.name, over.auc([&](const UnitRecord& unit) {
      return external_auc(unit, set.name, evidence);
    }));
  }
  add_corruptions(made, over, kinds);
  return made;
}

double test_to_train(const StudyRecord& study, const LevelSummary& level) {
  return scored_to_trained(study.data, &ClassCount::test, level.train_fraction);
}

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

Generalization::Generalization(const StudyRecord& study, const std::vector<UnitRecord>& units,
                               const Evidence& evidence)
    : study_(study), evidence_(evidence), kinds_(common_kinds(units)) {
  several_folds_ = std::ranges::any_of(units, [](const UnitRecord& u) { return u.key.fold > 0; });
}

LevelGeneralization Generalization::of(const LevelSummary& level) const {
  std::vector<Pair> trainings;
  for (const UnitRecord* unit : level.units) trainings.push_back({unit, nullptr});
  return measure_all({std::move(trainings), test_to_train(study_, level)}, study_, evidence_,
                     kinds_, several_folds_);
}

LevelGeneralization Generalization::difference(const LevelSummary& a, const LevelSummary& b) const {
  std::vector<Pair> trainings;
  for (const UnitRecord* one : a.units) {
    const auto other = std::ranges::find_if(b.units, [&](const UnitRecord* unit) {
      return unit->key.fold == one->key.fold && unit->key.seed == one->key.seed;
    });
    if (other != b.units.end()) trainings.push_back({one, *other});
  }
  return measure_all({std::move(trainings), test_to_train(study_, a)}, study_, evidence_, kinds_,
                     several_folds_);
}

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
  figures.emplace_back("uncorrupted_auc", uncorrupted_auc(unit));
  for (const image::Corruption& kind : image::corruptions()) {
    for (int severity = 1; severity <= image::kSeverities; ++severity) {
      figures.emplace_back(fmt::format("corrupted_{}_{}", kind.name, severity),
                           corrupted_auc(unit, [&](const CorruptionScores& scores) {
                             return scores.corruption == kind.name && scores.severity == severity;
                           }));
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
      part += fmt::format(" [{:+.3f}, {:+.3f}; over other trainings{}]", auc.interval.low,
                          auc.interval.high, auc.covers_images ? " and images" : "");
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
