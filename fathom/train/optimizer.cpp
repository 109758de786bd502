#include "fathom/train/optimizer.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "fathom/base/error.h"

namespace fathom::train {
namespace {

constexpr int kPlateauPatience = 2;
constexpr double kPlateauDrop = 0.1;

template <class Optimizer, class Options>
std::unique_ptr<torch::optim::Optimizer> optimizer_over(const std::vector<torch::Tensor>& decayed,
                                                        const std::vector<torch::Tensor>& plain,
                                                        const Options& options,
                                                        double weight_decay) {
  std::vector<torch::optim::OptimizerParamGroup> groups;
  const auto add = [&](const std::vector<torch::Tensor>& tensors, double decay) {
    if (tensors.empty()) return;
    auto own = std::make_unique<Options>(options);
    own->weight_decay(decay);
    groups.emplace_back(tensors, std::move(own));
  };
  add(decayed, weight_decay);
  add(plain, 0.0);
  return std::make_unique<Optimizer>(groups, options);
}

}  // namespace

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const NamedTensors& trained,
                                                        const TrainOptions& options,
                                                        double learning_rate) {
  std::vector<torch::Tensor> decayed, plain;
  for (const auto& [name, tensor] : trained) {
    FATHOM_CHECK(tensor.requires_grad());
    (tensor.dim() >= 2 ? decayed : plain).push_back(tensor);
  }
  const double decay = options.weight_decay;
  if (options.optimizer == "adam") {
    return optimizer_over<torch::optim::Adam>(decayed, plain,
                                              torch::optim::AdamOptions(learning_rate), decay);
  }
  if (options.optimizer == "adamw") {
    return optimizer_over<torch::optim::AdamW>(decayed, plain,
                                               torch::optim::AdamWOptions(learning_rate), decay);
  }
  FATHOM_CHECK(options.optimizer == "sgd");
  return optimizer_over<torch::optim::SGD>(
      decayed, plain, torch::optim::SGDOptions(learning_rate).momentum(options.momentum), decay);
}

void set_learning_rate(torch::optim::Optimizer& optimizer, double learning_rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(learning_rate);
}

Schedule::Schedule(const TrainOptions& options, double peak, std::int64_t steps_per_epoch)
    : course_(options.schedule),
      peak_(peak),
      warmup_steps_(options.warmup_epochs * static_cast<double>(steps_per_epoch)),
      total_steps_(static_cast<double>(options.epochs * steps_per_epoch)),
      best_loss_(std::numeric_limits<double>::infinity()) {}

double Schedule::rate(std::int64_t step) const {
  const double done = static_cast<double>(step) + 1;
  if (done < warmup_steps_) return peak_ * done / warmup_steps_;
  if (course_ == "constant") return peak_;
  if (course_ == "plateau") return peak_ * plateau_factor_;
  const double left = std::max(1.0, total_steps_ - warmup_steps_);
  const double progress = std::min(1.0, (static_cast<double>(step) - warmup_steps_) / left);
  return peak_ * 0.5 * (1 + std::cos(std::numbers::pi * std::max(0.0, progress)));
}

void Schedule::after_epoch(double valid_loss) {
  epochs_without_gain_ = valid_loss < best_loss_ ? 0 : epochs_without_gain_ + 1;
  best_loss_ = std::min(best_loss_, valid_loss);
  if (epochs_without_gain_ < kPlateauPatience) return;
  plateau_factor_ *= kPlateauDrop;
  epochs_without_gain_ = 0;
}

}  // namespace fathom::train
