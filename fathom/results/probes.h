// How well the frozen features at a cut foretold what tuning above it reached.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/summary.h"

namespace fathom::results {

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

  std::string in_words() const;
};

ProbeAgreement agreement_of(const ProbeRecord& probe, const std::vector<LevelSummary>& summaries);

/// {levels, probe: {value, low, high}, logme: ..., words}; null for NaN.
Json to_json(const ProbeAgreement& agreement);

}  // namespace fathom::results
