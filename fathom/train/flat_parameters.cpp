#include "fathom/train/flat_parameters.h"

#include "fathom/base/error.h"

namespace fathom::train {
namespace {

/// The numbers of a dense tensor in the order of memory.
torch::Tensor in_order_of_memory(const torch::Tensor& dense) {
  return dense.as_strided({dense.numel()}, {1});
}

}  // namespace

torch::Tensor aligned_gradient(const torch::Tensor& parameter) {
  const torch::Tensor& gradient = parameter.grad();
  if (gradient.strides() == parameter.strides()) return gradient;
  return torch::empty_like(parameter.detach()).copy_(gradient);
}

FlatParameters::FlatParameters(std::vector<torch::Tensor> model,
                               const std::vector<torch::Tensor>& masters, bool has_second)
    : model_(std::move(model)) {
  FATHOM_CHECK(!model_.empty() && model_.size() == masters.size());
  std::vector<torch::Tensor> parts;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < masters.size(); ++i) {
    FATHOM_CHECK(masters[i].strides() == model_[i].strides() &&
                 masters[i].is_non_overlapping_and_dense());
    parts.push_back(in_order_of_memory(masters[i].detach()));
    offsets_.push_back(offset);
    offset += masters[i].numel();
  }
  master_ = torch::cat(parts);
  flat_ = master_.to(model_.front().scalar_type());  // itself in float32
  first_ = torch::zeros_like(master_);
  if (has_second) second_ = torch::zeros_like(master_);
  for (std::size_t i = 0; i < model_.size(); ++i) model_[i].set_data(view(flat_, i));
}

torch::Tensor FlatParameters::view(const torch::Tensor& flat, std::size_t i) const {
  return flat.as_strided(model_[i].sizes(), model_[i].strides(), offsets_[i]);
}

torch::Tensor FlatParameters::gradient() const {
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& model : model_) {
    FATHOM_CHECK(model.grad().defined());
    parts.push_back(in_order_of_memory(aligned_gradient(model)));
  }
  return torch::cat(parts).to(torch::kFloat32);
}

void FlatParameters::step(const AdamStep& adam) const {
  torch::Tensor gradient = this->gradient();
  if (adam.l2 != 0) gradient.add_(master_, adam.l2);
  first_.mul_(adam.beta1).add_(gradient, 1 - adam.beta1);
  second_.mul_(adam.beta2).addcmul_(gradient, gradient, 1 - adam.beta2);
  const torch::Tensor divisor = second_.sqrt().mul_(adam.root_factor).add_(adam.epsilon);
  if (adam.shrink != 1) master_.mul_(adam.shrink);
  master_.addcdiv_(first_, divisor, -adam.rate);
  if (!flat_.is_same(master_)) flat_.copy_(master_);
}

void FlatParameters::step(const SgdStep& sgd) const {
  torch::Tensor gradient = this->gradient();
  if (sgd.l2 != 0) gradient.add_(master_, sgd.l2);
  first_.mul_(sgd.momentum).add_(gradient);
  master_.add_(first_, -sgd.rate);
  if (!flat_.is_same(master_)) flat_.copy_(master_);
}

}  // namespace fathom::train
