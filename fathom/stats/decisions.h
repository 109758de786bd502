// What scores are worth as yes-or-no decisions: counts, how to choose a threshold, and the
// figures of a confusion matrix that scores.h does not have. NaN marks what is not defined.
#pragma once

#include <span>

#include "fathom/stats/intervals.h"
#include "fathom/stats/scores.h"

namespace fathom::stats {

/// One class against the others. With intervals: clustered.h.
struct Decisions {
  std::size_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;

  Proportion sensitivity() const;  ///< of the positives, those found
  Proportion specificity() const;  ///< of the negatives, those left alone
  Proportion ppv() const;          ///< positive predictive value: of those found, the positives
  Proportion npv() const;          ///< negative predictive value
  double f1() const;
};

/// Class `positive` against the others, as the confusion matrix has it.
Decisions one_vs_rest(const ConfusionMatrix& confusion, std::size_t positive);

/// Average precision: the sum over distinct scores, high to low, of (gain in recall) * precision,
/// without interpolation (Manning, Raghavan & Schütze 2008, Introduction to Information Retrieval,
/// section 8.4; equal scores enter together, as in scikit-learn). NaN without a positive.
double average_precision(std::span<const double> scores, std::span<const int> is_positive);

/// At which the report states the sensitivity.
inline constexpr double kFixedSpecificity = 0.95;

/// The most of so many negatives that may be found at a specificity of at least `specificity` (0 to
/// 1).
std::size_t most_false_positives(std::size_t negatives, double specificity);

/// The highest sensitivity of all thresholds whose specificity is at least `specificity` (0 to 1).
/// NaN when one class is missing.
double sensitivity_at_specificity(std::span<const double> scores, std::span<const int> is_positive,
                                  double specificity);

/// The score that, as a threshold, has the largest sensitivity + specificity - 1 (Youden 1950,
/// doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3); the highest of equals.
/// Choose it on validation and apply it to test. NaN when one class is missing.
double youden_threshold(std::span<const double> scores, std::span<const int> is_positive);

/// Matthews' correlation; with several classes R_K (Matthews 1975, doi:10.1016/0005-2795(75)
/// 90109-9; Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006). NaN when all truths or all
/// predictions are one class.
double matthews_correlation(const ConfusionMatrix& confusion);

/// Cohen's kappa, unweighted (Cohen 1960, doi:10.1177/001316446002000104). NaN when chance alone
/// would agree everywhere.
double cohen_kappa(const ConfusionMatrix& confusion);

/// The mean over images of the squared distance between probabilities and truth, summed over the
/// classes (Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2): 0 to 2, and with two
/// classes twice the figure of those who count the positive class alone. NaN of no image.
double brier_score(const Predictions& predictions);
double brier_score_of(const Predictions& predictions, std::size_t i);  ///< of one image

}  // namespace fathom::stats
