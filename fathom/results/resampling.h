// The test figures of one unit with their intervals over images, image by image and group by group.
// Of a level: precision.h.
#pragma once

#include <array>
#include <vector>

#include "fathom/stats/weighted_figures.h"

namespace fathom::results {

/// What counts as one case: an image, or a group by its images' probabilities (stats::GroupRule).
enum class Cases { images, groups_by_mean, groups_by_max };

struct CasesName {
  Cases cases;
  const char* name;
};
inline constexpr std::array<CasesName, 3> kCases{{{Cases::images, "image"},
                                                  {Cases::groups_by_mean, "group_mean"},
                                                  {Cases::groups_by_max, "group_max"}}};

struct CaseScores {
  std::size_t cases = 0;
  std::size_t groups = 0;       ///< that the bootstrap draws; with cases that are groups, the cases
  bool too_few_groups = false;  ///< of some class: no error over cases is known
  /// That validation chose for these cases; NaN with several classes, and where it chose none.
  double threshold = 0;
  stats::PerFigure<double> values;
  /// 95 %: the AUC by DeLong over the groups; accuracy and, with two classes, sensitivity,
  /// specificity, PPV and NPV, of predicted classes and at the threshold, by
  /// stats::kWilsonByGroups. NaN for the others, and where a class is in too few groups.
  stats::PerFigure<stats::Interval> by_formula;
  /// Under other draws of the groups; draw d is the same for all units of a fold.
  stats::PerFigure<std::vector<double>> draws;

  /// The 95 % stats::percentile_interval() of the draws; NaN where a class is in too few groups,
  /// and where no draw moves the figure (all in order), which does not show how sure it is.
  stats::Interval by_bootstrap(stats::Figure figure) const;
};

/// Collects units that were scored on the same cases and draws their groups together.
class Resampling {
 public:
  explicit Resampling(stats::Groups groups) : groups_(std::move(groups)) {}

  /// `positive`: the class that counts as positive when there are two; `threshold`: of its
  /// probability, NaN for none.
  void add(const stats::Predictions& predictions, std::size_t positive, double threshold);

  /// In the order of add(). Deterministic: 2,000 draws, always the same.
  std::vector<CaseScores> scores() const;

 private:
  stats::Groups groups_;
  std::vector<stats::WeightedFigures> units_;
  std::vector<CaseScores> plain_;  ///< without draws
};

}  // namespace fathom::results
