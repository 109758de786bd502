#include "fathom/stats/contest.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/base/random.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

using Samples = std::vector<std::vector<AucSample>>;  ///< [level][training]

/// The differences of two levels over the trainings that both have; where `folds` are given, their
/// means by fold.
SeedMean mean_difference(const std::vector<AucSample>& a, const std::vector<AucSample>& b,
                         std::span<const int> folds) {
  FATHOM_CHECK(a.size() == b.size() && (folds.empty() || folds.size() == a.size()));
  std::vector<AucSample> differences;
  std::map<int, std::vector<AucSample>> by_fold;
  for (std::size_t t = 0; t < a.size(); ++t) {
    if (std::isnan(a[t].auc) || std::isnan(b[t].auc)) continue;
    (folds.empty() ? differences : by_fold[folds[t]]).push_back(difference(a[t], b[t]));
  }
  for (const auto& [fold, of_seeds] : by_fold) differences.push_back(mean_sample(of_seeds));
  return mean_over_seeds(differences);
}

/// The pairs (a, b), a < b, in one order.
void for_each_pair(std::size_t levels,
                   const std::function<void(std::size_t a, std::size_t b)>& visit) {
  for (std::size_t a = 0; a < levels; ++a) {
    for (std::size_t b = a + 1; b < levels; ++b) visit(a, b);
  }
}

/// Of all pairs, in the order of for_each_pair().
std::vector<SeedMean> mean_differences(const Samples& samples, std::span<const int> folds) {
  std::vector<SeedMean> pairs;
  for_each_pair(samples.size(), [&](std::size_t a, std::size_t b) {
    pairs.push_back(mean_difference(samples[a], samples[b], folds));
  });
  return pairs;
}

/// What the pairs of some levels tell together of the variance of a difference.
struct Pool {
  double between_trainings = 0, trainings_by_images = 0, images = 0;  ///< NaN of no pair
  std::size_t trainings = 0;  ///< the fewest that two of the levels have in common
  double freedom = 0;
};

/// Of the levels that `counts` names. `pairs`: of all levels.
Pool pool_of(const std::vector<bool>& counts, const std::vector<SeedMean>& pairs) {
  Pool made;
  double pooled = 0;
  std::size_t next = 0;
  for_each_pair(counts.size(), [&](std::size_t a, std::size_t b) {
    const SeedMean& pair = pairs[next++];
    if (!counts[a] || !counts[b] || pair.seeds < 2) return;
    made.between_trainings += pair.between_trainings;
    made.trainings_by_images += pair.seeds_by_images;
    made.images += pair.images;
    made.trainings = pooled == 0 ? pair.seeds : std::min(made.trainings, pair.seeds);
    ++pooled;
  });
  for (double* sum : {&made.between_trainings, &made.trainings_by_images, &made.images}) {
    *sum = pooled == 0 ? kUndefined : *sum / pooled;
  }
  const auto levels = static_cast<double>(std::ranges::count(counts, true));
  made.freedom = pooled == 0 ? 0 : (levels - 1) * (static_cast<double>(made.trainings) - 1);
  return made;
}

/// Whether each level has every training.
std::vector<bool> are_complete(const Samples& samples) {
  std::vector<bool> complete;
  for (const auto& level : samples) {
    complete.push_back(std::ranges::none_of(
        level, [](const AucSample& sample) { return std::isnan(sample.auc); }));
  }
  return complete;
}

/// Pools the variances of pairs and estimates each difference by `estimate(mean, variance,
/// freedom)`. Trainings that some levels lack must not blur what the complete ones tell of the
/// variance.
template <class EstimatePair>
Contest pooled_contest(const Samples& samples, std::span<const int> folds, EstimatePair estimate) {
  const std::size_t levels = samples.size();
  const std::vector<SeedMean> pairs = mean_differences(samples, folds);
  const Pool all = pool_of(std::vector<bool>(levels, true), pairs);
  const Pool complete = pool_of(are_complete(samples), pairs);
  const Pool& pool = complete.freedom >= all.freedom ? complete : all;
  Contest contest{.levels = levels,
                  .differences = std::vector<Estimate>(levels * levels),
                  .trainings = all.trainings,
                  .between_trainings = pool.between_trainings,
                  .freedom = pool.freedom,
                  .trainings_by_images = pool.trainings_by_images,
                  .images = pool.images};
  std::size_t next = 0;
  for_each_pair(levels, [&](std::size_t a, std::size_t b) {
    const SeedMean& pair = pairs[next++];
    Estimate found{kUndefined, kUndefined, kUndefined};
    if (pair.seeds >= 2) {
      found = estimate(pair, std::max(pair.between_trainings, contest.between_trainings),
                       contest.freedom);
    }
    contest.differences[a * levels + b] = found;
    found.value = -found.value;
    contest.differences[b * levels + a] = found;
  });
  return contest;
}

/// Of "one certain other level is better by the margin or more".
struct Test {
  double p = 0;  ///< not adjusted; NaN where it is not defined
  double t = 0, freedom = 0;

  double adjusted(std::size_t comparisons) const { return dunnett(t, freedom, comparisons); }
  double bonferroni(std::size_t comparisons) const {  ///< adjusted() is not above
    return static_cast<double>(comparisons) * p;
  }
};

/// Of one level: a test against every other. It is shown to be good enough where all of them show
/// it, so that its p-value is the largest; which one that is, is known after the adjustment alone,
/// as tests differ in their degrees of freedom.
class Tests {
 public:
  Tests(const Contest& contest, std::size_t level, double margin) {
    for (std::size_t other = 0; other < contest.levels; ++other) {
      if (other == level) continue;
      const Estimate& found = contest.at(level, other);
      tests_.push_back(
          {found.p_at_most(-margin), (found.value + margin) / found.standard_error, found.freedom});
      defined_ &= !std::isnan(tests_.back().p);
    }
    if (defined_) std::ranges::sort(tests_, std::ranges::greater(), &Test::p);
  }

  /// 1 where some test is not defined.
  double adjusted(std::size_t comparisons) const {
    if (!defined_) return 1;
    double largest = 0;
    for (const Test& test : tests_) {
      if (test.bonferroni(comparisons) <= largest) break;
      largest = std::max(largest, test.adjusted(comparisons));
    }
    return largest;
  }

  /// Whether adjusted() is at most `alpha`, in less time.
  bool are_at_most(double alpha, std::size_t comparisons) const {
    if (!defined_ || tests_.front().p > alpha) return false;
    return std::ranges::all_of(tests_, [&](const Test& test) {
      return test.bonferroni(comparisons) <= alpha || test.adjusted(comparisons) <= alpha;
    });
  }

 private:
  std::vector<Test> tests_;  ///< the largest p first
  bool defined_ = true;
};

/// Whether not_inferior() is at most `alpha` for some level.
bool tells_any(const Contest& contest, double margin, double alpha) {
  for (std::size_t k = 0; k < contest.levels; ++k) {
    if (Tests(contest, k, margin).are_at_most(alpha, contest.levels - 1)) return true;
  }
  return false;
}

/// Draws studies like one that was seen, with other numbers of trainings or images, and judges them
/// as it was judged.
class Simulation {
 public:
  Simulation(const Contest& seen, double margin, double confidence)
      : seen_(seen), margin_(margin), confidence_(confidence) {}

  /// Whether a level is told in at least 80 % of the draws.
  bool tells(std::size_t trainings, double images) const {
    constexpr int kDraws = 200, kEnough = kDraws * 8 / 10;
    Random random(derive_seed(trainings, "contest", std::lround(images * 10)));
    int told = 0;
    for (int left = kDraws; left > 0 && told + left >= kEnough; --left) {
      told += tells_any(draw(random, trainings, images), margin_, 1 - confidence_);
    }
    return told >= kEnough;
  }

 private:
  Contest draw(Random& random, std::size_t trainings, double images) const {
    Samples samples;
    for (std::size_t k = 0; k < seen_.levels; ++k) {
      samples.push_back(draw_level(random, seen_.at(k, 0).value, trainings, images));
    }
    if (seen_.test_to_train == 0) return compare_over_seeds(samples);
    std::vector<int> folds(trainings);
    std::iota(folds.begin(), folds.end(), 0);
    return compare_over_folds(samples, folds, seen_.test_to_train);
  }

  /// A level has half the variance of a difference of two.
  std::vector<AucSample> draw_level(Random& random, double truth, std::size_t trainings,
                                    double images) const {
    const auto normal = [&](double variance) { return std::sqrt(variance / 2) * random.normal(); };
    const std::size_t groups = groups_of(images);
    const double each = images * static_cast<double>(std::max<std::size_t>(groups, 1));
    const double seeds_alone = std::max(0.0, seen_.between_trainings - seen_.trainings_by_images);
    const double shared = normal(seen_.test_to_train * seen_.between_trainings);
    std::vector<double> of_group(groups);  // by what each moves all trainings
    for (double& value : of_group) value = normal(seen_.images / each);
    std::vector<AucSample> level(trainings);
    for (AucSample& sample : level) {
      sample.auc = truth + shared + normal(seeds_alone);
      for (const double value : of_group) {
        sample.influence.push_back(value + normal(seen_.trainings_by_images / each));
        sample.auc += sample.influence.back();
      }
      center(sample.influence);
    }
    return level;
  }

  /// More groups than this tell no more of a variance than matters, and take longer.
  std::size_t groups_of(double images) const {
    constexpr double kMostGroups = 40;
    return static_cast<std::size_t>(
        std::min(kMostGroups, std::round(images * static_cast<double>(seen_.groups))));
  }

  /// As influences are estimated: around their own mean, not around the truth.
  static void center(std::vector<double>& influences) {
    const auto groups = static_cast<double>(influences.size());
    const double mean = std::accumulate(influences.begin(), influences.end(), 0.0) / groups;
    for (double& value : influences) value = (value - mean) * std::sqrt(groups / (groups - 1));
  }

  const Contest& seen_;
  double margin_, confidence_;
};

/// The first number that suffices, in steps of about a quarter (nobody plans more finely) up to
/// `most`.
template <class Suffices>
std::optional<double> least_of(double first, double most, const Suffices& suffices) {
  for (double n = first; n <= most;
       n = n == most ? most + 1 : std::min(most, std::ceil(n * 1.25))) {
    if (suffices(n)) return n;
  }
  return std::nullopt;
}

}  // namespace

Contest compare_over_seeds(const Samples& samples) {
  Contest contest =
      pooled_contest(samples, {}, [](const SeedMean& pair, double variance, double freedom) {
        return over_seeds_and_images(pair, variance, freedom);
      });
  for (const auto& level : samples) {
    for (const AucSample& sample : level) {
      contest.groups = std::max(contest.groups, sample.influence.size());
    }
  }
  return contest;
}

Contest compare_over_folds(const Samples& samples, std::span<const int> folds,
                           double test_to_train) {
  FATHOM_CHECK(!folds.empty());
  Contest contest =
      pooled_contest(samples, folds, [&](const SeedMean& pair, double variance, double freedom) {
        return corrected_resampled_t(pair, test_to_train, variance, freedom);
      });
  contest.test_to_train = test_to_train;
  return contest;
}

std::vector<double> not_inferior(const Contest& contest, double margin) {
  if (contest.levels == 1) return {0};
  const std::size_t most = contest.levels - 1;  // all but the best can be inferior
  std::vector<Tests> tests;
  std::vector<double> alone;  // adjusted as if it were the first
  for (std::size_t k = 0; k < contest.levels; ++k) {
    alone.push_back(tests.emplace_back(contest, k, margin).adjusted(most));
  }
  std::vector<std::size_t> order(contest.levels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return alone[k]; });
  std::vector<double> p_values(contest.levels);
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const std::size_t level = order[rank], still_inferior = order.size() - rank;
    const double p = still_inferior < most ? tests[level].adjusted(still_inferior) : alone[level];
    largest = std::max(largest, p);
    p_values[level] = largest;
  }
  return p_values;
}

Needed enough_to_tell(const Contest& contest, double margin, double confidence) {
  Needed needed;
  if (std::isnan(contest.between_trainings)) return needed;
  const Simulation simulation(contest, margin, confidence);
  const auto trainings = static_cast<double>(contest.trainings);
  const auto tells = [&](double trainings_in_all, double images) {
    return simulation.tells(static_cast<std::size_t>(trainings_in_all), images);
  };
  const auto seeds = least_of(trainings + 1, static_cast<double>(kMostTrainingsTried),
                              [&](double n) { return tells(n, 1); });
  if (seeds) needed.trainings = static_cast<std::size_t>(*seeds);
  if (contest.test_to_train > 0) return needed;  // of more images folds tell nothing
  needed.images = least_of(1.5, kMostImagesTried, [&](double n) { return tells(trainings, n); });
  if (needed.trainings || needed.images) return needed;
  needed.both = least_of(2, kMostImagesTried, [&](double n) { return tells(n * trainings, n); });
  return needed;
}

}  // namespace fathom::stats
