// How a level does beyond the images that chose it: from training to validation to test, on
// external sets, under corruptions. Not for choosing a level.
#pragma once

#include <optional>
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

/// One for every summary, in their order, of one train_fraction. Errors are those of the test
/// figures (LevelFigure): over seeds and images where the predictions on each image are on disk,
/// and else over the seeds; the variance between seeds is the level's own or that pooled over the
/// levels of its architecture. Over folds they are those of the corrected resampled t-test, with
/// the error over images added where all folds have them in common: those of external sets, and
/// those of a test part that no fold touches. The kinds of corruptions that count are
/// Evidence::corruptions.
std::vector<LevelGeneralization> generalization_of(const StudyRecord& study,
                                                   const std::vector<LevelSummary>& summaries,
                                                   const Evidence& evidence);

/// The level of the same architecture and strategy that tunes everything, as an index; none where
/// that is the same level, or was not trained.
std::optional<std::size_t> full_tuning(const std::vector<LevelSummary>& summaries,
                                       std::size_t level);

/// Every figure of each level minus that of full_tuning(), over the trainings of the same fold and
/// seed; none where there is none. Errors are those of stats::Contest over all levels of the
/// architecture and strategy, as for the differences of test AUCs; two levels with one training in
/// common have one over images alone. They cover images where all trainings of both levels tell of
/// them, and are unknown where no image moves the difference.
std::vector<std::optional<LevelGeneralization>> against_full_tuning(
    const StudyRecord& study, const std::vector<LevelSummary>& summaries, const Evidence& evidence);

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
