// How far the figures of a level are known: means over its trainings with intervals that cover
// other images as well as other seeds, and what the error is made of. Levels compared: compare.h.
#pragma once

#include <map>
#include <vector>

#include "fathom/results/evidence.h"

namespace fathom::results {

/// The mean of a figure over the trainings of a level. Intervals are 95 % and within what the
/// figure can be; NaN where they are not defined.
struct LevelFigure {
  double mean = 0;
  /// Other images, the trainings as they are. NaN with several folds whose images differ, and where
  /// no draw of the images moves the figure (all in order), which does not show how sure it is.
  stats::Interval over_images;
  /// Other seeds and other images (stats/seeds.h); with several folds other folds (the corrected
  /// resampled t-test), and other images where all folds have the same. The variance between
  /// trainings is the level's own or that pooled over the levels of its architecture, whichever is
  /// larger. NaN of one training.
  stats::Interval over_all;
  /// The variance of the figure of one training, in parts: between seeds, between seeds on some
  /// images alone, and between images. NaN with several folds or one training.
  double seeds = 0, seeds_by_images = 0, images = 0;

  /// over_all, or over_images of a single training.
  const stats::Interval& widest() const;
};

struct LevelPrecision {
  LevelFigure valid_auc;  ///< images by DeLong's method
  /// Images by the bootstrap over groups. Only cases that the evidence has.
  std::map<Cases, stats::PerFigure<LevelFigure>> test;
};

/// A figure of one training and its fold. `sample` holds the figure and what groups of images, or
/// draws of them, contribute to its error.
struct ScoredTraining {
  int fold = 0;
  stats::AucSample sample;
};

/// The means of a figure over the trainings of each level, one for every level; all of one
/// architecture, whose variances between trainings are pooled. Samples are over groups; those of a
/// level that have none let its interval cover trainings alone. `scored_to_trained`: images scored
/// over images trained on, of which several folds ask; `folds_share_images`: as
/// Evidence::one_test_part; `range`: of all values that the figure can have.
std::vector<LevelFigure> mean_figures(const std::vector<std::vector<ScoredTraining>>& levels,
                                      double scored_to_trained, bool folds_share_images,
                                      const stats::Interval& range);

/// The mean test AUC of a level and its widest interval; without predictions that over its units.
struct TestAuc {
  double mean = 0;
  stats::Interval interval;  ///< NaN where the predictions do not tell, and of one unit without any
};
TestAuc test_auc_of(const LevelSummary& level, const LevelPrecision& precision);

/// One for every summary, in their order, from the units whose predictions could be read.
std::vector<LevelPrecision> precision_of(const StudyRecord& study,
                                         const std::vector<LevelSummary>& summaries,
                                         const Evidence& evidence);

}  // namespace fathom::results
