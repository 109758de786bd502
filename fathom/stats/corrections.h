// Corrections that keep a stated error rate: for many tests at once, and for trainings that share
// images. The tests themselves are elsewhere.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fathom/stats/intervals.h"

namespace fathom::stats {

/// Adjusted p-values, in the order given: rejecting those at or below alpha keeps the chance of any
/// false rejection at or below alpha (Holm 1979, Scandinavian Journal of Statistics 6:65).
/// `at_most_true` bounds how many of the hypotheses can be true together, where logic does
/// (Shaffer 1986, doi:10.1080/01621459.1986.10478341, procedure S1). NaN counts as 1.
std::vector<double> holm(std::span<const double> p_values, std::size_t at_most_true);
std::vector<double> holm(std::span<const double> p_values);

/// A mean of differences and its error by Student's t.
struct ResampledTest {
  double mean = 0;            ///< NaN of none
  double standard_error = 0;  ///< NaN of fewer than two
  double freedom = 0;         ///< trainings - 1
  double p_value = 0;         ///< two-sided, of a mean of zero
  Interval interval;
};

/// The corrected resampled t-test for differences over repeated splits of the same images: the
/// variance of the mean is (1/n + test/train) times that of the differences, as training parts
/// overlap (Nadeau & Bengio 2003, doi:10.1023/A:1024068626366). `test_to_train`: images scored over
/// images trained on; 0 gives the ordinary paired t-test.
ResampledTest corrected_resampled_t(std::span<const double> differences, double test_to_train,
                                    double confidence = 0.95);

}  // namespace fathom::stats
