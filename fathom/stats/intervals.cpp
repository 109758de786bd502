#include "fathom/stats/intervals.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "fathom/stats/undefined.h"

namespace fathom::stats {
double Proportion::value() const {
  return trials == 0 ? kUndefined : static_cast<double>(hits) / static_cast<double>(trials);
}

Interval wilson_interval(double proportion, double trials, double confidence) {
  if (trials == 0) return {kUndefined, kUndefined};
  const double p = proportion, z = normal_quantile((1 + confidence) / 2), z2 = z * z;
  const double middle = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const double half =
      z / (1 + z2 / trials) * std::sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials));
  // At the ends the formula is exact; rounding must not move it.
  return {p == 0 ? 0 : middle - half, p == 1 ? 1 : middle + half};
}

Interval normal_interval(double value, double standard_error, double confidence) {
  const double half = normal_quantile((1 + confidence) / 2) * standard_error;
  return {value - half, value + half};
}

Interval student_interval(double value, double standard_error, double freedom, double confidence) {
  if (std::isinf(freedom)) return normal_interval(value, standard_error, confidence);
  if (!(freedom > 0)) return {kUndefined, kUndefined};
  const boost::math::students_t distribution(freedom);
  const double half = boost::math::quantile(distribution, (1 + confidence) / 2) * standard_error;
  return {value - half, value + half};
}

Interval interval_within(const Interval& range, double value, double standard_error, double freedom,
                         double confidence) {
  if (std::isinf(range.low)) return student_interval(value, standard_error, freedom, confidence);
  if (!(range.low < value && value < range.high)) return {kUndefined, kUndefined};
  const double below = value - range.low, above = range.high - value;
  if (std::isinf(above)) {
    const Interval scaled =
        student_interval(std::log(below), standard_error / below, freedom, confidence);
    return {range.low + std::exp(scaled.low), range.low + std::exp(scaled.high)};
  }
  const double width = range.high - range.low;
  const double slope = width / (below * above);
  const Interval odds =
      student_interval(std::log(below / above), slope * standard_error, freedom, confidence);
  return {range.low + width / (1 + std::exp(-odds.low)),
          range.low + width / (1 + std::exp(-odds.high))};
}

double variance_freedom(std::span<const double> parts) {
  const auto groups = static_cast<double>(parts.size());
  double sum = 0, squares = 0;
  for (const double part : parts) sum += part;
  for (const double part : parts) squares += (part - sum / groups) * (part - sum / groups);
  const double doubt = squares * groups / (groups - 1);
  return doubt == 0 ? groups - 1 : std::min(groups - 1, 2 * sum * sum / doubt);
}

double student_upper_tail(double t, double freedom) {
  if (std::isnan(t) || !(freedom > 0)) return kUndefined;
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  if (std::isinf(freedom)) return normal_cdf(-t);
  return boost::math::cdf(boost::math::complement(boost::math::students_t(freedom), t));
}

double normal_quantile(double p) { return boost::math::quantile(boost::math::normal(), p); }

double normal_cdf(double z) {
  return std::isnan(z) ? kUndefined : 0.5 * std::erfc(-z / std::sqrt(2.0));
}

}  // namespace fathom::stats
