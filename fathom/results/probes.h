// Probes of the frozen network over the folds of a study, and how well they foretold what tuning
// above each cut reached. Chooses nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fathom/results/summary.h"

namespace fathom::results {

/// One architecture's probes.
struct ProbeSummary {
  /// The record of one fold, as it is. Of several folds every figure is the mean over those where
  /// it is defined, its interval that of the corrected resampled t-test (stats/corrections.h), and
  /// the strength NaN where folds chose differently; images are those of the first, seconds summed.
  ProbeRecord mean;
  std::size_t folds = 1;        ///< that were probed
  std::size_t study_folds = 1;  ///< that the study has

  /// Which folds and images the figures are of, and what the intervals cover: "3998 training
  /// images, 1000 for validation and 1000 for test; 95 % intervals over images".
  std::string scope_in_words() const;
};

/// In the order in which architectures first appear.
std::vector<ProbeSummary> summarize_probes(std::span<const ProbeRecord> probes,
                                           std::size_t study_folds);

struct RankCorrelation {
  double value = 0;          ///< Spearman's; NaN where it is not defined
  stats::Interval interval;  ///< 95 %, as if levels were independent; NaN where it is not defined
};

/// Rank correlations of a level's mean test AUC, tuned, with figures of the boundary where its
/// tuning begins, over the plain levels of a depth that have both.
struct ProbeAgreement {
  std::size_t levels = 0;
  RankCorrelation probe;  ///< with the linear probe's test AUC
  RankCorrelation logme;

  /// The figures, in one sentence.
  std::string figures_in_words() const;
  /// The same, and how to read them.
  std::string in_words() const;
};

ProbeAgreement agreement_of(const ProbeRecord& probe, const std::vector<LevelSummary>& summaries);

/// The plain level of a probe's architecture whose tuning begins at a boundary; null where it was
/// not studied.
const LevelSummary* level_above(const ProbeRecord& probe, const ProbedBoundary& boundary,
                                const std::vector<LevelSummary>& summaries);

/// {levels, probe: {value, low, high}, logme: ..., words}; null for NaN.
Json to_json(const ProbeAgreement& agreement);

}  // namespace fathom::results
