// Whether two figures put the same things into the same order.
#pragma once

#include <cstddef>
#include <span>

#include "fathom/stats/intervals.h"

namespace fathom::stats {

/// Spearman's rank correlation (Spearman 1904, doi:10.2307/1412159): Pearson's of the ranks, equal
/// values sharing their mean rank. NaN of fewer than two pairs, where one side is all equal and
/// where a value is NaN. `a` and `b` are equally long.
double spearman(std::span<const double> a, std::span<const double> b);

/// By Fisher's z with the variance (1 + r^2 / 2) / (n - 3) of Bonett & Wright 2000
/// (doi:10.1007/BF02294183), for pairs that are independent. NaN of fewer than four pairs and where
/// |r| is 1.
Interval spearman_interval(double r, std::size_t pairs, double confidence = 0.95);

}  // namespace fathom::stats
