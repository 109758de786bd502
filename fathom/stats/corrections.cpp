#include "fathom/stats/corrections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {}  // namespace

std::vector<double> holm(std::span<const double> p_values, std::size_t at_most_true) {
  std::vector<double> given(p_values.begin(), p_values.end());
  for (double& p : given) p = std::isnan(p) ? 1 : p;
  std::vector<std::size_t> order(given.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return given[a] < given[b]; });
  std::vector<double> adjusted(given.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto still_true = static_cast<double>(std::min(given.size() - rank, at_most_true));
    largest = std::max(largest, std::min(1.0, still_true * given[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

std::vector<double> holm(std::span<const double> p_values) {
  return holm(p_values, p_values.size());
}

ResampledTest corrected_resampled_t(std::span<const double> differences, double test_to_train,
                                    double confidence) {
  FATHOM_CHECK(test_to_train >= 0);
  const auto n = static_cast<double>(differences.size());
  ResampledTest test{kUndefined, kUndefined, n - 1, kUndefined, {kUndefined, kUndefined}};
  if (differences.empty()) return test;
  test.mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  if (differences.size() < 2) return test;
  double squares = 0;
  for (const double d : differences) squares += (d - test.mean) * (d - test.mean);
  test.standard_error = std::sqrt((1 / n + test_to_train) * squares / (n - 1));
  test.interval = student_interval(test.mean, test.standard_error, test.freedom, confidence);
  test.p_value =
      test.mean == 0 && test.standard_error == 0
          ? 1
          : 2 * student_upper_tail(std::abs(test.mean) / test.standard_error, test.freedom);
  return test;
}

}  // namespace fathom::stats
