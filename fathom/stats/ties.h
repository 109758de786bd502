// Images in order of their score, equal scores together: what every figure of a ranking starts
// from.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fathom::stats {

/// The images that share one score.
struct TiedGroup {
  double score;
  std::size_t positives = 0;
  std::size_t negatives = 0;
};

/// Groups of equal scores, highest score first. No score may be NaN.
std::vector<TiedGroup> tied_groups(std::span<const double> scores,
                                   std::span<const int> is_positive);

/// Positives and negatives of all groups together.
TiedGroup total_of(const std::vector<TiedGroup>& groups);

bool any_nan(std::span<const double> scores);

}  // namespace fathom::stats
