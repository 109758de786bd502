// How often the 95 % intervals of figures under corruption hold the truth, on simulated studies
// whose truth is known: bench_corrupted_coverage [REPETITIONS]. Prints a Markdown table. Other
// figures: bench_coverage.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/results/generalization.h"

namespace {

using namespace fathom;

constexpr double kOwnNoise = 0.5;    ///< of a training on an image, of the image's own spread
constexpr double kSeedSpread = 0.1;  ///< of the distance between the classes
/// Kinds of corruption, by how much of the distance between the classes severity 5 costs.
constexpr std::array kLosses{0.1, 0.2, 0.4, 0.6};
/// Share of the variance between images that is a kind's own: the rest is as without corruption.
constexpr double kKindsOwn = 0.5;
constexpr int kSeverities = 5;
constexpr std::size_t kLevels = 6;  ///< the last tunes everything, and is worse

struct Scenario {
  const char* name;
  std::size_t images, groups;  ///< groups = images: images are independent
  std::size_t seeds;           ///< or folds
  /// What trainings are: of several seeds on one split; of folds, each scored on images of its own,
  /// or all on the same.
  enum class Over { seeds, folds, folds_with_one_test_part } over = Over::seeds;
  /// The part of a training's luck (as a variance) that its training images bring, which folds
  /// share as much as they share these; the rest is its seed's.
  double luck_by_images = 0;
  double auc = 0.9;  ///< without corruption

  /// Between the classes, in units of the spread of images.
  double distance(std::size_t level) const {
    const double all = stats::normal_quantile(auc) *
                       std::sqrt(2 * (1 + kOwnNoise * kOwnNoise) + kSeedSpread * kSeedSpread);
    return level + 1 < kLevels ? all : 0.95 * all;
  }
};

double left_at(std::size_t kind, int severity) {
  return 1 - kLosses[kind] * severity / kSeverities;
}

double true_auc(double distance) {
  return stats::normal_cdf(distance /
                           std::sqrt(2 * (1 + kOwnNoise * kOwnNoise) + kSeedSpread * kSeedSpread));
}

double true_mean(double distance) {
  double sum = 0;
  for (std::size_t kind = 0; kind < kLosses.size(); ++kind) {
    for (int s = 1; s <= kSeverities; ++s) sum += true_auc(distance * left_at(kind, s));
  }
  return sum / (kLosses.size() * kSeverities);
}

/// Binormal scores of the same images by several trainings: half of what an image adds is its
/// group's.
class Images {
 public:
  Images(const Scenario& scenario, Random& random) : random_(random) {
    groups_.count = scenario.groups;
    for (std::size_t i = 0; i < scenario.images; ++i) {
      groups_.of_image.push_back(static_cast<std::uint32_t>(i % scenario.groups));
      labels_.push_back(static_cast<int>(i % scenario.groups % 2));
    }
    for (std::size_t view = 0; view <= kLosses.size(); ++view) effects_.push_back(draw_effects());
  }

  /// The AUCs of one training. `luck`: standard normal.
  results::CorruptedAucs train(double distance, double luck) {
    const double seed = kSeedSpread * luck;
    results::CorruptedAucs made{.uncorrupted = score(effects_.back(), distance + seed)};
    for (std::size_t kind = 0; kind < kLosses.size(); ++kind) {
      std::vector<double> effects = effects_.back();
      for (std::size_t i = 0; i < effects.size(); ++i) {
        effects[i] =
            std::sqrt(1 - kKindsOwn) * effects[i] + std::sqrt(kKindsOwn) * effects_[kind][i];
      }
      std::vector<stats::AucSample> severities;
      for (int s = 1; s <= kSeverities; ++s) {
        severities.push_back(score(effects, distance * left_at(kind, s) + seed));
      }
      made.kinds.push_back(stats::mean_sample(severities));
    }
    made.mean = stats::mean_sample(made.kinds);
    return made;
  }

 private:
  std::vector<double> draw_effects() {
    std::vector<double> of_group(groups_.count), made;
    for (double& value : of_group) value = random_.normal();
    for (const std::uint32_t group : groups_.of_image) {
      made.push_back((of_group[group] + random_.normal()) / std::sqrt(2.0));
    }
    return made;
  }

  stats::AucSample score(const std::vector<double>& effects, double distance) {
    std::vector<double> scores;
    for (std::size_t i = 0; i < effects.size(); ++i) {
      scores.push_back(effects[i] + kOwnNoise * random_.normal() + (labels_[i] ? distance : 0));
    }
    return stats::auc_sample(scores, labels_, groups_);
  }

  Random& random_;
  std::vector<int> labels_;
  stats::Groups groups_;
  std::vector<std::vector<double>>
      effects_;  ///< what images add: under each kind, then as they are
};

/// Which intervals of the first level held the truth.
struct Held {
  bool mean, drop, difference;
};

Held held_in_a_study(const Scenario& scenario, Random& random) {
  const bool over_folds = scenario.over != Scenario::Over::seeds;
  const bool own_images = scenario.over == Scenario::Over::folds;
  std::vector<Images> images;
  for (std::size_t f = 0; f < (own_images ? scenario.seeds : 1); ++f) {
    images.emplace_back(scenario, random);
  }
  std::vector<results::UnitRecord> units(kLevels * scenario.seeds);
  std::vector<results::LevelSummary> levels(kLevels);
  results::Evidence evidence{.one_test_part = !own_images, .one_corrupted_part = !own_images};
  // Two folds have all training images but two shares in common, of all but one.
  const auto folds = static_cast<double>(scenario.seeds);
  const double in_common = over_folds ? scenario.luck_by_images * (folds - 2) / (folds - 1) : 0;
  for (std::size_t k = 0; k < kLevels; ++k) {
    levels[k].level.name = k + 1 < kLevels ? std::to_string(k) : "all";
    const double shared = std::sqrt(in_common) * random.normal();
    for (std::size_t s = 0; s < scenario.seeds; ++s) {
      results::UnitRecord& unit = units[k * scenario.seeds + s];
      if (over_folds) {
        unit.key.fold = static_cast<int>(s);
      } else {
        unit.key.seed = s;
      }
      levels[k].units.push_back(&unit);
      const double luck = shared + std::sqrt(1 - in_common) * random.normal();
      evidence.units[&unit].corrupted =
          images[own_images ? s : 0].train(scenario.distance(k), luck);
    }
  }
  // One fold is scored on (or left out), the others are trained on.
  results::StudyRecord study;
  const std::size_t train = over_folds ? scenario.seeds - 1 : 1;
  study.data.classes = {{"negative", train, 1, 1}, {"positive", train, 1, 1}};
  const auto level = results::generalization_of(study, levels, evidence).front();
  const auto against_all = results::against_full_tuning(study, levels, evidence).front().value();
  const auto holds = [](const results::Measured& found, double truth) {
    return found.interval.low <= truth && truth <= found.interval.high;
  };
  const double distance = scenario.distance(0), mean = true_mean(distance);
  return {holds(level.corrupted, mean), holds(level.drop, true_auc(distance) - mean),
          holds(against_all.corrupted, mean - true_mean(scenario.distance(kLevels - 1)))};
}

void print_row(const Scenario& scenario, std::size_t repetitions) {
  std::vector<Held> held(repetitions);
  parallel_for(repetitions, [&](std::size_t r) {
    Random random(derive_seed(6, scenario.name, r));
    held[r] = held_in_a_study(scenario, random);
  });
  std::string row = fmt::format("| {} |", scenario.name);
  for (bool Held::*interval : {&Held::mean, &Held::drop, &Held::difference}) {
    const auto count = static_cast<double>(std::ranges::count(held, true, interval));
    row += fmt::format(" {:.1f} % |", 100 * count / static_cast<double>(repetitions));
  }
  fmt::print("{}\n", row);
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t repetitions = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2000;
  fmt::print(
      "{} repetitions\n\n| study | mean AUC under corruption | drop | "
      "mean AUC minus that of another level |\n|---|---|---|---|\n",
      repetitions);
  for (const Scenario& scenario :
       {Scenario{"500 images, 3 seeds", 500, 500, 3}, Scenario{"500 images, 2 seeds", 500, 500, 2},
        Scenario{"100 images, 3 seeds", 100, 100, 3},
        Scenario{"500 images of 40 patients, 3 seeds", 500, 40, 3},
        Scenario{"500 images of 20 patients, 3 seeds", 500, 20, 3},
        Scenario{"5 folds of 500 images", 500, 500, 5, Scenario::Over::folds},
        Scenario{"5 folds of 500 images of 40 patients", 500, 40, 5, Scenario::Over::folds},
        Scenario{"5 folds, all tested on the same 500 images", 500, 500, 5,
                 Scenario::Over::folds_with_one_test_part},
        Scenario{"5 folds of 500 images, half of the luck by training images", 500, 500, 5,
                 Scenario::Over::folds, 0.5},
        Scenario{"5 folds of 500 images, all luck by training images", 500, 500, 5,
                 Scenario::Over::folds, 1}}) {
    print_row(scenario, repetitions);
  }
  return 0;
}
