#include "fathom/results/resampling.h"

#include "fathom/stats/decisions.h"
#include "fathom/stats/delong.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

using stats::Figure;
using stats::Interval;

constexpr std::size_t kFigureCount = stats::kFigureKinds.size();

stats::PerFigure<Interval> formula_intervals(const stats::Predictions& predictions,
                                             std::size_t positive, const stats::Groups& groups) {
  stats::PerFigure<Interval> made;
  for (const stats::FigureKind& kind : stats::kFigureKinds) {
    made[kind.figure] = {stats::kUndefined, stats::kUndefined};
  }
  made[Figure::auc] = stats::auc_interval(stats::overall_auc_sample(predictions, positive, groups));
  const stats::ConfusionMatrix confusion = stats::confusion_matrix(predictions);
  stats::Proportion hits{0, predictions.size()};
  for (std::size_t c = 0; c < confusion.classes; ++c) hits.hits += confusion.at(c, c);
  made[Figure::accuracy] = hits.wilson();
  if (predictions.classes != 2) return made;
  const stats::Decisions decisions = stats::one_vs_rest(confusion, positive);
  made[Figure::sensitivity] = decisions.sensitivity().wilson();
  made[Figure::specificity] = decisions.specificity().wilson();
  made[Figure::ppv] = decisions.ppv().wilson();
  made[Figure::npv] = decisions.npv().wilson();
  return made;
}

}  // namespace

Interval CaseScores::by_bootstrap(Figure figure) const {
  return stats::percentile_interval(draws[figure], groups);
}

void Resampling::add(const stats::Predictions& predictions, std::size_t positive) {
  // All units have the same cases.
  const bool too_few_groups = plain_.empty()
                                  ? stats::has_too_few_groups(predictions.labels, groups_)
                                  : plain_.front().too_few_groups;
  const stats::WeightedFigures& unit = units_.emplace_back(predictions, positive, groups_);
  plain_.push_back({.cases = predictions.size(),
                    .groups = groups_.count,
                    .too_few_groups = too_few_groups,
                    .values = unit.of(std::vector<std::uint32_t>(groups_.count, 1)),
                    .by_formula = formula_intervals(predictions, positive, groups_)});
}

std::vector<CaseScores> Resampling::scores() const {
  std::vector<std::vector<double>> draws =
      stats::bootstrap(groups_.count, units_.size() * kFigureCount,
                       [&](stats::Draw draw, std::span<double> values) {
                         for (std::size_t u = 0; u < units_.size(); ++u) {
                           const stats::PerFigure<double> found = units_[u].of(draw);
                           for (std::size_t f = 0; f < kFigureCount; ++f) {
                             values[u * kFigureCount + f] = found[stats::kFigureKinds[f].figure];
                           }
                         }
                       },
                       {});
  std::vector<CaseScores> made = plain_;
  for (std::size_t u = 0; u < made.size(); ++u) {
    for (std::size_t f = 0; f < kFigureCount; ++f) {
      made[u].draws[stats::kFigureKinds[f].figure] = std::move(draws[u * kFigureCount + f]);
    }
  }
  return made;
}

}  // namespace fathom::results
