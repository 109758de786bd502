#include "fathom/results/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fathom/base/error.h"
#include "fathom/results/predictions.h"
#include "fathom/stats/group_scores.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

/// The images of one part of one fold, which all its units must have been scored on.
struct Images {
  std::vector<std::string> names;
  std::vector<int> labels;
  stats::Groups groups;
  bool too_few_groups = false;  ///< of some class, for an error over groups
};

/// The cases of one fold, with the units that were scored on them.
struct ScoredCases {
  Resampling resampling;
  std::vector<const UnitRecord*> units;

  void add(const UnitRecord& unit, const stats::Predictions& predictions, std::size_t positive,
           double threshold) {
    resampling.add(predictions, positive, threshold);
    units.push_back(&unit);
  }
};

class EvidenceReader {
 public:
  EvidenceReader(const std::filesystem::path& folder, const std::string& positive)
      : folder_(folder), positive_(positive) {}

  void read(const UnitRecord& unit) {
    try {
      const PredictionsFile file = read_predictions(
          folder_ / "units" / unit.key.id() / "predictions.csv", unit.predictions_sha256);
      evidence_.grouped |= !file.valid_groups.empty() || !file.test_groups.empty();
      const int fold = unit.key.fold;
      const Images& valid =
          same_images(valid_[fold], file.valid_images, file.valid_groups, file.valid);
      const Images& test = same_images(test_[fold], file.test_images, file.test_groups, file.test);
      note_classes_in_few_groups(file.classes, valid);
      const std::size_t positive = positive_in(file.classes);
      const TestFigures figures = test_figures(file, positive);
      evidence_.units[&unit] = {
          auc_of(file.valid, positive, valid), auc_of(file.test, positive, test), figures, {}, {}};
      if (file.test.size() > 0) {
        add_cases(unit, file.test, positive, figures.threshold, test.groups);
      }
      for (const ExternalScores& set : unit.external) read_external(unit, set);
    } catch (const Error& e) {
      evidence_.problems.push_back({&unit, e.what()});
    }
  }

  Evidence take() {
    for (const auto& [key, scored] : cases_) {
      std::vector<CaseScores> scores = scored.resampling.scores();
      for (std::size_t u = 0; u < scores.size(); ++u) {
        evidence_.units[scored.units[u]].test_scores[key.second] = std::move(scores[u]);
      }
    }
    evidence_.one_test_part = std::ranges::all_of(
        test_, [&](const auto& part) { return part.second.names == test_.begin()->second.names; });
    return std::move(evidence_);
  }

 private:
  void read_external(const UnitRecord& unit, const ExternalScores& set) {
    try {
      const PredictionsFile file = read_predictions(
          folder_ / "units" / unit.key.id() / external_file_name(set.name), set.predictions_sha256);
      const Images& images =
          same_images(external_[set.name], file.test_images, file.test_groups, file.test);
      evidence_.units[&unit].external[set.name] =
          auc_of(file.test, positive_in(file.classes), images);
    } catch (const Error& e) {
      evidence_.external_problems.push_back({&unit, e.what()});
    }
  }

  /// What is known of a part, which its first unit tells. Throws Error where another unit differs.
  static const Images& same_images(Images& known, const std::vector<std::string>& names,
                                   const std::vector<std::string>& groups,
                                   const stats::Predictions& predictions) {
    if (known.names.empty()) {
      known = {names, predictions.labels, groups_of(groups, names.size())};
      known.too_few_groups = stats::has_too_few_groups(known.labels, known.groups);
    } else if (known.names != names || known.labels != predictions.labels) {
      throw Error("it was scored on other images than the units before it");
    }
    return known;
  }

  void note_classes_in_few_groups(const std::vector<std::string>& classes, const Images& valid) {
    if (!valid.too_few_groups) return;
    for (const auto& [label, groups] : stats::groups_of_classes(valid.labels, valid.groups)) {
      if (groups >= stats::kFewestGroups) continue;
      evidence_.classes_in_few_groups.insert(classes[static_cast<std::size_t>(label)]);
    }
  }

  static stats::AucSample auc_of(const stats::Predictions& predictions, std::size_t positive,
                                 const Images& images) {
    stats::AucSample sample = stats::overall_auc_sample(predictions, positive, images.groups);
    if (images.too_few_groups) std::ranges::fill(sample.influence, stats::kUndefined);
    return sample;
  }

  /// The positive class, which counts when there are two; else any.
  std::size_t positive_in(const std::vector<std::string>& classes) const {
    const auto found = std::find(classes.begin(), classes.end(), positive_);
    return found == classes.end() ? 0 : static_cast<std::size_t>(found - classes.begin());
  }

  /// `threshold`: of images; none is chosen for groups.
  void add_cases(const UnitRecord& unit, const stats::Predictions& test, std::size_t positive,
                 double threshold, const stats::Groups& groups) {
    const int fold = unit.key.fold;
    cases_of(fold, Cases::images, groups).add(unit, test, positive, threshold);
    if (groups.count == test.size()) return;
    const std::size_t several = stats::groups_of_several_classes(test.labels, groups);
    if (several > 0) {
      evidence_.no_group_scores = fmt::format(
          "Scores of whole groups are left out: {} of {} groups of the test part have "
          "images of several classes, so that a group has no class of its own.",
          several, groups.count);
      return;
    }
    for (const auto& [cases, rule] : {std::pair(Cases::groups_by_mean, stats::GroupRule::mean),
                                      std::pair(Cases::groups_by_max, stats::GroupRule::max)}) {
      cases_of(fold, cases, stats::single_images(groups.count))
          .add(unit, stats::by_group(test, groups, rule, positive), positive, stats::kUndefined);
    }
  }

  ScoredCases& cases_of(int fold, Cases cases, const stats::Groups& groups) {
    return cases_.try_emplace({fold, cases}, ScoredCases{Resampling(groups), {}}).first->second;
  }

  std::filesystem::path folder_;
  std::string positive_;
  std::map<int, Images> valid_, test_;      ///< by fold
  std::map<std::string, Images> external_;  ///< by set: the same in all folds
  std::map<std::pair<int, Cases>, ScoredCases> cases_;
  Evidence evidence_;
};

}  // namespace

Evidence read_evidence(const std::filesystem::path& study_folder, const StudyRecord& study,
                       const std::vector<LevelSummary>& summaries) {
  EvidenceReader reader(study_folder, study.data.positive);
  for (const LevelSummary& summary : summaries) {
    for (const UnitRecord* unit : summary.units) reader.read(*unit);
  }
  return reader.take();
}

}  // namespace fathom::results
