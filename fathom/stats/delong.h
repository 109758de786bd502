// The sampling error of an AUC over images, and of differences of AUCs over the same images, by
// DeLong's method. Not for the error between trainings: that is seeds.h.
#pragma once

#include <span>
#include <vector>

#include "fathom/stats/groups.h"
#include "fathom/stats/intervals.h"
#include "fathom/stats/scores.h"

namespace fathom::stats {

/// An AUC and what each group of images contributes to its error. Influences are linear: those of a
/// difference of two AUCs, or of a mean of several (macro average, mean over seeds), are the
/// differences or means of theirs.
struct AucSample {
  double auc = 0;
  std::vector<double> influence;  ///< one per group; NaN where the error is not defined
};

/// The structural components of DeLong, DeLong & Clarke-Pearson 1988 (doi:10.2307/2531595) by the
/// midranks of Sun & Xu 2014 (doi:10.1109/LSP.2014.2337313), O(n log n), summed over each group as
/// by Obuchowski 1997 (doi:10.2307/2533958), but for one factor: where groups have images of both
/// classes, the covariance of the two sums is scaled by the geometric mean of the classes' factors
/// I / (I - 1) for I groups. Scaled so that the sum of squares is the variance: with single images
/// as groups exactly DeLong's. `is_positive` and `groups` belong to the same
/// images. The AUC is NaN when a class is missing or a score is NaN; influences are NaN as well
/// when fewer than two groups have positives, or negatives.
AucSample auc_sample(std::span<const double> scores, std::span<const int> is_positive,
                     const Groups& groups);

/// The macro average of one-vs-rest AUCs: the mean over the samples whose AUC is defined.
AucSample mean_sample(std::span<const AucSample> samples);

/// AUC as in Scores: with two classes of `positive`, else the macro average.
AucSample overall_auc_sample(const Predictions& predictions, std::size_t positive,
                             const Groups& groups);

/// Covariance of two AUCs over the same images and groups; of one with itself, its variance.
double covariance(const AucSample& a, const AucSample& b);

/// The degrees of freedom of its variance over images: variance_freedom() of what each group adds.
double error_freedom(const AucSample& sample);

/// By interval_within() with error_freedom(). NaN where no pair is out of order, or all are: no
/// error is seen then.
Interval auc_interval(const AucSample& sample, double confidence = 0.95);

}  // namespace fathom::stats
