#include "fathom/results/class_figures.h"

#include <algorithm>
#include <cmath>

#include "fathom/base/error.h"
#include "fathom/stats/clustered.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

/// The AUC of one class; without an error where one of the two sides is in too few groups.
stats::AucSample class_auc(const stats::Predictions& predictions, std::size_t c,
                           const stats::Groups& groups) {
  const stats::ClassScores one = stats::class_scores(predictions, c);
  stats::AucSample sample = stats::auc_sample(one.scores, one.is_positive, groups);
  if (stats::has_too_few_groups(one.is_positive, groups)) {
    std::ranges::fill(sample.influence, stats::kUndefined);
  }
  return sample;
}

}  // namespace

LevelFigure ClassFiguresOfLevel::Trainings::figure(double scored_to_trained,
                                                   bool one_test_part) const {
  LevelFigure made = mean_figures({scored}, scored_to_trained, one_test_part, {0, 1}).front();
  if (scored.size() == 1) made.over_images = alone;
  return made;
}

void ClassFiguresOfLevel::add(int fold, const stats::Predictions& predictions,
                              const stats::Groups& groups) {
  FATHOM_CHECK(predictions.classes == classes_.size());
  const auto add = [&](Trainings& trainings, const stats::AucSample& sample,
                       const stats::Interval& alone) {
    if (std::isnan(sample.auc)) return;
    trainings.scored.push_back({fold, sample});
    trainings.alone = alone;
  };
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const stats::AucSample auc = class_auc(predictions, c, groups);
    add(classes_[c].auc, auc, stats::auc_interval(auc));
    const auto decisions = stats::decide(predictions, c, groups);
    for (const auto& [trainings, proportion] :
         {std::pair(&classes_[c].sensitivity, &decisions.sensitivity),
          std::pair(&classes_[c].specificity, &decisions.specificity)}) {
      add(*trainings, proportion->sample(), proportion->interval());
    }
  }
}

std::vector<ClassFigures> ClassFiguresOfLevel::figures(double scored_to_trained,
                                                       bool one_test_part) const {
  std::vector<ClassFigures> made;
  for (const OfClass& one : classes_) {
    const auto figure = [&](const Trainings& trainings) {
      return trainings.figure(scored_to_trained, one_test_part);
    };
    made.push_back({figure(one.auc), figure(one.sensitivity), figure(one.specificity)});
  }
  return made;
}

}  // namespace fathom::results
