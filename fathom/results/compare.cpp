#include "fathom/results/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "fathom/base/error.h"
#include "fathom/results/training_table.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/scores.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

using stats::AucSample;

/// On validation or on test.
TrainingTable table_of(const std::vector<LevelSummary>& summaries,
                       const std::vector<std::size_t>& levels, const Evidence& evidence,
                       AucSample UnitEvidence::*part) {
  return {summaries, levels, [&evidence, part](const UnitRecord& unit) {
            const auto found = evidence.units.find(&unit);
            return found == evidence.units.end() ? AucSample{stats::kUndefined, {}}
                                                 : found->second.*part;
          }};
}

/// Sorts levels into those with two units or more to compare and those without.
void take_levels(Comparison& comparison, const std::vector<LevelSummary>& summaries,
                 const std::vector<std::size_t>& levels, const Evidence& evidence) {
  const TrainingTable table = table_of(summaries, levels, evidence, &UnitEvidence::valid);
  for (std::size_t row = 0; row < levels.size(); ++row) {
    (table.trainings(row) >= 2 ? comparison.levels : comparison.missing).push_back(levels[row]);
  }
}

/// Whether some two levels put all images into one order, so that nothing varied.
bool has_pair_without_error(const stats::Contest& contest) {
  for (std::size_t a = 0; a < contest.levels; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (contest.at(a, b).standard_error == 0) return true;
    }
  }
  return false;
}

/// Comparison::no_error.
std::string why_no_error(const stats::Contest& valid, const Evidence& evidence) {
  const bool known =
      std::none_of(valid.differences.begin(), valid.differences.end(),
                   [](const stats::Estimate& one) { return std::isnan(one.standard_error); });
  if (known && !has_pair_without_error(valid)) return "";
  if (known) {
    return "Some two levels put the validation images into the same order in every training (the "
           "right one, where the AUC is 1), so how far other images would move their difference is "
           "not known. A larger or harder validation part would show it (--valid-fraction).";
  }
  const bool by_images = std::isnan(valid.images) && !std::isnan(valid.between_trainings);
  if (!by_images) {
    return "Some two levels have fewer than two seeds or folds in common, so their difference has "
           "no known error. Run the study again: what is done counts.";
  }
  std::string classes;
  for (const std::string& name : evidence.classes_in_few_groups) {
    classes += (classes.empty() ? "" : ", ") + name;
  }
  return fmt::format(
      "The validation part has fewer than {} groups (patients, slides; else images) of class {}, "
      "so how far other images would move the AUC is not known, and more seeds do not help. Raise "
      "--valid-fraction, use --folds, or add patients.",
      stats::kFewestGroups, classes);
}

/// Intervals hold the truth in simulations down to fewer groups, but only of groups that are alike;
/// and where nearly all images are in order, the error rests on the few groups that are not.
constexpr std::size_t kFewGroups = 20;

void add_few_groups(std::vector<std::string>& cautions, const Evidence& evidence) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  std::vector<double> freedom;  // NaN where an error is not known
  for (const auto& [unit, found] : evidence.units) {
    const std::size_t groups = found.valid.influence.size();
    if (groups == 0) continue;
    fewest = std::min(fewest, groups);
    freedom.push_back(stats::error_freedom(found.valid));
  }
  const std::string cases = fmt::format(
      "{} {}", fewest, evidence.grouped ? "groups (patients, slides) of images" : "images");
  if (fewest < kFewGroups) {
    cautions.push_back(fmt::format(
        "Levels are compared on {} only. One that is unlike the others may then move every figure "
        "further than its interval says, and the rule errs more often than its confidence says "
        "(docs/results/rule.md).",
        cases));
  } else if (stats::mean_of_defined(freedom) < static_cast<double>(kFewGroups)) {
    cautions.push_back(fmt::format(
        "Of the {} that levels are compared on, a few make up most of the error; the others are in "
        "order. Intervals of such studies hold the truth less often, and the rule errs more often, "
        "than they say (docs/results/coverage.md, rule.md).",
        cases));
  }
}

/// The first unit that is left out, and how many more there are.
void add_problems(std::vector<std::string>& cautions, const std::string& architecture,
                  double train_fraction, const Evidence& evidence) {
  std::string first;
  std::size_t count = 0;
  for (const UnitProblem& problem : evidence.problems) {
    const UnitKey& key = problem.unit->key;
    if (key.architecture != architecture || key.train_fraction != train_fraction) continue;
    if (++count == 1) first = fmt::format("{}: {}", problem.unit->key.id(), problem.reason);
  }
  if (count == 0) return;
  cautions.push_back(
      fmt::format("The predictions of {} unit{} cannot be used, which {} left out of the "
                  "comparison of levels{}{}",
                  count, count == 1 ? "" : "s", count == 1 ? "is" : "are",
                  count == 1 ? ": " : "; the first is ", first));
}

/// The test scores of two levels over the seeds that both have, unit by unit.
struct TestPair {
  std::vector<const UnitEvidence*> a, b;
};

TestPair test_pair(const LevelSummary& a, const LevelSummary& b, const Evidence& evidence) {
  TestPair pair;
  for (const UnitRecord* one : a.units) {
    for (const UnitRecord* other : b.units) {
      if (one->key.fold != other->key.fold || one->key.seed != other->key.seed) continue;
      const auto found = evidence.units.find(one), against = evidence.units.find(other);
      if (found == evidence.units.end() || against == evidence.units.end()) continue;
      if (found->second.test_scores.empty() || against->second.test_scores.empty()) continue;
      pair.a.push_back(&found->second);
      pair.b.push_back(&against->second);
    }
  }
  return pair;
}

AucSample mean_test_auc(const std::vector<const UnitEvidence*>& units) {
  std::vector<AucSample> samples;
  for (const UnitEvidence* unit : units) samples.push_back(unit->test);
  return stats::mean_sample(samples);
}

/// By DeLong's influences with the degrees of freedom that they show, and by the draws. NaN where
/// no error over images is known: a class in too few groups, or nothing that any image moves.
ImagesAlone images_alone(const TestPair& pair) {
  constexpr stats::Interval kNone{stats::kUndefined, stats::kUndefined};
  if (pair.a.empty()) return {stats::kUndefined, kNone, kNone, stats::kUndefined};
  const AucSample difference = stats::difference(mean_test_auc(pair.a), mean_test_auc(pair.b));
  ImagesAlone made{difference.auc, kNone, kNone, stats::kUndefined};
  const stats::Estimate found =
      stats::over_seeds_and_images(stats::mean_over_seeds({&difference, 1}), 0, 1);
  if (!(found.standard_error > 0)) return made;
  made.by_delong = found.interval();
  made.p_value =
      2 * stats::student_upper_tail(std::abs(found.value) / found.standard_error, found.freedom);
  const auto draws_of = [](const UnitEvidence* unit) -> const std::vector<double>& {
    return unit->test_scores.at(Cases::images).draws[stats::Figure::auc];
  };
  std::vector<double> differences(draws_of(pair.a.front()).size());
  for (std::size_t d = 0; d < differences.size(); ++d) {
    for (std::size_t u = 0; u < pair.a.size(); ++u) {
      differences[d] += draws_of(pair.a[u])[d] - draws_of(pair.b[u])[d];
    }
    differences[d] /= static_cast<double>(pair.a.size());
  }
  const std::size_t groups = pair.a.front()->test_scores.at(Cases::images).groups;
  made.by_bootstrap = stats::percentile_interval(differences, groups);
  return made;
}

/// Every level against the best.
std::vector<ImagesAlone> test_images_alone(const std::vector<LevelSummary>& summaries,
                                           const Comparison& comparison, const Evidence& evidence) {
  std::vector<ImagesAlone> made;
  std::vector<double> p_values;  // the best against itself is no test
  for (std::size_t k = 0; k < comparison.levels.size(); ++k) {
    const LevelSummary& best = summaries[comparison.levels[comparison.best]];
    made.push_back(images_alone(test_pair(summaries[comparison.levels[k]], best, evidence)));
    if (k != comparison.best) p_values.push_back(made.back().p_value);
  }
  p_values = stats::holm(p_values);
  auto next = p_values.begin();
  for (std::size_t k = 0; k < made.size(); ++k) {
    if (k != comparison.best && !std::isnan(made[k].p_value)) made[k].p_value = *next;
    next += k != comparison.best;
  }
  return made;
}

/// A setting of the rule, or `otherwise` in a study that does not have it.
double setting(const Json& settings, const char* name, double otherwise, double low, double high) {
  const Json* found = nullptr;
  if (settings.contains("study") && settings["study"].contains(name)) {
    found = &settings["study"][name];
  }
  if (!found) return otherwise;
  const double value = found->is_number() ? found->get<double>() : stats::kUndefined;
  if (!(value >= low && value <= high)) {
    throw Error(fmt::format("study.settings.study.{} is {}, but must be a number of {:g} to {:g}",
                            name, found->dump(), low, high));
  }
  return value;
}

}  // namespace

Rule rule_of(const Json& settings) {
  const Rule usual;
  return {setting(settings, "margin", usual.margin, kSmallestMargin, kLargestMargin),
          setting(settings, "confidence", usual.confidence, kLowestConfidence, kHighestConfidence)};
}

std::string Rule::in_words() const {
  return fmt::format(
      "The shallowest level that is shown, at {:g} % confidence, to lose less than {:g} of "
      "validation AUC against every other level (one-sided paired tests over the same seeds and "
      "images, corrected over the levels after Dunnett); where a deeper one is shown it, too, and "
      "takes "
      "fewer FLOPs to train (normalization layers alone reach through all blocks), that one.",
      100 * confidence, margin);
}

std::string Comparison::say_of_test_in_words() const {
  if (folds == 1) return "The test split took no part in the choice.";
  return "No training was tuned on the images that tested it; but unless the data name their own "
         "test part, an image that one fold tests may validate in another, and there had a say in "
         "the choice of learning rate and depth.";
}

std::optional<std::size_t> Comparison::position_of(std::size_t index) const {
  const auto found = std::find(levels.begin(), levels.end(), index);
  if (found == levels.end()) return std::nullopt;
  return static_cast<std::size_t>(found - levels.begin());
}

std::vector<std::size_t> levels_of(const std::vector<LevelSummary>& summaries,
                                   const std::string& architecture) {
  std::vector<std::size_t> levels;
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    if (summaries[i].architecture == architecture) levels.push_back(i);
  }
  std::stable_sort(levels.begin(), levels.end(), [&](std::size_t i, std::size_t j) {
    const LevelSummary &a = summaries[i], &b = summaries[j];
    if (is_shallower(a.level, b.level) || is_shallower(b.level, a.level)) {
      return is_shallower(a.level, b.level);
    }
    return !a.units.empty() && !b.units.empty() && a.valid_auc.mean > b.valid_auc.mean;
  });
  return levels;
}

Comparison compare_levels(const StudyRecord& study, const std::vector<LevelSummary>& summaries,
                          const std::string& architecture, const Evidence& evidence,
                          const Rule& rule) {
  FATHOM_CHECK(rule.margin >= kSmallestMargin && rule.margin <= kLargestMargin &&
               rule.confidence >= kLowestConfidence && rule.confidence <= kHighestConfidence);
  Comparison made{.rule = rule};
  take_levels(made, summaries, levels_of(summaries, architecture), evidence);
  for (std::size_t k = 1; k < made.levels.size(); ++k) {
    const auto auc = [&](std::size_t level) {
      return summaries[made.levels[level]].valid_auc.mean;
    };
    if (auc(k) > auc(made.best)) made.best = k;
  }
  const TrainingTable valid = table_of(summaries, made.levels, evidence, &UnitEvidence::valid);
  const TrainingTable test = table_of(summaries, made.levels, evidence, &UnitEvidence::test);
  made.folds = valid.folds();
  const double fraction = largest_fraction(study.data);
  made.valid = valid.contest(scored_to_trained(study.data, &ClassCount::valid, fraction),
                             /*folds_share_images=*/false);
  made.test = test.contest(scored_to_trained(study.data, &ClassCount::test, fraction),
                           evidence.one_test_part);
  made.p_values = stats::not_inferior(made.valid, rule.margin);
  const bool told =
      std::ranges::any_of(made.p_values, [&](double p) { return p <= 1 - rule.confidence; });
  if (!told) made.no_error = why_no_error(made.valid, evidence);
  if (made.folds == 1) made.test_images_alone = test_images_alone(summaries, made, evidence);
  if (study.data.groups > 0 && !evidence.grouped && !evidence.units.empty()) {
    made.cautions.emplace_back(
        "The predictions files of this study do not name the groups of the images, so that images "
        "of one group count as independent and errors are too small.");
  }
  add_few_groups(made.cautions, evidence);
  add_problems(made.cautions, architecture, fraction, evidence);
  return made;
}

}  // namespace fathom::results
