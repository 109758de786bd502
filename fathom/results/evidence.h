// What the predictions files of a study say about its units: every AUC with its error over images,
// and the figures and intervals that the records do not have.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fathom/results/corrupted_aucs.h"
#include "fathom/results/figures.h"
#include "fathom/results/resampling.h"
#include "fathom/results/summary.h"
#include "fathom/stats/delong.h"

namespace fathom::results {

/// AUC as in stats::Scores (binary: of the positive class; else macro one-vs-rest). NaN where there
/// are no such images; influences are NaN where a class is in too few groups.
struct UnitEvidence {
  stats::AucSample valid, test;
  TestFigures figures;
  std::map<Cases, CaseScores> test_scores;  ///< none without test images
  /// By external set; only those whose predictions could be read.
  std::map<std::string, stats::AucSample> external;
  /// Over the groups of the corrupted images; none where the predictions on them were not kept (in
  /// older studies) or could not be read, and where a class is in too few groups.
  std::optional<CorruptedAucs> corrupted;
};

/// A unit that is left out, and why.
struct UnitProblem {
  const UnitRecord* unit;
  std::string reason;
};

struct Evidence {
  std::map<const UnitRecord*, UnitEvidence> units;
  /// Classes of which a validation part has images of fewer groups than stats::kFewestGroups: no
  /// error over images is then taken for known.
  std::set<std::string> classes_in_few_groups;
  bool grouped = false;  ///< the files name groups, over which errors then are; else over images
  /// All folds are tested on the same images (the data's own test part), so that these have a part
  /// in the error of a mean over folds.
  bool one_test_part = true;
  bool one_corrupted_part = true;  ///< the same of the test images that were corrupted
  std::vector<UnitProblem> problems;
  std::vector<std::string> corruptions;         ///< common_corruptions() of the units
  std::vector<UnitProblem> external_problems;   ///< units of which an external set is left out
  std::vector<UnitProblem> corrupted_problems;  ///< units of which corrupted images are left out
  /// Why groups are not scored as cases; empty where they are and where no groups are known.
  std::string no_group_scores;
};

/// Reads STUDY/units/<id>/predictions.csv of every unit in the summaries, one at a time, and the
/// predictions of external sets and of corrupted images beside it. A file that is missing, damaged
/// or about other images than those of its fold, or of the set, is a problem, not an Error. Groups
/// are scored as cases where some have several images and each is of one class. The summaries'
/// units must outlive the evidence.
Evidence read_evidence(const std::filesystem::path& study_folder, const StudyRecord& study,
                       const std::vector<LevelSummary>& summaries);

}  // namespace fathom::results
