#include "fathom/results/corrupted_aucs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fathom/base/error.h"
#include "fathom/image/corruption.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

/// `auc_of(kind, severity)` gives a sample; an AUC of NaN where there is none.
template <class AucOf>
CorruptedAucs means_of(const std::vector<std::string>& kinds, stats::AucSample uncorrupted,
                       AucOf auc_of) {
  CorruptedAucs made{.uncorrupted = std::move(uncorrupted)};
  std::vector<stats::AucSample> all;
  std::vector<std::vector<stats::AucSample>> by_severity(image::kSeverities);
  for (const std::string& kind : kinds) {
    std::vector<stats::AucSample> of_kind;
    for (int severity = 1; severity <= image::kSeverities; ++severity) {
      const stats::AucSample& sample = of_kind.emplace_back(auc_of(kind, severity));
      by_severity[static_cast<std::size_t>(severity) - 1].push_back(sample);
      all.push_back(sample);
    }
    made.kinds.push_back(stats::mean_sample(of_kind));
  }
  made.mean = stats::mean_sample(all);
  for (const auto& samples : by_severity) made.severities.push_back(stats::mean_sample(samples));
  return made;
}

}  // namespace

CorruptedAucs corrupted_aucs(const UnitRecord& unit, const std::vector<std::string>& kinds) {
  const double uncorrupted = unit.corruptions.empty() ? stats::kUndefined : unit.uncorrupted_auc;
  return means_of(kinds, {uncorrupted, {}}, [&](const std::string& kind, int severity) {
    const auto found = std::ranges::find_if(unit.corruptions, [&](const CorruptionScores& scores) {
      return scores.corruption == kind && scores.severity == severity;
    });
    const bool known = found != unit.corruptions.end();
    return stats::AucSample{known ? found->auc : stats::kUndefined, {}};
  });
}

CorruptedAucs corrupted_aucs(const CorruptedPredictions& predictions,
                             const std::vector<int>& labels, std::size_t positive,
                             const stats::Groups& groups, const std::vector<std::string>& kinds) {
  const auto auc_of = [&](const std::vector<float>& logarithms) {
    return stats::overall_auc_sample(of_logarithms(logarithms, predictions.classes, labels),
                                     positive, groups);
  };
  return means_of(kinds, auc_of(predictions.uncorrupted),
                  [&](const std::string& kind, int severity) {
                    const auto found = predictions.corrupted.find({kind, severity});
                    if (found == predictions.corrupted.end()) {
                      throw Error(
                          fmt::format("the predictions on corrupted images lack {}, "
                                      "severity {}, of which there are scores",
                                      kind, severity));
                    }
                    return auc_of(found->second);
                  });
}

std::vector<std::string> common_corruptions(const std::vector<const UnitRecord*>& units) {
  std::map<std::string, std::size_t> seen;
  std::vector<std::string> kinds;
  std::size_t corrupted = 0;
  for (const UnitRecord* unit : units) {
    if (!unit->corruptions.empty()) ++corrupted;
    for (const CorruptionScores& scores : unit->corruptions) {
      if (scores.severity != 1) continue;
      if (++seen[scores.corruption] == 1) kinds.push_back(scores.corruption);
    }
  }
  std::erase_if(kinds, [&](const std::string& kind) { return seen[kind] < corrupted; });
  return kinds;
}

}  // namespace fathom::results
