// Every class against the others, of the trainings of one level: means with intervals that cover
// other seeds and other images. Of all classes together: precision.h.
#pragma once

#include <vector>

#include "fathom/results/precision.h"
#include "fathom/stats/groups.h"
#include "fathom/stats/scores.h"

namespace fathom::results {

/// Intervals are as those of a level's validation AUC, by the level's own trainings alone, with the
/// linearized ratio's error of a proportion in the place of DeLong's (stats/clustered.h); of one
/// training by stats::kWilsonByGroups. NaN where a class, or all other images, are in too few
/// groups.
struct ClassFigures {
  LevelFigure auc, sensitivity, specificity;
};

/// Collects the trainings of a level on the test images.
class ClassFiguresOfLevel {
 public:
  explicit ClassFiguresOfLevel(std::size_t classes) : classes_(classes) {}

  void add(int fold, const stats::Predictions& predictions, const stats::Groups& groups);

  /// One for each class. `scored_to_trained` as in mean_figures(); Evidence::one_test_part.
  std::vector<ClassFigures> figures(double scored_to_trained, bool one_test_part) const;

 private:
  /// One figure of a class in every training, with its interval where that is the only one.
  struct Trainings {
    std::vector<ScoredTraining> scored;
    stats::Interval alone;

    LevelFigure figure(double scored_to_trained, bool one_test_part) const;
  };
  struct OfClass {
    Trainings auc, sensitivity, specificity;
  };

  std::vector<OfClass> classes_;
};

}  // namespace fathom::results
