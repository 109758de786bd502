// A figure averaged over trainings that differ by seed and are scored on the same images: how much
// of its variance is due to seeds and how much to images. Not for folds: corrections.h.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "fathom/stats/delong.h"

namespace fathom::stats {

/// a - b over the same images, with the influences of the difference.
AucSample difference(const AucSample& a, const AucSample& b);

/// The model of Obuchowski & Rockette 1995 (doi:10.1080/03610919508813243) with seeds as readers
/// and groups of images as cases: figure of a seed = mean + seed + images + seed x images.
struct SeedMean {
  double mean = 0;  ///< NaN of none, or when one is not defined
  std::size_t seeds = 0;
  double between_trainings = 0;  ///< variance of the figure from seed to seed, as seen on these
                                 ///< images: seed + seed x images; NaN of one seed
  double images = 0;             ///< variance due to the images that all seeds share, not below 0;
                                 ///< of one seed all that is due to images
  double images_freedom = 0;     ///< degrees of freedom of `images`: variance_freedom()
  double seeds_by_images = 0;  ///< variance due to images that is not shared by seeds, not below 0

  /// The variance between seeds alone: what would be left with endless images; not below 0.
  double seeds_alone() const;
};

/// `trainings`: one per seed, all over the same images and groups. The parts are estimated as
/// there: `images` is the mean covariance between two seeds.
SeedMean mean_over_seeds(std::span<const AucSample> trainings);

/// A value with a standard error and its degrees of freedom.
struct Estimate {
  double value = 0, standard_error = 0, freedom = 0;

  Interval interval(double confidence = 0.95) const;
  /// Of a figure that cannot leave `range`: stats::interval_within().
  Interval interval_within(const Interval& range, double confidence = 0.95) const;
  /// One-sided p-value of "the true value is at most `bound`"; small when it is shown to be above.
  /// NaN without any error: where nothing varied (all images in order), nothing says by how much
  /// other images would.
  double p_at_most(double bound) const;
};

/// The mean with an error that covers other seeds and other images: the variance is
/// between_trainings / seeds + images, its degrees of freedom by Satterthwaite as Hillis 2007
/// (doi:10.1002/sim.2532), who takes the part of the images for known; here it counts with
/// images_freedom, as few groups or seeds tell little of it. NaN of one seed.
Estimate over_seeds_and_images(const SeedMean& mean);

/// The same with a variance between trainings from elsewhere (pooled over levels) and its degrees
/// of freedom.
Estimate over_seeds_and_images(const SeedMean& mean, double between_trainings, double freedom);

/// The variance between trainings of several levels: two or three seeds tell little of one level's.
struct BetweenTrainings {
  double pooled = 0;   ///< the mean over the levels, by their freedom; NaN where none has two seeds
  double freedom = 0;  ///< the sum over the levels

  /// For one level: its own or the pooled one, whichever is larger, as a level may truly vary more.
  double of(const SeedMean& level) const { return std::max(pooled, level.between_trainings); }
};

/// Levels without two seeds do not count.
BetweenTrainings pool_between_trainings(std::span<const SeedMean> levels);

}  // namespace fathom::stats
