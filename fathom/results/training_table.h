// A figure of the trainings of several levels, side by side by fold and seed, and its differences
// from level to level. Which levels and figures are compared: compare.h, generalization.h.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "fathom/results/summary.h"
#include "fathom/stats/contest.h"

namespace fathom::results {

class TrainingTable {
 public:
  /// A row for each of `levels`, indices into the summaries. `figure`: of one training; an AUC of
  /// NaN where it is not known.
  TrainingTable(const std::vector<LevelSummary>& summaries, const std::vector<std::size_t>& levels,
                const std::function<stats::AucSample(const UnitRecord&)>& figure);

  std::size_t folds() const;

  /// Of which the figure of a row is known.
  std::size_t trainings(std::size_t row) const { return rows_[row].size(); }

  /// The rows two by two: over seeds, and of several folds by stats::compare_over_folds().
  /// `folds_share_images`: all folds were scored on the same images.
  stats::Contest contest(double scored_to_trained, bool folds_share_images) const;

 private:
  using Training = std::pair<int, std::uint64_t>;  ///< fold and seed

  std::vector<std::vector<stats::AucSample>> by_training() const;

  std::vector<std::map<Training, stats::AucSample>> rows_;
  std::set<Training> trainings_;
};

}  // namespace fathom::results
