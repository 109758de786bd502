#include "fathom/train/generalization.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/train/batches.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/views.h"

namespace fathom::train {
namespace {

void score_train(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  if (task.scored_train.empty()) return;
  const stats::Scores scores =
      stats::score(predict(*task.inputs, task.scored_train, {}, task.labels), task.positive);
  outcome.record.train = {task.scored_train.size(), scores.auc, scores.log_loss};
}

void score_external(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  for (const ExternalTest& set : task.external) {
    std::vector<std::int64_t> images(set.labels.size());
    std::iota(images.begin(), images.end(), 0);
    outcome.external.push_back(predict(*set.inputs, images, {}, set.labels));
    outcome.record.external.push_back(
        {set.name, stats::score(outcome.external.back(), task.positive)});
  }
}

/// Where the corrupted images stand among those of the test part.
std::vector<std::int64_t> test_rows(const UnitTask& task) {
  const std::vector<std::int64_t> test = part_indices(*task.assignment, data::Split::test);
  std::vector<std::int64_t> rows;
  for (const std::int64_t image : task.corrupted) {
    const auto found = std::ranges::lower_bound(test, image);
    FATHOM_CHECK(found != test.end() && *found == image);
    rows.push_back(found - test.begin());
  }
  return rows;
}

void score_corrupted(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  if (task.corrupted.empty()) return;
  results::CorruptedPredictions& kept = outcome.corrupted;
  kept.classes = task.classes;
  kept.test_rows = test_rows(task);
  const auto auc_under = [&](int view, std::vector<float>& logarithms) {
    const std::vector<int> views(task.corrupted.size(), view);
    const stats::Predictions found = predict(*task.inputs, task.corrupted, views, task.labels);
    for (const double p : found.probabilities) {
      logarithms.push_back(static_cast<float>(std::log(std::min(p, 1.0))));
    }
    const stats::Predictions as_kept =
        results::of_logarithms(logarithms, found.classes, found.labels);
    return stats::score(as_kept, task.positive).auc;
  };
  outcome.record.uncorrupted_auc = auc_under(0, kept.uncorrupted);
  for (const CorruptedView& view : corrupted_views()) {
    outcome.record.corruptions.push_back(
        {view.corruption, view.severity,
         auc_under(view.number, kept.corrupted[{view.corruption, view.severity}])});
  }
}

}  // namespace

std::vector<Sight> sights_beyond_test(const UnitTask& task) {
  std::vector<Sight> sights;
  for (const std::int64_t image : task.scored_train) sights.push_back({image, 0});
  for (const std::int64_t image : task.corrupted) {
    sights.push_back({image, 0});
    for (const CorruptedView& view : corrupted_views()) sights.push_back({image, view.number});
  }
  return sights;
}

double reads_beyond_test(const UnitTask& task) {
  std::size_t reads = sights_beyond_test(task).size();
  for (const ExternalTest& set : task.external) reads += set.labels.size();
  return static_cast<double>(reads);
}

void score_beyond_test(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  score_train(task, predict, outcome);
  score_external(task, predict, outcome);
  score_corrupted(task, predict, outcome);
}

}  // namespace fathom::train
