#include "fathom/stats/corrections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"

namespace fathom::stats {

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
