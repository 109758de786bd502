#include "fathom/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

std::vector<std::uint32_t> draw_groups(std::size_t groups, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint32_t> counts(groups);
  for (std::size_t i = 0; i < groups; ++i) ++counts[random.below(groups)];
  return counts;
}

std::vector<double> sorted_and_defined(std::span<const double> draws) {
  std::vector<double> kept;
  std::copy_if(draws.begin(), draws.end(), std::back_inserter(kept),
               [](double value) { return !std::isnan(value); });
  std::sort(kept.begin(), kept.end());
  return kept;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Skewness of the influences over 6.
double acceleration(std::span<const double> influence) {
  double squares = 0, cubes = 0;
  for (const double u : influence) {
    squares += u * u;
    cubes += u * u * u;
  }
  return squares == 0 ? 0 : cubes / (6 * std::pow(squares, 1.5));
}

}  // namespace

std::vector<std::vector<double>> bootstrap(
    std::size_t groups, std::size_t figures,
    const std::function<void(Draw draw, std::span<double> values)>& compute,
    const BootstrapOptions& options) {
  FATHOM_CHECK(groups > 0);
  std::vector<std::vector<double>> made(figures, std::vector<double>(options.draws));
  parallel_for(
      options.draws,
      [&](std::size_t d) {
        const auto counts = draw_groups(groups, derive_seed(options.seed, "bootstrap", d));
        std::vector<double> values(figures);
        compute(counts, values);
        for (std::size_t f = 0; f < figures; ++f) made[f][d] = values[f];
      },
      options.threads);
  return made;
}

RankedScores::RankedScores(std::span<const double> scores, std::span<const int> is_positive,
                           const Groups& groups) {
  FATHOM_CHECK(scores.size() == is_positive.size() && scores.size() == groups.of_image.size());
  FATHOM_CHECK(!any_nan(scores));
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    entries_.push_back({groups.of_image[i], is_positive[i] ? 1U : 0U});
    if (k + 1 == order.size() || scores[order[k + 1]] != scores[i]) {
      tie_ends_.push_back(static_cast<std::uint32_t>(k + 1));
    }
  }
}

double RankedScores::auc(Draw draw) const {
  // Whole numbers: twice the pairs won, so that a tie (half a pair) is one.
  std::uint64_t doubled_wins = 0, positives = 0, negatives = 0;
  std::size_t k = 0;
  for (const std::uint32_t end : tie_ends_) {
    std::uint64_t tied = 0, tied_positives = 0;
    for (; k < end; ++k) {
      const std::uint64_t weight = draw[entries_[k].group];
      tied += weight;
      tied_positives += weight * entries_[k].is_positive;  // no branch: labels cannot be foreseen
    }
    doubled_wins += (tied - tied_positives) * (2 * positives + tied_positives);
    positives += tied_positives;
    negatives += tied - tied_positives;
  }
  if (positives == 0 || negatives == 0) return kUndefined;
  return static_cast<double>(doubled_wins) /
         (2 * static_cast<double>(positives) * static_cast<double>(negatives));
}

Interval percentile_interval(std::span<const double> draws, double confidence) {
  const std::vector<double> sorted = sorted_and_defined(draws);
  if (sorted.size() < 2) return {kUndefined, kUndefined};
  return {quantile(sorted, (1 - confidence) / 2), quantile(sorted, (1 + confidence) / 2)};
}

Interval bca_interval(std::span<const double> draws, double estimate,
                      std::span<const double> influence, double confidence) {
  const std::vector<double> sorted = sorted_and_defined(draws);
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), estimate);
  const auto below = static_cast<double>(first - sorted.begin());
  const auto equal = static_cast<double>(last - first);
  const double share = (below + equal / 2) / static_cast<double>(sorted.size());
  if (sorted.size() < 2 || !(share > 0 && share < 1)) return {kUndefined, kUndefined};
  const double bias = normal_quantile(share), a = acceleration(influence);
  const auto end = [&](double p) {
    const double z = bias + normal_quantile(p);
    return quantile(sorted, normal_cdf(bias + z / (1 - a * z)));
  };
  return {end((1 - confidence) / 2), end((1 + confidence) / 2)};
}

}  // namespace fathom::stats
