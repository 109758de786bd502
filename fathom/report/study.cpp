#include <algorithm>
#include <set>
#include <utility>

#include "fathom/base/error.h"
#include "fathom/report/report.h"
#include "fathom/results/order.h"

namespace fathom::report {

namespace {

std::size_t count_folds(const results::JournalContent& content) {
  std::set<int> folds;
  for (const results::UnitRecord& unit : content.units) folds.insert(unit.key.fold);
  for (const results::ProbeRecord& probe : content.probes) folds.insert(probe.fold);
  return std::max<std::size_t>(folds.size(), 1);
}

}  // namespace

Study load_study(const std::filesystem::path& folder) {
  return make_study(folder, results::read_journals(folder));
}

Study make_study(const std::filesystem::path& folder, results::JournalContent content) {
  if (!content.study) {
    throw Error(folder.string() +
                ": the journal does not say what was studied (its first line is missing or "
                "damaged). Give the same 'fathom study' command again");
  }
  Study study;
  study.folder = folder;
  study.content = std::move(content);
  results::put_in_order(study.content);
  const results::StudyRecord& record = *study.content.study;
  study.folds = count_folds(study.content);
  study.probes = results::summarize_probes(study.content.probes, study.folds);
  study.curve = results::learning_curve(record, study.content.units);
  std::vector<results::LevelSummary> all;
  for (const results::CurvePoint& point : study.curve) {
    all.insert(all.end(), point.summaries.begin(), point.summaries.end());
  }
  study.evidence = results::read_evidence(folder, record, all);
  for (results::CurvePoint& point : study.curve) {
    point.precisions = results::precision_of(record, point.summaries, study.evidence);
    point.generalizations = results::generalization_of(record, point.summaries, study.evidence);
  }
  study.summaries = study.curve.back().summaries;
  study.precisions = study.curve.back().precisions;
  study.generalizations = study.curve.back().generalizations;
  study.against_all = results::against_full_tuning(record, study.summaries, study.evidence);
  const results::Rule rule = results::rule_of(record.settings);
  for (const results::ArchitectureSummary& architecture : record.architectures) {
    study.comparisons.push_back(
        results::compare_levels(record, study.summaries, architecture.name, study.evidence, rule));
    study.recommendations.push_back(results::recommend(
        study.summaries, study.precisions, architecture.name, study.comparisons.back()));
  }
  return study;
}

}  // namespace fathom::report
