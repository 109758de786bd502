// The bootstrap over groups of images: what a figure might have been on other images of the same
// kind. Paired, as every figure sees the same draws. Seeds are not drawn: seeds.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fathom/stats/groups.h"
#include "fathom/stats/intervals.h"

namespace fathom::stats {

struct BootstrapOptions {
  std::size_t draws = 2000;
  std::uint64_t seed = 0;
  unsigned threads = 0;  ///< 0 = all cores; the draws do not depend on it
};

/// How often each group was drawn.
using Draw = std::span<const std::uint32_t>;

/// `figures` values for each draw of as many groups as there are, with replacement (Efron 1979,
/// doi:10.1214/aos/1176344552): made[figure][draw]. `compute(draw, values)` fills one draw's
/// values, NaN where a figure is not defined; it is called from several threads.
std::vector<std::vector<double>> bootstrap(
    std::size_t groups, std::size_t figures,
    const std::function<void(Draw draw, std::span<double> values)>& compute,
    const BootstrapOptions& options);

/// What a ranking is worth, as stats::auc(), stats::average_precision() and, at kFixedSpecificity,
/// stats::sensitivity_at_specificity() define it.
struct RankingFigures {
  double auc = 0, average_precision = 0, sensitivity_at_specificity = 0;
};

/// A ranking sorted once, whose figures under any weights then take one pass.
class RankedScores {
 public:
  /// No score may be NaN.
  RankedScores(std::span<const double> scores, std::span<const int> is_positive,
               const Groups& groups);

  /// The figures when the images of group g count draw[g] times. The average precision is
  /// NaN when that leaves no positive, the others when it leaves one class only.
  RankingFigures of(Draw draw) const;

 private:
  struct Entry {
    std::uint32_t group;
    std::uint32_t is_positive;
  };
  std::vector<Entry> entries_;            ///< highest score first
  std::vector<std::uint32_t> tie_ends_;   ///< index after the last entry of each distinct score
  std::vector<std::uint32_t> negatives_;  ///< of each group
};

/// The expanded percentile interval of Hesterberg 2015 (doi:10.1080/00031305.2015.1089789):
/// quantiles of the draws as far out as makes up for what few groups vary too little, with
/// Student's t for the normal distribution; of many groups the percentile interval. Interpolated
/// linearly (Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566, type 7). Draws that are NaN
/// are left out. NaN of fewer than 2 draws, and of fewer than kFewestDrawnGroups groups: it then
/// holds the truth too seldom (docs/results/coverage.md).
inline constexpr std::size_t kFewestDrawnGroups = 20;
Interval percentile_interval(std::span<const double> draws, std::size_t groups,
                             double confidence = 0.95);

}  // namespace fathom::stats
