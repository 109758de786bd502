#include "fathom/train/classifier.h"

#include <ATen/autocast_mode.h>

namespace fathom::train {
namespace {

/// CPU autocast to bf16 while it lives. The weights' cached bf16 copies are dropped at the end, for
/// the next optimizer step makes them stale.
class Autocast {
 public:
  explicit Autocast(Precision precision) : on_(precision == Precision::bf16) {
    if (!on_) return;
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_cpu_enabled(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_;
};

}  // namespace

Head::Head(std::int64_t channels, std::int64_t classes, double dropout)
    : dropout_(dropout), linear_(channels, classes) {}

torch::Tensor Head::forward(const torch::Tensor& boundary) const {
  // nn holders are pointers: calling through a copy leaves this object's constness honest.
  auto dropout = dropout_;
  auto linear = linear_;
  return linear(dropout(boundary.to(torch::kFloat32).mean({2, 3})));
}

void Head::set_training(bool training) const {
  auto dropout = dropout_;
  dropout->train(training);
}

NamedTensors Head::parameters() const {
  return {{"head.weight", linear_->weight}, {"head.bias", linear_->bias}};
}

Classifier::Classifier(FrozenNetwork network, Head head, Precision precision)
    : network_(std::move(network)), head_(std::move(head)), precision_(precision) {}

torch::Tensor Classifier::prefix(const torch::Tensor& images) const {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(precision_);
  return network_.network().forward_blocks(images, 0, network_.first_tuned_block());
}

torch::Tensor Classifier::suffix(const torch::Tensor& boundary) const {
  torch::Tensor features;
  {
    const Autocast autocast(precision_);
    const zoo::Network& network = network_.network();
    features =
        network.forward_blocks(boundary, network_.first_tuned_block(), network.blocks().size());
  }
  return head_.forward(features);
}

void Classifier::set_training(bool training) const {
  network_.set_training(training);
  head_.set_training(training);
}

NamedTensors Classifier::trained_parameters() const {
  NamedTensors tensors = network_.trained_parameters();
  const NamedTensors head = head_.parameters();
  tensors.insert(tensors.end(), head.begin(), head.end());
  return tensors;
}

NamedTensors Classifier::tuned_tensors() const {
  NamedTensors tensors = network_.tuned_tensors();
  const NamedTensors head = head_.parameters();
  tensors.insert(tensors.end(), head.begin(), head.end());
  return tensors;
}

}  // namespace fathom::train
