#include "fathom/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/stats/decisions.h"
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
                           const Groups& groups)
    : negatives_(groups.count) {
  FATHOM_CHECK(scores.size() == is_positive.size() && scores.size() == groups.of_image.size());
  FATHOM_CHECK(!any_nan(scores));
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    entries_.push_back({groups.of_image[i], is_positive[i] ? 1U : 0U});
    negatives_[groups.of_image[i]] += is_positive[i] ? 0 : 1;
    if (k + 1 == order.size() || scores[order[k + 1]] != scores[i]) {
      tie_ends_.push_back(static_cast<std::uint32_t>(k + 1));
    }
  }
}

RankingFigures RankedScores::of(Draw draw) const {
  // Whole numbers: twice the pairs won, so that a tie (half a pair) is one.
  std::uint64_t doubled_wins = 0, positives = 0, negatives = 0;
  double precisions = 0;  // of the positives, each at its own score
  const auto all_negatives =
      std::inner_product(negatives_.begin(), negatives_.end(), draw.begin(), std::uint64_t{0});
  const std::uint64_t most = most_false_positives(all_negatives, kFixedSpecificity);
  std::uint64_t found = 0;  // positives, while no more negatives than that are
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
    found = negatives <= most ? positives : found;
    precisions += static_cast<double>(tied_positives) * static_cast<double>(positives) /
                  static_cast<double>(std::max<std::uint64_t>(positives + negatives, 1));
  }
  RankingFigures figures{kUndefined, kUndefined, kUndefined};
  if (positives > 0) figures.average_precision = precisions / static_cast<double>(positives);
  if (positives == 0 || negatives == 0) return figures;
  figures.auc = static_cast<double>(doubled_wins) /
                (2 * static_cast<double>(positives) * static_cast<double>(negatives));
  figures.sensitivity_at_specificity = static_cast<double>(found) / static_cast<double>(positives);
  return figures;
}

Interval percentile_interval(std::span<const double> draws, std::size_t groups, double confidence) {
  const std::vector<double> sorted = sorted_and_defined(draws);
  if (sorted.size() < 2 || groups < kFewestDrawnGroups) return {kUndefined, kUndefined};
  const auto n = static_cast<double>(groups);
  const double outwards = student_interval(0, std::sqrt(n / (n - 1)), n - 1, confidence).high;
  return {quantile(sorted, normal_cdf(-outwards)), quantile(sorted, normal_cdf(outwards))};
}

}  // namespace fathom::stats
