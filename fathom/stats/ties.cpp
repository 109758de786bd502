#include "fathom/stats/ties.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"

namespace fathom::stats {

std::vector<TiedGroup> tied_groups(std::span<const double> scores,
                                   std::span<const int> is_positive) {
  FATHOM_CHECK(scores.size() == is_positive.size());
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<TiedGroup> groups;
  for (const std::size_t i : order) {
    if (groups.empty() || groups.back().score != scores[i]) groups.push_back({scores[i]});
    ++(is_positive[i] ? groups.back().positives : groups.back().negatives);
  }
  return groups;
}

TiedGroup total_of(const std::vector<TiedGroup>& groups) {
  TiedGroup total{0};
  for (const TiedGroup& group : groups) {
    total.positives += group.positives;
    total.negatives += group.negatives;
  }
  return total;
}

bool any_nan(std::span<const double> scores) {
  return std::any_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); });
}

}  // namespace fathom::stats
