// Proportions of images that come in groups (patients, slides), with intervals that know it. Not
// resampling: bootstrap.h; not of an AUC: delong.h.
#pragma once

#include <cstdint>
#include <vector>

#include "fathom/stats/delong.h"
#include "fathom/stats/groups.h"
#include "fathom/stats/intervals.h"
#include "fathom/stats/scores.h"

namespace fathom::stats {

/// What the intervals are by, for people.
inline constexpr const char* kWilsonByGroups =
    "Wilson (1927) with the effective number of images (Rao & Scott 1992; Korn & Graubard 1998), "
    "which is their number where each is a group of its own";

/// Trials in groups, e.g. of the positive images of every patient those that were found.
class ClusteredProportion {
 public:
  explicit ClusteredProportion(std::size_t groups) : groups_(groups) {}

  void add(std::uint32_t group, bool hit);

  double value() const { return total().value(); }  ///< NaN of no trials
  Proportion total() const;

  /// wilson_interval() of the effective number of trials (Rao & Scott 1992, doi:10.2307/2532311):
  /// their number n over the design effect, which is the ratio estimator's variance over groups by
  /// p (1 - p) / (n - 1), what it would be of single images. As that variance is estimated, times
  /// the square of Student's t with n - 1 over t with its variance_freedom() (Korn & Graubard 1998,
  /// Survey Methodology 24:193). At most n, as of independent trials, and at least n^2 / sum n_g^2,
  /// as of groups whose n_g trials all end alike, which is taken where all hit or none. With groups
  /// of one trial both are n: Wilson's interval. NaN of no trials, and of trials that hang together
  /// in fewer than kFewestGroups groups.
  Interval interval(double confidence = 0.95) const;

  /// The same with what each group contributes to the error: the linearized ratio's residuals,
  /// scaled so that the sum of their squares is the variance (Cochran 1977, Sampling Techniques,
  /// section 6.4). NaN with trials in fewer than kFewestGroups groups.
  AucSample sample() const;

 private:
  std::vector<Proportion> groups_;  ///< some may be without trials
};

/// One class against the others: as in Decisions.
struct ClusteredDecisions {
  explicit ClusteredDecisions(std::size_t groups)
      : accuracy(groups), sensitivity(groups), specificity(groups), ppv(groups), npv(groups) {}

  /// An image of this group: whether it is of the class, and whether it was taken for it.
  void add(std::uint32_t group, bool is_positive, bool found);

  ClusteredProportion accuracy, sensitivity, specificity, ppv, npv;
};

/// Class c, taken where it is the predicted class.
ClusteredDecisions decide(const Predictions& predictions, std::size_t c, const Groups& groups);

/// Class c, taken where its probability is at or above `threshold`.
ClusteredDecisions decide(const Predictions& predictions, std::size_t c, const Groups& groups,
                          double threshold);

}  // namespace fathom::stats
