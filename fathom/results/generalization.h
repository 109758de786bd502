// How a level does beyond the images that chose it: from training to validation to test, on
// external sets, under corruptions. Not for choosing a level.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fathom/results/evidence.h"
#include "fathom/results/summary.h"

namespace fathom::results {

/// A figure averaged over the trainings of a level, or the difference of two levels over the
/// trainings that both have.
struct Measured {
  double mean = 0;            ///< NaN when nothing is defined
  stats::Interval interval;   ///< 95 %; NaN where it is not defined
  std::size_t trainings = 0;  ///< in which the figure is defined
  /// The interval covers other images as well as other trainings (other images alone, of one
  /// training); else other trainings, on these images.
  bool covers_images = false;
};

/// AUCs, and differences of AUCs or of log losses within each training.
struct LevelGeneralization {
  /// Of training images, scored as validation images are (TrainScores), and how much it is above
  /// that of validation. Undefined in studies that are older than this.
  Measured train_auc, train_to_valid;
  Measured valid_to_test;  ///< validation AUC minus test AUC
  Measured log_loss_gap;   ///< of validation minus that of the training images
  std::vector<std::pair<std::string, Measured>> external;  ///< AUC by set, in the study's order
  /// Of the test images that were corrupted: the AUC as they are, the mean AUC over all corruptions
  /// and severities (after Hendrycks & Dietterich 2019, arXiv:1903.12261, with the AUC in place of
  /// the error), and how much is lost. Undefined where no images were corrupted.
  Measured uncorrupted, corrupted, drop;
  std::vector<std::pair<std::string, Measured>> corruptions;  ///< mean AUC over severities, by kind
  std::vector<Measured> severities;                           ///< mean over kinds, from severity 1
};

/// The levels of one study. The error of a mean over seeds is that of stats/seeds.h where the
/// predictions on each image are on disk, and else Student's over the seeds; over folds it is that
/// of the corrected resampled t-test (stats/corrections.h) over means of seeds, with the error by
/// external images, which all folds share, added. Corruptions count whose kind every unit was
/// scored under: those of a study begun before there was one leave it out.
class Generalization {
 public:
  /// All must outlive this.
  Generalization(const StudyRecord& study, const std::vector<UnitRecord>& units,
                 const Evidence& evidence);

  LevelGeneralization of(const LevelSummary& level) const;

  /// Every figure of `a` minus that of `b`, over the trainings of the same fold and seed.
  LevelGeneralization difference(const LevelSummary& a, const LevelSummary& b) const;

 private:
  const StudyRecord& study_;
  const Evidence& evidence_;
  bool several_folds_ = false;
  std::vector<std::string> kinds_;  ///< of corruptions
};

/// What one unit scored beyond its validation and test parts, as (name, value): train_auc,
/// train_log_loss, external_<set>_auc, uncorrupted_auc, corrupted_<kind>_<severity>. The same names
/// for every unit of a study; NaN where something was not measured.
std::vector<std::pair<std::string, double>> figures_beyond_test(const UnitRecord& unit,
                                                                const StudyRecord& study);

/// What a difference says about external sets and corruptions, in one sentence; empty where neither
/// was measured.
std::string robustness_in_words(const LevelGeneralization& difference, const std::string& a,
                                const std::string& b);

/// Every Measured as {mean, low, high, trainings, covers_images}; external and corruptions as lists
/// of {name, auc}.
Json to_json(const LevelGeneralization& level);

}  // namespace fathom::results
