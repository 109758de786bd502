#include "fathom/train/prefix_plan.h"

#include <algorithm>
#include <numeric>

#include "fathom/base/error.h"

namespace fathom::train {
namespace {

constexpr std::size_t kMostCandidates = 16;

std::vector<std::size_t> candidates_of(const PrefixDemand& demand) {
  std::vector<std::size_t> wanted;
  for (std::size_t b = 1; b < demand.reads.size(); ++b) {
    if (demand.reads[b] > 0 && b != demand.always) wanted.push_back(b);
  }
  std::ranges::stable_sort(wanted, std::greater{}, [&](std::size_t b) { return demand.reads[b]; });
  if (wanted.size() > kMostCandidates) wanted.resize(kMostCandidates);
  std::ranges::sort(wanted);
  return wanted;
}

/// Seconds to compute boundary `to` from boundary `from`.
double compute_between(const PrefixCosts& costs, std::size_t from, std::size_t to) {
  return std::accumulate(costs.compute.begin() + static_cast<long>(from),
                         costs.compute.begin() + static_cast<long>(to), 0.0);
}

}  // namespace

double seconds_to_get(const PrefixCosts& costs, const std::vector<std::size_t>& stored,
                      std::size_t boundary) {
  std::size_t nearest = 0;
  for (const std::size_t s : stored) nearest = s <= boundary ? std::max(nearest, s) : nearest;
  return costs.read[nearest] + compute_between(costs, nearest, boundary);
}

namespace {

PrefixChoice cost_of(const PrefixCosts& costs, const PrefixDemand& demand,
                     std::vector<std::size_t> stored) {
  PrefixChoice choice{.stored = std::move(stored)};
  std::vector<std::size_t> filled = choice.stored;
  if (demand.always > 0) filled.push_back(demand.always);
  std::size_t missing = 0, highest = 0;
  for (const std::size_t b : filled) {
    const auto count = static_cast<double>(demand.missing[b]);
    choice.fill_seconds += count * costs.write[b];
    choice.bytes += demand.missing[b] * costs.bytes[b];
    missing = std::max(missing, demand.missing[b]);
    if (demand.missing[b] > 0) highest = std::max(highest, b);
  }
  choice.fill_seconds +=
      static_cast<double>(missing) * (costs.read[0] + compute_between(costs, 0, highest));
  for (std::size_t b = 1; b < demand.reads.size(); ++b) {
    choice.use_seconds += demand.reads[b] * seconds_to_get(costs, filled, b);
  }
  return choice;
}

}  // namespace

PrefixChoice choose_boundaries(const PrefixCosts& costs, const PrefixDemand& demand,
                               std::uint64_t max_bytes) {
  FATHOM_CHECK(costs.read.size() == demand.reads.size() &&
               costs.compute.size() + 1 == costs.read.size());
  const std::vector<std::size_t> candidates = candidates_of(demand);
  PrefixChoice best = cost_of(costs, demand, {});
  for (std::size_t subset = 1; subset < std::size_t{1} << candidates.size(); ++subset) {
    std::vector<std::size_t> stored;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if ((subset >> i & 1) != 0) stored.push_back(candidates[i]);
    }
    PrefixChoice choice = cost_of(costs, demand, std::move(stored));
    const bool cheaper =
        choice.fill_seconds + choice.use_seconds < best.fill_seconds + best.use_seconds;
    if (cheaper && choice.bytes <= max_bytes) best = std::move(choice);
  }
  return best;
}

}  // namespace fathom::train
