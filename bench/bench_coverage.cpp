// How often the 95 % intervals of the report hold the truth, on simulated studies whose truth is
// known: bench_coverage [REPETITIONS]. Prints a Markdown table.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/binormal.h"
#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/results/precision.h"
#include "fathom/stats/clustered.h"
#include "fathom/stats/contest.h"
#include "fathom/stats/undefined.h"
#include "fathom/stats/weighted_figures.h"

namespace {

using namespace fathom;
using bench::kOwnNoise;

constexpr double kSeedSpread = 0.1;  ///< of the distance between the classes

struct Scenario {
  const char* name;
  double auc;
  std::size_t images, groups;  ///< groups = images: images are independent
  int seeds;
  /// Spread of the first of the levels over seeds, of that of the others.
  double unsteady = 1;
  std::size_t one_positive_in = 2;
};

bench::BinormalImages images_of(const Scenario& scenario, Random& random) {
  return {scenario.images, scenario.groups, scenario.one_positive_in, random};
}

/// The scores of one training.
std::vector<double> train(const bench::BinormalImages& images, double auc, double seed_spread,
                          Random& random) {
  const double distance = bench::distance_of(auc, seed_spread) + seed_spread * random.normal();
  return images.score(distance, kOwnNoise, random);
}

/// Which intervals held the truth.
struct Held {
  bool delong, bootstrap_auc, wilson, accuracy, sensitivity, bootstrap_accuracy, level, difference;
};

stats::Predictions predictions_of(const std::vector<double>& scores,
                                  const std::vector<int>& labels) {
  stats::Predictions made{2, {}, labels};
  for (const double score : scores) {
    const double p = 1 / (1 + std::exp(-score));
    made.probabilities.insert(made.probabilities.end(), {1 - p, p});
  }
  return made;
}

bool holds(const stats::Interval& interval, double truth) {
  return interval.low <= truth && truth <= interval.high;
}

/// Of one training whose seed adds nothing, so that the truth is that of the training.
void one_training(const Scenario& scenario, Random& random, std::uint64_t seed, Held& held) {
  const bench::BinormalImages images = images_of(scenario, random);
  const double distance = bench::distance_of(scenario.auc, 0);
  const double spread = std::sqrt(1 + kOwnNoise * kOwnNoise);
  const double auc = stats::normal_cdf(distance / spread / std::sqrt(2.0));
  const double accuracy = stats::normal_cdf(distance / 2 / spread);
  const auto scores = train(images, scenario.auc, 0, random);
  held.delong =
      holds(stats::auc_interval(stats::auc_sample(scores, images.labels, images.groups)), auc);
  const stats::Predictions predictions = predictions_of(scores, images.labels);
  const auto decisions = stats::decide(predictions, 1, images.groups, 0.5);
  const auto trials = static_cast<double>(scenario.images);
  held.wilson = holds(stats::wilson_interval(decisions.accuracy.value(), trials), accuracy);
  held.accuracy = holds(decisions.accuracy.interval(), accuracy);
  held.sensitivity = holds(decisions.sensitivity.interval(), accuracy);  // the classes are alike
  const stats::WeightedFigures figures(predictions, 1, images.groups, 0.5);
  const auto draws = stats::bootstrap(images.groups.count, 2,
                                      [&](stats::Draw draw, std::span<double> values) {
                                        const auto found = figures.of(draw);
                                        values[0] = found[stats::Figure::auc];
                                        values[1] = found[stats::Figure::accuracy];
                                      },
                                      {.draws = 1000, .seed = seed, .threads = 1});
  held.bootstrap_auc = holds(stats::percentile_interval(draws[0], images.groups.count), auc);
  held.bootstrap_accuracy =
      holds(stats::percentile_interval(draws[1], images.groups.count), accuracy);
}

/// The mean of a level over seeds, as one of six levels, and the difference of two levels.
void several_seeds(const Scenario& scenario, Random& random, Held& held) {
  constexpr std::size_t kLevels = 6;
  const bench::BinormalImages images = images_of(scenario, random);
  const double better = scenario.auc + 0.01;
  std::vector<std::vector<stats::AucSample>> samples(kLevels);
  for (int s = 0; s < scenario.seeds; ++s) {
    for (std::size_t k = 0; k < kLevels; ++k) {
      const double spread = kSeedSpread * (k == 0 ? scenario.unsteady : 1);
      const auto scores = train(images, k == 0 ? scenario.auc : better, spread, random);
      samples[k].push_back(stats::auc_sample(scores, images.labels, images.groups));
    }
  }
  std::vector<stats::SeedMean> means;
  for (const auto& level : samples) means.push_back(stats::mean_over_seeds(level));
  const stats::BetweenTrainings between = stats::pool_between_trainings(means);
  const stats::Estimate level =
      stats::over_seeds_and_images(means[0], between.of(means[0]), between.freedom);
  held.level = holds(level.interval_within({0, 1}), scenario.auc);
  const stats::Contest contest = stats::compare_over_seeds(samples);
  held.difference = holds(contest.at(1, 0).interval(), better - scenario.auc);
}

std::string percent_of(std::size_t count, std::size_t repetitions) {
  return fmt::format(" {:.1f} % |",
                     100 * static_cast<double>(count) / static_cast<double>(repetitions));
}

void print_row(const Scenario& scenario, std::size_t repetitions) {
  std::vector<Held> held(repetitions);
  parallel_for(repetitions, [&](std::size_t r) {
    Random random(derive_seed(2, scenario.name, r));
    one_training(scenario, random, r, held[r]);
    several_seeds(scenario, random, held[r]);
  });
  std::string row = fmt::format("| {} |", scenario.name);
  for (bool Held::*interval :
       {&Held::delong, &Held::bootstrap_auc, &Held::wilson, &Held::accuracy, &Held::sensitivity,
        &Held::bootstrap_accuracy, &Held::level, &Held::difference}) {
    row +=
        percent_of(static_cast<std::size_t>(std::ranges::count(held, true, interval)), repetitions);
  }
  fmt::print("{}\n", row);
}

/// Figures of a level on test as the report gives them, by draws of the bootstrap over several
/// trainings.
constexpr std::array kTestFigures{stats::Figure::auc,      stats::Figure::average_precision,
                                  stats::Figure::accuracy, stats::Figure::matthews_correlation,
                                  stats::Figure::log_loss, stats::Figure::brier_score};

/// Means over trainings on so many images that nothing is left to chance but a little.
stats::PerFigure<double> true_figures(Scenario scenario) {
  constexpr int kTrainings = 200;
  scenario.groups = scenario.images = 100000;
  std::vector<stats::PerFigure<double>> found(kTrainings);
  parallel_for(found.size(), [&](std::size_t t) {
    Random random(derive_seed(4, scenario.name, t));
    const bench::BinormalImages images = images_of(scenario, random);
    const auto predictions =
        predictions_of(train(images, scenario.auc, kSeedSpread, random), images.labels);
    found[t] = stats::WeightedFigures(predictions, 1, images.groups, stats::kUndefined)
                   .of(std::vector<std::uint32_t>(scenario.images, 1));
  });
  stats::PerFigure<double> mean{};
  for (const auto& one : found) {
    for (const stats::Figure figure : kTestFigures) mean[figure] += one[figure] / kTrainings;
  }
  return mean;
}

results::LevelPrecision simulated_precision(const Scenario& scenario, Random& random) {
  const bench::BinormalImages images = images_of(scenario, random);
  results::Resampling resampling(images.groups);
  std::vector<results::UnitRecord> units(static_cast<std::size_t>(scenario.seeds));
  for (std::size_t s = 0; s < units.size(); ++s) {
    units[s].key.seed = s;
    resampling.add(predictions_of(train(images, scenario.auc, kSeedSpread, random), images.labels),
                   1, stats::kUndefined);
  }
  results::LevelSummary level;
  results::Evidence evidence;
  std::vector<results::CaseScores> scores = resampling.scores();
  for (std::size_t s = 0; s < units.size(); ++s) {
    level.units.push_back(&units[s]);
    evidence.units[&units[s]].test_scores[results::Cases::images] = std::move(scores[s]);
  }
  results::StudyRecord record;
  record.data.classes = {{"negative", 1, 1, 1}, {"positive", 1, 1, 1}};
  return results::precision_of(record, {level}, evidence).front();
}

void print_test_row(const Scenario& scenario, std::size_t repetitions) {
  const stats::PerFigure<double> truth = true_figures(scenario);
  stats::PerFigure<std::size_t> held{};
  for (std::size_t r = 0; r < repetitions; ++r) {
    Random random(derive_seed(5, scenario.name, r));
    const auto precision = simulated_precision(scenario, random);
    for (const stats::Figure figure : kTestFigures) {
      const auto& found = precision.test.at(results::Cases::images)[figure];
      held[figure] += holds(found.over_all, truth[figure]);
    }
  }
  std::string row = fmt::format("| {} |", scenario.name);
  for (const stats::Figure figure : kTestFigures) row += percent_of(held[figure], repetitions);
  fmt::print("{}\n", row);
}

void print_test_figures(std::size_t repetitions) {
  fmt::print(
      "\n{} repetitions: means of test figures over the trainings of a level, by 2,000 draws\n\n"
      "| study | AUC | average precision | accuracy | MCC | log loss | Brier score "
      "|\n|---|---|---|---|---|---|---|\n",
      repetitions);
  for (const Scenario& scenario :
       {Scenario{"1000 images, AUC 0.85, 3 seeds", 0.85, 1000, 1000, 3},
        Scenario{"the same, one image in ten is positive", 0.85, 1000, 1000, 3, 1, 10},
        Scenario{"1000 images of 40 patients, AUC 0.85, 3 seeds", 0.85, 1000, 40, 3}}) {
    print_test_row(scenario, repetitions);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t repetitions = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2000;
  fmt::print("{} repetitions\n\n", repetitions);
  fmt::print(
      "| study | AUC, DeLong | AUC, bootstrap | accuracy, Wilson of images | accuracy, Wilson by "
      "groups | sensitivity, Wilson by groups | accuracy, bootstrap | mean AUC over seeds and "
      "images | difference of two levels |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const Scenario& scenario :
       {Scenario{"200 images, AUC 0.85, 3 seeds", 0.85, 200, 200, 3},
        Scenario{"1000 images, AUC 0.85, 3 seeds", 0.85, 1000, 1000, 3},
        Scenario{"1000 images, one in ten positive, AUC 0.85, 3 seeds", 0.85, 1000, 1000, 3, 1, 10},
        Scenario{"1000 images, AUC 0.95, 3 seeds", 0.95, 1000, 1000, 3},
        Scenario{"1000 images, AUC 0.95, 5 seeds", 0.95, 1000, 1000, 5},
        Scenario{"1000 images of 100 patients, 3 seeds", 0.85, 1000, 100, 3},
        Scenario{"1000 images of 40 patients, 3 seeds", 0.85, 1000, 40, 3},
        Scenario{"1000 images of 40 patients, AUC 0.98, 3 seeds", 0.98, 1000, 40, 3},
        Scenario{"1000 images of 20 patients, 3 seeds", 0.85, 1000, 20, 3},
        Scenario{"1000 images of 20 patients, AUC 0.98, 3 seeds", 0.98, 1000, 20, 3},
        Scenario{"1000 images of 10 patients, 3 seeds", 0.85, 1000, 10, 3},
        Scenario{"1000 images of 6 patients, 3 seeds", 0.85, 1000, 6, 3},
        Scenario{"40 images, AUC 0.85, 3 seeds", 0.85, 40, 40, 3},
        Scenario{"10 images, AUC 0.85, 3 seeds", 0.85, 10, 10, 3},
        Scenario{"1000 images, AUC 0.85, 2 seeds", 0.85, 1000, 1000, 2},
        Scenario{"the same, the level varies twice as much as others", 0.85, 1000, 1000, 2, 2},
        Scenario{"3 seeds, the level varies twice as much as others", 0.85, 1000, 1000, 3, 2},
        Scenario{"3 seeds, the level varies four times as much", 0.85, 1000, 1000, 3, 4}}) {
    print_row(scenario, repetitions);
  }
  print_test_figures(std::max<std::size_t>(repetitions / 4, 1));
  return 0;
}
