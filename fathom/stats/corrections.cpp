#include "fathom/stats/corrections.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "fathom/base/error.h"

namespace fathom::stats {
namespace {

/// P(max >= x) of `count` standard normals with correlations of 1/2: the differences of as many and
/// one more that are independent, over sqrt(2).
double some_normal_above(double x, std::size_t count) {
  const auto integrand = [&](double of_standard) {
    const double above = normal_cdf(-(std::sqrt(2.0) * x + of_standard));
    return boost::math::pdf(boost::math::normal(), of_standard) *
           -std::expm1(static_cast<double>(count) * std::log1p(-above));
  };
  constexpr double kEnd = 9;  // beyond it the density adds nothing
  return boost::math::quadrature::gauss<double, 60>::integrate(integrand, -kEnd, kEnd);
}

}  // namespace

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<double> given(p_values.begin(), p_values.end());
  for (double& p : given) p = std::isnan(p) ? 1 : p;
  std::vector<std::size_t> order(given.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return given[a] < given[b]; });
  std::vector<double> adjusted(given.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto still_true = static_cast<double>(given.size() - rank);
    largest = std::max(largest, std::min(1.0, still_true * given[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

double dunnett(double t, double freedom, std::size_t comparisons) {
  FATHOM_CHECK(comparisons >= 1 && freedom > 0);
  if (comparisons == 1) return student_upper_tail(t, freedom);
  if (std::isinf(freedom)) return some_normal_above(t, comparisons);
  constexpr double kLeftOut = 1e-11;  // of the distribution, at either end
  const boost::math::chi_squared squares(freedom);
  // Over the logarithm of the error's estimate, whose density has no pole.
  const auto log_error = [&](double square) { return std::log(square / freedom) / 2; };
  const auto integrand = [&](double log) {
    const double error = std::exp(log), square = freedom * error * error;
    return 2 * square * boost::math::pdf(squares, square) *
           some_normal_above(t * error, comparisons);
  };
  const double low =
      std::max(boost::math::quantile(squares, kLeftOut), std::numeric_limits<double>::min());
  const double high = boost::math::quantile(boost::math::complement(squares, kLeftOut));
  constexpr unsigned kHalvings = 6;
  const double p = boost::math::quadrature::gauss_kronrod<double, 31>::integrate(
      integrand, log_error(low), log_error(high), kHalvings, 1e-8);
  return std::min(p, 1.0);  // the sum may be off by its rounding
}

Estimate corrected_resampled_t(const SeedMean& mean, double test_to_train) {
  return corrected_resampled_t(mean, test_to_train, mean.between_trainings,
                               static_cast<double>(mean.seeds) - 1);
}

Estimate corrected_resampled_t(const SeedMean& mean, double test_to_train, double between_trainings,
                               double freedom) {
  FATHOM_CHECK(test_to_train >= 0);
  const double overlap = 1 + static_cast<double>(mean.seeds) * test_to_train;
  return over_seeds_and_images(mean, between_trainings * overlap, freedom);
}

}  // namespace fathom::stats
