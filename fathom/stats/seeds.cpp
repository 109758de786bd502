#include "fathom/stats/seeds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

/// max(0, value), and NaN of NaN.
double not_below_zero(double value) { return value < 0 ? 0 : value; }

/// A variance's share in Satterthwaite's denominator; what is zero is not in doubt.
double part_of_doubt(double variance, double freedom) {
  return variance == 0 ? 0 : variance * variance / freedom;
}

}  // namespace

AucSample difference(const AucSample& a, const AucSample& b) {
  FATHOM_CHECK(a.influence.size() == b.influence.size());
  AucSample made{a.auc - b.auc, a.influence};
  for (std::size_t g = 0; g < b.influence.size(); ++g) made.influence[g] -= b.influence[g];
  return made;
}

double SeedMean::seeds_alone() const { return not_below_zero(between_trainings - seeds_by_images); }

SeedMean mean_over_seeds(std::span<const AucSample> trainings) {
  SeedMean made{.mean = kUndefined, .seeds = trainings.size(), .between_trainings = kUndefined};
  if (trainings.empty()) return made;
  const auto seeds = static_cast<double>(trainings.size());
  made.mean = 0;
  const std::size_t groups = trainings.front().influence.size();
  std::vector<double> sum(groups), own_of_group(groups);  // over seeds, of influences and squares
  double own = 0;  // sum over seeds of the variance over images
  for (const AucSample& training : trainings) {
    made.mean += training.auc / seeds;
    own += covariance(training, training);
    FATHOM_CHECK(training.influence.size() == sum.size());
    for (std::size_t g = 0; g < groups; ++g) {
      sum[g] += training.influence[g];
      own_of_group[g] += training.influence[g] * training.influence[g];
    }
  }
  if (trainings.size() == 1) {
    made.images = own;
    made.images_freedom = variance_freedom(own_of_group);
    return made;
  }
  std::vector<double> shared(groups);  // each group's part of the covariance between seeds
  for (std::size_t g = 0; g < groups; ++g) {
    shared[g] = (sum[g] * sum[g] - own_of_group[g]) / (seeds * (seeds - 1));
  }
  double squares = 0;
  for (const AucSample& t : trainings) squares += (t.auc - made.mean) * (t.auc - made.mean);
  made.between_trainings = squares / (seeds - 1);
  made.images = not_below_zero(std::accumulate(shared.begin(), shared.end(), 0.0));
  made.images_freedom = variance_freedom(shared);
  made.seeds_by_images = not_below_zero(own / seeds - made.images);
  return made;
}

Interval Estimate::interval(double confidence) const {
  return student_interval(value, standard_error, freedom, confidence);
}

Interval Estimate::interval_within(const Interval& range, double confidence) const {
  return stats::interval_within(range, value, standard_error, freedom, confidence);
}

double Estimate::p_at_most(double bound) const {
  if (standard_error == 0) return kUndefined;
  return student_upper_tail((value - bound) / standard_error, freedom);
}

Estimate over_seeds_and_images(const SeedMean& mean) {
  return over_seeds_and_images(mean, mean.between_trainings, static_cast<double>(mean.seeds) - 1);
}

Estimate over_seeds_and_images(const SeedMean& mean, double between_trainings, double freedom) {
  const double by_seeds = between_trainings / static_cast<double>(mean.seeds);
  const double variance = by_seeds + mean.images;
  const double doubt =
      part_of_doubt(by_seeds, freedom) + part_of_doubt(mean.images, mean.images_freedom);
  return {mean.mean, std::sqrt(variance),
          doubt == 0 ? std::numeric_limits<double>::infinity() : variance * variance / doubt};
}

BetweenTrainings pool_between_trainings(std::span<const SeedMean> levels) {
  BetweenTrainings made;
  for (const SeedMean& level : levels) {
    if (level.seeds < 2 || std::isnan(level.between_trainings)) continue;
    const double freedom = static_cast<double>(level.seeds) - 1;
    made.pooled += level.between_trainings * freedom;
    made.freedom += freedom;
  }
  made.pooled = made.freedom == 0 ? kUndefined : made.pooled / made.freedom;
  return made;
}

}  // namespace fathom::stats
