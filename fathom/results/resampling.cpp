#include "fathom/results/resampling.h"

#include <cmath>

#include "fathom/stats/clustered.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

using stats::Figure;
using stats::Interval;

constexpr std::size_t kFigureCount = stats::kFigureKinds.size();
constexpr Interval kUnknown{stats::kUndefined, stats::kUndefined};

stats::ClusteredProportion accuracy_of(const stats::Predictions& predictions,
                                       const stats::Groups& groups) {
  stats::ClusteredProportion accuracy(groups.count);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto truth = static_cast<std::size_t>(predictions.labels[i]);
    accuracy.add(groups.of_image[i], stats::predicted_class(predictions, i) == truth);
  }
  return accuracy;
}

stats::PerFigure<Interval> formula_intervals(const stats::Predictions& predictions,
                                             std::size_t positive, double threshold,
                                             const stats::Groups& groups) {
  stats::PerFigure<Interval> made;
  for (const stats::FigureKind& kind : stats::kFigureKinds) made[kind.figure] = kUnknown;
  made[Figure::auc] = stats::auc_interval(stats::overall_auc_sample(predictions, positive, groups));
  made[Figure::accuracy] = accuracy_of(predictions, groups).interval();
  if (predictions.classes == 2) {
    const auto decisions = stats::decide(predictions, positive, groups);
    made[Figure::sensitivity] = decisions.sensitivity.interval();
    made[Figure::specificity] = decisions.specificity.interval();
    made[Figure::ppv] = decisions.ppv.interval();
    made[Figure::npv] = decisions.npv.interval();
  }
  if (!std::isnan(threshold)) {
    const auto decisions = stats::decide(predictions, positive, groups, threshold);
    made[Figure::sensitivity_at_threshold] = decisions.sensitivity.interval();
    made[Figure::specificity_at_threshold] = decisions.specificity.interval();
    made[Figure::ppv_at_threshold] = decisions.ppv.interval();
    made[Figure::npv_at_threshold] = decisions.npv.interval();
  }
  return made;
}

/// Takes the intervals away that would have to tell how groups of a class differ of which there are
/// too few.
void forget_few_groups(stats::PerFigure<Interval>& intervals, bool clustered) {
  intervals[Figure::auc] = kUnknown;
  if (!clustered) return;  // single images are independent, few or many
  for (const Figure figure : {Figure::accuracy, Figure::ppv, Figure::npv, Figure::ppv_at_threshold,
                              Figure::npv_at_threshold}) {
    intervals[figure] = kUnknown;
  }
}

}  // namespace

Interval CaseScores::by_bootstrap(Figure figure) const {
  if (too_few_groups) return kUnknown;
  const Interval found = stats::percentile_interval(draws[figure], groups);
  return found.low < found.high ? found : kUnknown;
}

void Resampling::add(const stats::Predictions& predictions, std::size_t positive,
                     double threshold) {
  // All units have the same cases.
  const bool too_few_groups = plain_.empty()
                                  ? stats::has_too_few_groups(predictions.labels, groups_)
                                  : plain_.front().too_few_groups;
  const stats::WeightedFigures& unit =
      units_.emplace_back(predictions, positive, groups_, threshold);
  CaseScores& plain = plain_.emplace_back();
  plain.cases = predictions.size();
  plain.groups = groups_.count;
  plain.too_few_groups = too_few_groups;
  plain.threshold = threshold;
  plain.values = unit.of(std::vector<std::uint32_t>(groups_.count, 1));
  plain.by_formula = formula_intervals(predictions, positive, threshold, groups_);
  if (too_few_groups) forget_few_groups(plain.by_formula, plain.groups < plain.cases);
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
