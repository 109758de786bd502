// Intervals of proportions and of figures whose error is nearly normal. Not resampling:
// bootstrap.h.
#pragma once

#include <cstddef>
#include <span>

namespace fathom::stats {

/// Two-sided; NaN where it is not defined.
struct Interval {
  double low = 0, high = 0;
};

/// A part of a whole, e.g. the positives that were found.
struct Proportion {
  std::size_t hits = 0, trials = 0;

  double value() const;  ///< NaN of no trials
};

/// The score interval of Wilson 1927 (doi:10.1080/01621459.1927.10502953) of a proportion of
/// independent trials, without continuity correction; `trials` need not be whole. NaN of none.
Interval wilson_interval(double proportion, double trials, double confidence = 0.95);

/// value +- z * standard_error, z the standard normal quantile of (1 + confidence) / 2.
Interval normal_interval(double value, double standard_error, double confidence = 0.95);

/// value +- t * standard_error by Student's t. Infinite `freedom` gives normal_interval; NaN where
/// an argument is NaN or freedom is 0.
Interval student_interval(double value, double standard_error, double freedom,
                          double confidence = 0.95);

/// The same for a figure that cannot leave `range`: on a scale without bounds (logarithm of the
/// odds between two bounds, logarithm above one), with the error by the delta method, carried back;
/// for an AUC as compared by Qin & Hotilovac 2008 (doi:10.1177/0962280207087173). `range.high` may
/// be infinite; with both infinite it is student_interval(). NaN at a bound, where no error is
/// seen.
Interval interval_within(const Interval& range, double value, double standard_error, double freedom,
                         double confidence = 0.95);

/// Degrees of freedom of a variance that is the sum of a part from each group, by how much the
/// parts v_g vary: 2 (sum v_g)^2 / var(sum v_g) (Satterthwaite 1946, doi:10.2307/3002019), at most
/// groups - 1. Low where few groups make up most of it.
double variance_freedom(std::span<const double> parts);

/// P(T > t) of Student's t with `freedom` > 0 degrees of freedom, infinity for the normal.
double student_upper_tail(double t, double freedom);

/// The standard normal quantile of 0 < p < 1, and the distribution function.
double normal_quantile(double p);
double normal_cdf(double z);

}  // namespace fathom::stats
