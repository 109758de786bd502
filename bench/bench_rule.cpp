// How often the rule of the recommendation is wrong, and how often it cannot tell, on simulated
// prediction sets whose truth is known: bench_rule [REPETITIONS]. Prints a Markdown table.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <vector>

#include "bench/binormal.h"
#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/stats/contest.h"

namespace {

using namespace fathom;
using bench::kOwnNoise;

constexpr double kMargin = 0.01, kConfidence = 0.95;
constexpr double kEpochNoise = 0.3;  ///< the part of kOwnNoise that is another in every epoch

/// Levels with these true AUCs (means over endless seeds and images).
struct Scenario {
  const char* name;
  std::vector<double> auc;
  std::vector<double> seed_spread;  ///< of the distance between the classes, by level
  int seeds;
  std::size_t images;
  std::size_t groups;  ///< 0: images are independent
  /// Learning rates of each level, all equally good, of which validation takes the best looking;
  /// empty: one.
  std::vector<int> rates = {};
  /// Epochs of each level, all equally good, of which every training keeps the best looking; empty:
  /// one.
  std::vector<int> epochs = {};
  std::size_t one_positive_in = 2;
  /// Trainings of a level are folds, each scored on its share of the images; what its training
  /// images do to a level is shared by folds as much as these images are.
  bool over_folds = false;
};

/// Binormal scores: each training adds a little of its own to every image, and a seed that moves
/// the classes apart.
class Study {
 public:
  Study(const Scenario& scenario, Random& random) : scenario_(scenario), random_(random) {
    const std::size_t parts = scenario.over_folds ? trainings() : 1;
    for (std::size_t p = 0; p < parts; ++p) {
      const std::size_t images = scenario.images / parts;
      const std::size_t groups = scenario.groups == 0 ? images : scenario.groups;
      parts_.emplace_back(images, groups, scenario.one_positive_in, random);
    }
  }

  stats::Contest compare() {
    std::vector<std::vector<stats::AucSample>> samples(scenario_.auc.size());
    for (std::size_t k = 0; k < samples.size(); ++k) {
      double best = 0;
      for (int rate = 0; rate < (scenario_.rates.empty() ? 1 : scenario_.rates[k]); ++rate) {
        std::vector<stats::AucSample> trained = train(k);
        const double mean = mean_auc(trained);
        if (mean <= best) continue;
        best = mean;
        samples[k] = std::move(trained);
      }
    }
    if (!scenario_.over_folds) return stats::compare_over_seeds(samples);
    std::vector<int> folds(trainings());
    std::iota(folds.begin(), folds.end(), 0);
    return stats::compare_over_folds(samples, folds, test_to_train());
  }

 private:
  std::size_t trainings() const { return static_cast<std::size_t>(scenario_.seeds); }

  /// One fold is scored on, the others are trained on.
  double test_to_train() const { return 1 / static_cast<double>(trainings() - 1); }

  static double mean_auc(const std::vector<stats::AucSample>& samples) {
    double sum = 0;
    for (const stats::AucSample& sample : samples) sum += sample.auc;
    return sum / static_cast<double>(samples.size());
  }

  /// All trainings of a level at one rate.
  std::vector<stats::AucSample> train(std::size_t level) {
    // Two folds have all training images but two shares in common, of all but one.
    const auto folds = static_cast<double>(trainings());
    const double in_common = scenario_.over_folds ? (folds - 2) / (folds - 1) : 0;
    const double shared = std::sqrt(in_common) * random_.normal();
    std::vector<stats::AucSample> trained;
    for (std::size_t t = 0; t < trainings(); ++t) {
      const double own = std::sqrt(1 - in_common) * random_.normal();
      trained.push_back(score(level, shared + own, parts_[scenario_.over_folds ? t : 0]));
      if (scenario_.over_folds) trained.back().influence.clear();
    }
    return trained;
  }

  /// `luck`: of the training, standard normal.
  stats::AucSample score(std::size_t level, double luck, const bench::BinormalImages& part) {
    const double spread = scenario_.seed_spread[level];
    const double distance = bench::distance_of(scenario_.auc[level], spread) + spread * luck;
    const int epochs = scenario_.epochs.empty() ? 1 : scenario_.epochs[level];
    const double of_epoch = epochs == 1 ? 0 : kEpochNoise;
    const double of_training = std::sqrt(kOwnNoise * kOwnNoise - of_epoch * of_epoch);
    const std::vector<double> trained = part.score(distance, of_training, random_);
    stats::AucSample best{.auc = -1};
    for (int epoch = 0; epoch < epochs; ++epoch) {
      std::vector<double> scores = trained;
      if (of_epoch > 0) {
        for (double& score : scores) score += of_epoch * random_.normal();
      }
      stats::AucSample found = stats::auc_sample(scores, part.labels, part.groups);
      if (found.auc > best.auc) best = std::move(found);
    }
    return best;
  }

  const Scenario& scenario_;
  Random& random_;
  std::vector<bench::BinormalImages> parts_;
};

struct Shares {
  double wrong = 0, told = 0, shallowest = 0;
  double told_if_known = 0;  ///< by the rule, had it known the true errors
  double could_tell = 0;     ///< the same without a correction: about the most that any rule could
};

/// The studies as if each knew the true errors of its differences: as these vary between studies.
std::vector<stats::Contest> with_true_errors(std::vector<stats::Contest> studies) {
  const auto count = static_cast<double>(studies.size());
  for (std::size_t pair = 0; pair < studies.front().differences.size(); ++pair) {
    double sum = 0, squares = 0;
    for (const stats::Contest& study : studies) sum += study.differences[pair].value;
    for (const stats::Contest& study : studies) {
      const double off = study.differences[pair].value - sum / count;
      squares += off * off;
    }
    for (stats::Contest& study : studies) {
      study.differences[pair].standard_error = std::sqrt(squares / (count - 1));
      study.differences[pair].freedom = std::numeric_limits<double>::infinity();
    }
  }
  return studies;
}

bool tells(const stats::Contest& study) {
  return std::ranges::min(stats::not_inferior(study, kMargin)) <= 1 - kConfidence;
}

/// Whether some level passes its own tests.
bool tells_uncorrected(const stats::Contest& study) {
  for (std::size_t k = 0; k < study.levels; ++k) {
    bool passes = true;
    for (std::size_t other = 0; other < study.levels; ++other) {
      passes &= other == k || study.at(k, other).p_at_most(-kMargin) <= 1 - kConfidence;
    }
    if (passes) return true;
  }
  return false;
}

Shares simulate(const Scenario& scenario, std::size_t repetitions) {
  const double best = *std::max_element(scenario.auc.begin(), scenario.auc.end());
  const auto is_inferior = [&](std::size_t k) { return scenario.auc[k] <= best - kMargin + 1e-12; };
  std::size_t first_good = 0;
  while (is_inferior(first_good)) ++first_good;
  std::atomic<std::size_t> wrong{0}, told{0}, shallowest{0};
  std::vector<stats::Contest> studies(repetitions);
  parallel_for(repetitions, [&](std::size_t r) {
    Random random(derive_seed(1, scenario.name, r));
    studies[r] = Study(scenario, random).compare();
    const auto p = stats::not_inferior(studies[r], kMargin);
    const auto chosen =
        std::find_if(p.begin(), p.end(), [](double value) { return value <= 1 - kConfidence; });
    if (chosen == p.end()) return;
    const auto level = static_cast<std::size_t>(chosen - p.begin());
    ++told;
    if (is_inferior(level)) ++wrong;
    if (level == first_good) ++shallowest;
  });
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(repetitions);
  };
  const std::vector<stats::Contest> known = with_true_errors(std::move(studies));
  return {share(wrong), share(told), share(shallowest),
          share(static_cast<std::size_t>(std::ranges::count_if(known, tells))),
          share(static_cast<std::size_t>(std::ranges::count_if(known, tells_uncorrected)))};
}

std::vector<Scenario> scenarios() {
  const std::vector<double> at_the_margin{0.92, 0.92, 0.92, 0.93, 0.93, 0.93};
  const std::vector<double> one_good{0.92, 0.92, 0.92, 0.92, 0.92, 0.93};
  const std::vector<double> clear{0.85, 0.90, 0.928, 0.93, 0.93, 0.929};
  const std::vector<double> two{0.92, 0.93};
  const std::vector<double> even(6, 0.03), two_even(2, 0.03);
  const std::vector<double> uneven{0.12, 0.12, 0.12, 0.03, 0.03, 0.03};
  return {{"three levels worse by just the margin", at_the_margin, even, 3, 1000, 0},
          {"the same, worse levels vary four times as much", at_the_margin, uneven, 3, 1000, 0},
          {"one level worse by just the margin, varies four times as much",
           {0.92, 0.93, 0.93, 0.93, 0.93, 0.93},
           {0.12, 0.03, 0.03, 0.03, 0.03, 0.03},
           3,
           4000,
           0},
          {"the same with 2 seeds",
           {0.92, 0.93, 0.93, 0.93, 0.93, 0.93},
           {0.12, 0.03, 0.03, 0.03, 0.03, 0.03},
           2,
           4000,
           0},
          {"five levels worse by just the margin", one_good, even, 3, 4000, 0},
          {"the same, the good level varies four times as much",
           one_good,
           {0.03, 0.03, 0.03, 0.03, 0.03, 0.12},
           3,
           4000,
           0},
          {"100 patients of 10 images, three worse by just the margin", at_the_margin, even, 3,
           1000, 100},
          {"clear, 3 seeds, 1000 images", clear, even, 3, 1000, 0},
          {"clear, 3 seeds, 4000 images", clear, even, 3, 4000, 0},
          {"clear, 5 seeds, 4000 images", clear, even, 5, 4000, 0},
          {"two levels, one worse by just the margin", two, two_even, 3, 1000, 0},
          {"the same, 4 rates each", two, two_even, 3, 1000, 0, {4, 4}},
          {"the same, 4 rates of the worse level alone", two, two_even, 3, 1000, 0, {4, 1}},
          {"the same, 4 rates of the worse level, 4000 images", two, two_even, 3, 4000, 0, {4, 1}},
          {"two levels, best of 10 epochs", two, two_even, 3, 1000, 0, {}, {10, 10}},
          {"the same, 10 epochs of the worse level alone", two, two_even, 3, 1000, 0, {}, {10, 1}},
          {"two levels, 40 patients of 25 images", two, two_even, 3, 1000, 40},
          {"two levels, 20 patients of 50 images", two, two_even, 3, 1000, 20},
          {"two levels, 10 patients of 100 images", two, two_even, 3, 1000, 10},
          {"20 patients, 4 rates of the worse level", two, two_even, 3, 1000, 20, {4, 1}},
          {"two levels of AUC 0.97 and 0.98, 1000 images", {0.97, 0.98}, two_even, 3, 1000, 0},
          {"the same, 40 patients of 25 images", {0.97, 0.98}, two_even, 3, 1000, 40},
          {"the same, 20 patients of 50 images", {0.97, 0.98}, two_even, 3, 1000, 20},
          {.name = "two levels, one image in ten is positive",
           .auc = two,
           .seed_spread = two_even,
           .seeds = 3,
           .images = 1000,
           .groups = 0,
           .one_positive_in = 10},
          {"three levels worse by just the margin, 2 rates and 10 epochs each", at_the_margin, even,
           3, 1000, 0, std::vector<int>(6, 2), std::vector<int>(6, 10)},
          {.name = "two levels over 5 folds of 1000 images",
           .auc = two,
           .seed_spread = two_even,
           .seeds = 5,
           .images = 5000,
           .groups = 0,
           .over_folds = true},
          {.name = "three levels worse by just the margin, 5 folds of 1000 images",
           .auc = at_the_margin,
           .seed_spread = even,
           .seeds = 5,
           .images = 5000,
           .groups = 0,
           .over_folds = true},
          {"four levels, the worse one varies four times as much, 2 seeds, 20,000 images",
           {0.92, 0.93, 0.93, 0.93},
           {0.12, 0.03, 0.03, 0.03},
           2,
           20000,
           0}};
}

/// Of simulated studies that cannot tell and name a number of seeds that would settle it.
struct Promise {
  std::size_t named = 0, kept = 0;  ///< kept: another study with that many seeds tells
  double mean_seeds = 0;
};

Promise simulate_promise(Scenario scenario, std::size_t repetitions) {
  std::vector<std::size_t> seeds(repetitions);
  std::vector<char> kept(repetitions);
  parallel_for(repetitions, [&](std::size_t r) {
    Random random(derive_seed(3, scenario.name, r));
    const stats::Contest pilot = Study(scenario, random).compare();
    if (tells(pilot)) return;
    const auto needed = stats::enough_to_tell(pilot, kMargin, kConfidence).trainings;
    if (!needed) return;
    seeds[r] = *needed;
    Scenario larger = scenario;
    larger.seeds = static_cast<int>(*needed);
    kept[r] = tells(Study(larger, random).compare());
  });
  Promise made;
  for (std::size_t r = 0; r < repetitions; ++r) {
    if (seeds[r] == 0) continue;
    ++made.named;
    made.kept += kept[r] ? 1 : 0;
    made.mean_seeds += static_cast<double>(seeds[r]);
  }
  made.mean_seeds /= static_cast<double>(made.named);
  return made;
}

void print_promises(std::size_t repetitions) {
  fmt::print(
      "\n{} studies that are simulated, and again with the seeds that those which cannot tell "
      "ask for\n\n| levels | ask for seeds | how many, mean | then tell |\n|---|---|---|---|\n",
      repetitions);
  const std::vector<double> equal(6, 0.93);
  for (const Scenario& scenario : {Scenario{"six equal levels, 3 seeds, 4000 images", equal,
                                            std::vector<double>(6, 0.05), 3, 4000, 0},
                                   Scenario{"six equal levels, 3 seeds, 100 patients of 40 images",
                                            equal, std::vector<double>(6, 0.05), 3, 4000, 100},
                                   Scenario{"six equal levels, 3 seeds, 20 patients of 200 images",
                                            equal, std::vector<double>(6, 0.05), 3, 4000, 20}}) {
    const Promise found = simulate_promise(scenario, repetitions);
    fmt::print("| {} | {} | {:.1f} | {:.0f} % |\n", scenario.name, found.named, found.mean_seeds,
               100 * static_cast<double>(found.kept) / static_cast<double>(found.named));
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t repetitions = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2000;
  fmt::print("{} repetitions, margin {}, confidence {}\n\n", repetitions, kMargin, kConfidence);
  fmt::print(
      "| levels | wrong | told | told if errors were known | could be told | shallowest good level "
      "chosen |\n|---|---|---|---|---|---|\n");
  for (const Scenario& scenario : scenarios()) {
    const Shares shares = simulate(scenario, repetitions);
    fmt::print("| {} | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % |\n", scenario.name,
               100 * shares.wrong, 100 * shares.told, 100 * shares.told_if_known,
               100 * shares.could_tell, 100 * shares.shallowest);
  }
  print_promises(std::max<std::size_t>(repetitions / 10, 1));
  return 0;
}
