#include "fathom/results/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/results/words.h"
#include "fathom/stats/ranks.h"

namespace fathom::results {
namespace {

/// The plain level of a probe's architecture that begins to tune at a boundary; null where it was
/// not studied.
const LevelSummary* level_above(const ProbeRecord& probe, const ProbedBoundary& boundary,
                                const std::vector<LevelSummary>& summaries) {
  const auto found = std::ranges::find_if(summaries, [&](const LevelSummary& summary) {
    return summary.architecture == probe.architecture && summary.level.name == boundary.level &&
           summary.strategy == UnitKey().strategy;
  });
  return found == summaries.end() ? nullptr : &*found;
}

RankCorrelation correlate(const std::vector<double>& figures, const std::vector<double>& tuned) {
  const double r = stats::spearman(figures, tuned);
  return {r, stats::spearman_interval(r, tuned.size())};
}

std::string in_words(const RankCorrelation& correlation) {
  if (std::isnan(correlation.value)) return "not defined";
  const std::string value = fmt::format("{:+.2f}", correlation.value);
  if (std::isnan(correlation.interval.low)) return value + " (no interval is defined)";
  return fmt::format("{} [{:+.2f}, {:+.2f}]", value, correlation.interval.low,
                     correlation.interval.high);
}

Json to_json(const RankCorrelation& correlation) {
  return {{"value", number_or_null(correlation.value)},
          {"low", number_or_null(correlation.interval.low)},
          {"high", number_or_null(correlation.interval.high)}};
}

}  // namespace

std::string ProbeAgreement::in_words() const {
  return fmt::format(
      "Over {} level{}, Spearman's rank correlation of the tuned test AUC is {} with the probe's "
      "test AUC where the tuning begins, and {} with LogME there. Above zero: the more the frozen "
      "features told, the more tuning above them reached; below zero: the less. The 95 % intervals "
      "take levels for independent; they share images and blocks, so this shows a tendency at "
      "most.",
      levels, levels == 1 ? "" : "s", results::in_words(probe), results::in_words(logme));
}

ProbeAgreement agreement_of(const ProbeRecord& probe, const std::vector<LevelSummary>& summaries) {
  std::vector<double> tuned, aucs, evidences;
  for (const ProbedBoundary& boundary : probe.boundaries) {
    const LevelSummary* level = level_above(probe, boundary, summaries);
    if (!level || std::isnan(level->test_auc.mean) || std::isnan(boundary.test.auc)) continue;
    tuned.push_back(level->test_auc.mean);
    aucs.push_back(boundary.test.auc);
    evidences.push_back(boundary.logme);
  }
  return {tuned.size(), correlate(aucs, tuned), correlate(evidences, tuned)};
}

Json to_json(const ProbeAgreement& agreement) {
  return {{"levels", agreement.levels},
          {"probe", to_json(agreement.probe)},
          {"logme", to_json(agreement.logme)},
          {"words", agreement.in_words()}};
}

}  // namespace fathom::results
