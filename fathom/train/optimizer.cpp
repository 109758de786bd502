#include "fathom/train/optimizer.h"

#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "fathom/base/error.h"

namespace fathom::train {
namespace {

constexpr int kPlateauPatience = 2;
constexpr double kPlateauDrop = 0.1;

/// Numbers of a tensor that one thread takes at a time.
constexpr std::int64_t kGrain = 1 << 15;

}  // namespace

Optimizer::Optimizer(const NamedTensors& trained, const TrainOptions& options, Precision precision)
    : options_(options) {
  for (const auto& [name, tensor] : trained) {
    FATHOM_CHECK(tensor.requires_grad() && tensor.scalar_type() == torch::kFloat32);
    Slot slot{.model = tensor};
    torch::Tensor master = tensor.detach();
    if (precision == Precision::bf16 && tensor.dim() == 4) {
      slot.model.set_data(master.to(torch::kBFloat16));
    }
    slot.first = torch::zeros_like(master);
    if (options.optimizer != "sgd") slot.second = torch::zeros_like(master);
    slot.weight_decay = tensor.dim() >= 2 ? options.weight_decay : 0.0;
    slots_.push_back(std::move(slot));
    masters_.emplace_back(name, std::move(master));
  }
  if (!trained.empty() && trained.front().second.is_cuda()) join_by_kind();
}

/// On a GPU: joins the tensors of one number format and decay.
void Optimizer::join_by_kind() {
  std::map<std::pair<torch::ScalarType, double>, std::vector<std::size_t>> kinds;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    kinds[{slots_[i].model.scalar_type(), slots_[i].weight_decay}].push_back(i);
  }
  const torch::NoGradGuard no_grad;
  for (const auto& [kind, members] : kinds) {
    std::vector<torch::Tensor> models, masters;
    for (const std::size_t i : members) {
      models.push_back(slots_[i].model);
      masters.push_back(masters_[i].second);
    }
    const FlatParameters flat(std::move(models), masters, options_.optimizer != "sgd");
    for (std::size_t m = 0; m < members.size(); ++m) {
      Slot& slot = slots_[members[m]];
      masters_[members[m]].second = flat.master(m);
      slot.first = flat.first(m);
      if (slot.second.defined()) slot.second = flat.second(m);
    }
    joined_.push_back({flat, kind.second});
  }
}

void Optimizer::zero_grad() {
  for (Slot& slot : slots_) slot.model.mutable_grad().reset();
}

void Optimizer::step(double learning_rate) {
  ++steps_;
  if (!joined_.empty()) {
    const torch::NoGradGuard no_grad;
    for (const Joined& joined : joined_) {
      with_update(joined.weight_decay, learning_rate,
                  [&](const auto& update) { joined.parameters.step(update); });
    }
    return;
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].model.grad().defined()) step(slots_[i], masters_[i].second, learning_rate);
  }
}

void Optimizer::step(const Slot& slot, const torch::Tensor& master, double learning_rate) const {
  // The arrays are walked in the order of memory, so all must lie in the same.
  const torch::Tensor gradient = aligned_gradient(slot.model);
  StepArrays arrays;
  arrays.master = master.data_ptr<float>();
  if (slot.model.scalar_type() == torch::kBFloat16) {
    arrays.bf16 = reinterpret_cast<std::uint16_t*>(slot.model.data_ptr<at::BFloat16>());
  }
  arrays.gradient = gradient.data_ptr();
  arrays.first = slot.first.data_ptr<float>();
  if (slot.second.defined()) arrays.second = slot.second.data_ptr<float>();
  with_update(slot.weight_decay, learning_rate, [&](const auto& update) {
    at::parallel_for(0, master.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      update(arrays, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    });
  });
}

template <class Run>
void Optimizer::with_update(double weight_decay, double learning_rate, const Run& run) const {
  if (options_.optimizer == "sgd") {
    run(sgd_step(weight_decay, learning_rate));
  } else {
    run(adam_step(weight_decay, learning_rate));
  }
}

SgdStep Optimizer::sgd_step(double weight_decay, double learning_rate) const {
  return {.rate = static_cast<float>(learning_rate),
          .momentum = static_cast<float>(options_.momentum),
          .l2 = static_cast<float>(weight_decay)};
}

AdamStep Optimizer::adam_step(double weight_decay, double learning_rate) const {
  constexpr double kBeta1 = 0.9, kBeta2 = 0.999;
  const auto t = static_cast<double>(steps_);
  AdamStep adam;
  adam.rate = static_cast<float>(learning_rate / (1 - std::pow(kBeta1, t)));
  adam.root_factor = static_cast<float>(1 / std::sqrt(1 - std::pow(kBeta2, t)));
  if (options_.optimizer == "adamw") {
    adam.shrink = static_cast<float>(1 - learning_rate * weight_decay);
  } else {
    adam.l2 = static_cast<float>(weight_decay);
  }
  return adam;
}

void Optimizer::restore(const NamedTensors& values) {
  FATHOM_CHECK(values.size() == slots_.size());
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    masters_[i].second.copy_(values[i].second);
    slots_[i].model.copy_(values[i].second);
  }
}

NamedTensors Optimizer::moments() const {
  NamedTensors moments;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::string& name = masters_[i].first;
    moments.emplace_back("first:" + name, slots_[i].first);
    if (slots_[i].second.defined()) moments.emplace_back("second:" + name, slots_[i].second);
  }
  return moments;
}

void Optimizer::resume(std::int64_t steps) {
  restore(masters_);  // the network follows its masters
  steps_ = steps;
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
