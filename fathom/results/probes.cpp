#include "fathom/results/probes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/results/words.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/ranks.h"
#include "fathom/stats/scores.h"

namespace fathom::results {
namespace {

/// A figure of one boundary in every fold.
template <class Figure>
std::vector<double> over_probes(std::span<const ProbeRecord* const> probes, std::size_t boundary,
                                Figure figure) {
  std::vector<double> values;
  for (const ProbeRecord* probe : probes) values.push_back(figure(probe->boundaries.at(boundary)));
  return values;
}

ProbedAuc mean_auc(const std::vector<double>& aucs, std::size_t scored, std::size_t trained) {
  std::vector<stats::AucSample> folds;
  for (const double auc : aucs) {
    if (!std::isnan(auc)) folds.push_back({auc, {}});
  }
  const stats::Estimate mean = stats::corrected_resampled_t(
      stats::mean_over_seeds(folds), static_cast<double>(scored) / static_cast<double>(trained));
  return {mean.value, mean.interval_within({0, 1})};
}

ProbedBoundary mean_boundary(std::span<const ProbeRecord* const> probes, std::size_t at) {
  const ProbeRecord& first = *probes.front();
  ProbedBoundary made = first.boundaries[at];
  const auto figures = [&](auto figure) { return over_probes(probes, at, figure); };
  made.validation = mean_auc(figures([](const ProbedBoundary& b) { return b.validation.auc; }),
                             first.valid, first.train);
  made.test = mean_auc(figures([](const ProbedBoundary& b) { return b.test.auc; }), first.test,
                       first.train);
  made.logme = stats::mean_of_defined(figures([](const ProbedBoundary& b) { return b.logme; }));
  const std::vector<double> strengths = figures([](const ProbedBoundary& b) { return b.strength; });
  if (std::ranges::count(strengths, made.strength) != std::ssize(strengths)) made.strength = NAN;
  return made;
}

/// `probes`: of one architecture, not none.
ProbeRecord mean_probe(std::span<const ProbeRecord* const> probes) {
  ProbeRecord made = *probes.front();
  if (probes.size() == 1) return made;
  for (std::size_t b = 0; b < made.boundaries.size(); ++b) {
    made.boundaries[b] = mean_boundary(probes, b);
  }
  made.seconds = 0;
  for (const ProbeRecord* probe : probes) made.seconds += probe->seconds;
  return made;
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

std::string ProbeSummary::scope_in_words() const {
  std::string which;
  if (folds > 1) {
    which = fmt::format("means over {}, the first with ",
                        folds == study_folds ? fmt::format("{} folds", folds)
                                             : fmt::format("{} of {} folds", folds, study_folds));
  } else if (study_folds > 1) {
    which = fmt::format("fold {} of {} alone: ", mean.fold + 1, study_folds);
  }
  return fmt::format("{}{} training images, {} for validation and {} for test; 95 % intervals {}",
                     which, mean.train, mean.valid, mean.test,
                     folds > 1 ? "over folds (corrected resampled t-test)" : "over images");
}

std::vector<ProbeSummary> summarize_probes(std::span<const ProbeRecord> probes,
                                           std::size_t study_folds) {
  std::vector<std::vector<const ProbeRecord*>> by_architecture;
  for (const ProbeRecord& probe : probes) {
    const auto same = std::ranges::find_if(by_architecture, [&](const auto& known) {
      return known.front()->architecture == probe.architecture;
    });
    if (same == by_architecture.end()) {
      by_architecture.push_back({&probe});
    } else {
      same->push_back(&probe);
    }
  }
  std::vector<ProbeSummary> summaries;
  for (const std::vector<const ProbeRecord*>& folds : by_architecture) {
    summaries.push_back({mean_probe(folds), folds.size(), study_folds});
  }
  return summaries;
}

std::string ProbeAgreement::figures_in_words() const {
  return fmt::format(
      "Over {} level{}, Spearman's rank correlation of the tuned test AUC is {} with the probe's "
      "test AUC where the tuning begins, and {} with LogME there.",
      levels, levels == 1 ? "" : "s", results::in_words(probe), results::in_words(logme));
}

std::string ProbeAgreement::in_words() const {
  return figures_in_words() +
         " Above zero: the more the frozen features told, the more tuning above them reached; "
         "below zero: the less. The 95 % intervals take levels for independent; they share images "
         "and blocks, so this shows a tendency at most.";
}

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
