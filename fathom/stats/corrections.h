// Corrections that keep a stated error rate: for many tests at once, and for trainings that share
// images. The tests themselves are elsewhere.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fathom/stats/seeds.h"

namespace fathom::stats {

/// Adjusted p-values, in the order given: rejecting those at or below alpha keeps the chance of any
/// false rejection at or below alpha (Holm 1979, Scandinavian Journal of Statistics 6:65). NaN
/// counts as 1.
std::vector<double> holm(std::span<const double> p_values);

/// The one-sided p-value of a Student's t with `freedom` > 0 degrees of freedom (may be infinite),
/// adjusted as the largest of `comparisons` >= 1 means with that of one standard, all with equal
/// errors: P(max of so many t >= t), which share their denominator and have correlations of 1/2
/// (Dunnett 1955, doi:10.1080/01621459.1955.10501294). To about 1e-7, by quadrature.
double dunnett(double t, double freedom, std::size_t comparisons);

/// The mean over trainings on repeated splits of the same images, by the corrected resampled
/// t-test: its variance is (1/n + test/train) times that between trainings, as training parts
/// overlap (Nadeau & Bengio 2003, doi:10.1023/A:1024068626366); n - 1 degrees of freedom. Where all
/// trainings are scored on the same images (of a test part that no split touches) and the samples
/// of the mean tell of them, what these images add is added, as in over_seeds_and_images().
/// `test_to_train`: images scored over images trained on; 0 gives the ordinary t-test. An error of
/// NaN with fewer than two trainings.
Estimate corrected_resampled_t(const SeedMean& mean, double test_to_train);

/// The same with a variance between trainings from elsewhere (pooled over levels) and its degrees
/// of freedom.
Estimate corrected_resampled_t(const SeedMean& mean, double test_to_train, double between_trainings,
                               double freedom);

}  // namespace fathom::stats
