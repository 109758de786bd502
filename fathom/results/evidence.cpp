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

  Evidence read_all(const std::vector<const UnitRecord*>& units) {
    evidence_.corruptions = common_corruptions(units);
    for (const UnitRecord* unit : units) read(*unit);
    return take();
  }

 private:
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
      evidence_.units[&unit] = {auc_of(file.valid, positive, valid),
                                auc_of(file.test, positive, test), figures};
      if (file.test.size() > 0) {
        add_cases(unit, file, positive, figures.threshold, valid.groups, test.groups);
      }
      for (const ExternalScores& set : unit.external) read_external(unit, set);
      if (!unit.corrupted_sha256.empty()) read_corrupted_images(unit, file, positive);
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
    evidence_.one_test_part = are_one(test_);
    evidence_.one_corrupted_part = are_one(corrupted_);
    return std::move(evidence_);
  }

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

  void read_corrupted_images(const UnitRecord& unit, const PredictionsFile& file,
                             std::size_t positive) {
    try {
      const CorruptedPredictions found = read_corrupted(
          folder_ / "units" / unit.key.id() / kCorruptedFile, unit.corrupted_sha256, file.test);
      std::vector<std::string> names, groups;
      stats::Predictions corrupted;  // their labels: each view has probabilities of its own
      for (const std::int64_t row : found.test_rows) {
        const auto image = static_cast<std::size_t>(row);
        names.push_back(file.test_images[image]);
        if (!file.test_groups.empty()) groups.push_back(file.test_groups[image]);
        corrupted.labels.push_back(file.test.labels[image]);
      }
      const Images& images = same_images(corrupted_[unit.key.fold], names, groups, corrupted);
      if (images.too_few_groups) return;
      evidence_.units[&unit].corrupted =
          corrupted_aucs(found, images.labels, positive, images.groups, evidence_.corruptions);
    } catch (const Error& e) {
      evidence_.corrupted_problems.push_back({&unit, e.what()});
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

  static bool are_one(const std::map<int, Images>& by_fold) {
    return std::ranges::all_of(by_fold, [&](const auto& part) {
      return part.second.names == by_fold.begin()->second.names;
    });
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

  /// `threshold`: of images.
  void add_cases(const UnitRecord& unit, const PredictionsFile& file, std::size_t positive,
                 double threshold, const stats::Groups& valid_groups, const stats::Groups& groups) {
    const int fold = unit.key.fold;
    cases_of(fold, Cases::images, groups).add(unit, file.test, positive, threshold);
    if (groups.count == file.test.size()) return;
    const std::size_t several = stats::groups_of_several_classes(file.test.labels, groups);
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
          .add(unit, stats::by_group(file.test, groups, rule, positive), positive,
               group_threshold(file.valid, valid_groups, rule, positive));
    }
  }

  /// That of the validation groups as cases; NaN where they have none.
  static double group_threshold(const stats::Predictions& valid, const stats::Groups& groups,
                                stats::GroupRule rule, std::size_t positive) {
    if (stats::groups_of_several_classes(valid.labels, groups) > 0) return stats::kUndefined;
    return threshold_of(stats::by_group(valid, groups, rule, positive), positive);
  }

  ScoredCases& cases_of(int fold, Cases cases, const stats::Groups& groups) {
    return cases_.try_emplace({fold, cases}, ScoredCases{Resampling(groups), {}}).first->second;
  }

  std::filesystem::path folder_;
  std::string positive_;
  std::map<int, Images> valid_, test_;      ///< by fold
  std::map<int, Images> corrupted_;         ///< by fold, those of test that were corrupted
  std::map<std::string, Images> external_;  ///< by set: the same in all folds
  std::map<std::pair<int, Cases>, ScoredCases> cases_;
  Evidence evidence_;
};

}  // namespace

Evidence read_evidence(const std::filesystem::path& study_folder, const StudyRecord& study,
                       const std::vector<LevelSummary>& summaries) {
  std::vector<const UnitRecord*> units;
  for (const LevelSummary& summary : summaries) {
    units.insert(units.end(), summary.units.begin(), summary.units.end());
  }
  return EvidenceReader(study_folder, study.data.positive).read_all(units);
}

}  // namespace fathom::results
