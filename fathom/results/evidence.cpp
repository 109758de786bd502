#include "fathom/results/evidence.h"

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/results/predictions.h"

namespace fathom::results {
namespace {

/// The images of one part of one fold, which all its units must have been scored on.
struct Images {
  std::vector<std::string> names;
  std::vector<int> labels;
  stats::Groups groups;
};

stats::Groups groups_of(const std::vector<std::string>& names, std::size_t images) {
  return names.empty() ? stats::single_images(images) : stats::make_groups(names);
}

stats::AucSample class_sample(const stats::Predictions& predictions, std::size_t c,
                              const stats::Groups& groups) {
  const stats::ClassScores one = stats::class_scores(predictions, c);
  return stats::auc_sample(one.scores, one.is_positive, groups);
}

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
      evidence_.units[&unit] = {sample(file, file.valid, valid), sample(file, file.test, test),
                                test_figures(file, positive_in(file.classes))};
    } catch (const Error& e) {
      evidence_.problems.push_back({&unit, e.what()});
    }
  }

  Evidence take() { return std::move(evidence_); }

 private:
  /// What is known of a part, which its first unit tells. Throws Error where another unit differs.
  static const Images& same_images(Images& known, const std::vector<std::string>& names,
                                   const std::vector<std::string>& groups,
                                   const stats::Predictions& predictions) {
    if (known.names.empty()) {
      known = {names, predictions.labels, groups_of(groups, names.size())};
    } else if (known.names != names || known.labels != predictions.labels) {
      throw Error("it was scored on other images than the units before it");
    }
    return known;
  }

  /// The positive class, which counts when there are two; else any.
  std::size_t positive_in(const std::vector<std::string>& classes) const {
    const auto found = std::find(classes.begin(), classes.end(), positive_);
    return found == classes.end() ? 0 : static_cast<std::size_t>(found - classes.begin());
  }

  stats::AucSample sample(const PredictionsFile& file, const stats::Predictions& predictions,
                          const Images& images) const {
    std::vector<stats::AucSample> of_classes;
    for (std::size_t c = 0; c < file.classes.size(); ++c) {
      if (file.classes.size() > 2 || c == positive_in(file.classes)) {
        of_classes.push_back(class_sample(predictions, c, images.groups));
      }
    }
    return stats::mean_sample(of_classes);
  }

  std::filesystem::path folder_;
  std::string positive_;
  std::map<int, Images> valid_, test_;  ///< by fold
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
