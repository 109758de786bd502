#include "fathom/train/generalization.h"

#include <numeric>

#include "fathom/train/boundaries.h"
#include "fathom/train/views.h"

namespace fathom::train {
namespace {

void score_external(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  for (const ExternalTest& set : task.external) {
    std::vector<std::int64_t> images(set.labels.size());
    std::iota(images.begin(), images.end(), 0);
    outcome.external.push_back(predict(*set.inputs, images, {}, set.labels));
    outcome.record.external.push_back(
        {set.name, stats::score(outcome.external.back(), task.positive)});
  }
}

double auc_under(const UnitTask& task, const Predict& predict, int view) {
  const std::vector<int> views(task.corrupted.size(), view);
  const stats::Predictions predictions = predict(*task.inputs, task.corrupted, views, task.labels);
  return stats::score(predictions, task.positive).auc;
}

void score_corrupted(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  if (task.corrupted.empty()) return;
  outcome.record.uncorrupted_auc = auc_under(task, predict, 0);
  for (const CorruptedView& view : corrupted_views()) {
    outcome.record.corruptions.push_back(
        {view.corruption, view.severity, auc_under(task, predict, view.number)});
  }
}

}  // namespace

std::vector<Sight> corrupted_sights(const UnitTask& task) {
  std::vector<Sight> sights;
  for (const std::int64_t image : task.corrupted) {
    for (const CorruptedView& view : corrupted_views()) sights.push_back({image, view.number});
  }
  return sights;
}

void score_beyond_test(const UnitTask& task, const Predict& predict, UnitOutcome& outcome) {
  score_external(task, predict, outcome);
  score_corrupted(task, predict, outcome);
}

}  // namespace fathom::train
