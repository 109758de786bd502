#include "fathom/stats/ranks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

/// Ranks from 1, equal values sharing their mean, less the mean of all ranks.
std::vector<double> centred_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + end + 1) / 2;
    for (std::size_t k = begin; k < end; ++k) {
      ranks[order[k]] = shared - static_cast<double>(order.size() + 1) / 2;
    }
  }
  return ranks;
}

}  // namespace

double spearman(std::span<const double> a, std::span<const double> b) {
  FATHOM_CHECK(a.size() == b.size());
  if (any_nan(a) || any_nan(b)) return kUndefined;
  const std::vector<double> x = centred_ranks(a), y = centred_ranks(b);
  const auto product = [](const std::vector<double>& u, const std::vector<double>& v) {
    return std::inner_product(u.begin(), u.end(), v.begin(), 0.0);
  };
  const double scale = std::sqrt(product(x, x) * product(y, y));
  return scale > 0 ? product(x, y) / scale : kUndefined;
}

Interval spearman_interval(double r, std::size_t pairs, double confidence) {
  if (pairs < 4 || !(std::abs(r) < 1)) return {kUndefined, kUndefined};
  const double error = std::sqrt((1 + r * r / 2) / static_cast<double>(pairs - 3));
  const Interval z = normal_interval(std::atanh(r), error, confidence);
  return {std::tanh(z.low), std::tanh(z.high)};
}

}  // namespace fathom::stats
