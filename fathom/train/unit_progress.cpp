#include "fathom/train/unit_progress.h"

#include <fmt/format.h>

#include <cmath>

#include "fathom/base/error.h"

namespace fathom::train {

UnitProgress::UnitProgress(const results::UnitKey& key, const TrainOptions& options,
                           std::size_t positive)
    : patience_(options.patience), positive_(positive) {
  record_.key = key;
}

void UnitProgress::check_training_loss(double loss, int epoch, std::int64_t step) const {
  if (std::isfinite(loss)) return;
  throw Error(fmt::format(
      "the training loss became {} in epoch {} at step {} with learning rate {:g}; a smaller "
      "learning rate or fp32 usually cures this",
      loss, epoch, step, record_.key.learning_rate));
}

bool UnitProgress::add_epoch(results::EpochRecord record, stats::Predictions valid) {
  const stats::Scores scores = stats::score(valid, positive_);
  record.valid_loss = scores.log_loss;
  record.valid_auc = scores.auc;
  if (!std::isfinite(record.valid_loss)) {
    throw Error(fmt::format(
        "the validation loss became {} in epoch {} with learning rate {:g}; a smaller learning "
        "rate or fp32 usually cures this",
        record.valid_loss, record.epoch, record_.key.learning_rate));
  }
  const bool best = is_best(record);
  record_.history.push_back(record);
  if (!best) return false;
  record_.best_epoch = record.epoch;
  record_.validation = scores;
  best_valid_ = std::move(valid);
  return true;
}

bool UnitProgress::is_best(const results::EpochRecord& record) const {
  if (record_.history.empty()) return true;
  const auto& best = record_.history[static_cast<std::size_t>(record_.best_epoch) - 1];
  // An AUC that is not defined loses to any that is.
  const double now = std::isnan(record.valid_auc) ? -1 : record.valid_auc;
  const double before = std::isnan(best.valid_auc) ? -1 : best.valid_auc;
  return now > before || (now == before && record.valid_loss < best.valid_loss);
}

void UnitProgress::remember(const NamedTensors& tuned) {
  best_tensors_.clear();
  for (const auto& [name, tensor] : tuned) {
    best_tensors_.emplace_back(name, tensor.detach().clone());
  }
}

bool UnitProgress::should_stop() const {
  return patience_ > 0 && !record_.history.empty() &&
         last().epoch - record_.best_epoch >= patience_;
}

void UnitProgress::resume(results::UnitRecord record, stats::Predictions best_valid,
                          NamedTensors best) {
  record_ = std::move(record);
  best_valid_ = std::move(best_valid);
  best_tensors_ = std::move(best);
}

}  // namespace fathom::train
