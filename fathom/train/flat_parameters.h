// Parameters of one kind as one array, so that an optimizer's step on a GPU is a dozen kernels
// instead of a dozen for each tensor. On the processor fused_step.h does it in one pass.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "fathom/train/fused_step.h"

namespace fathom::train {

/// A parameter's gradient with its numbers in the same order of memory as the parameter's.
torch::Tensor aligned_gradient(const torch::Tensor& parameter);

class FlatParameters {
 public:
  /// The tensors are dense, of one device and number format (float32 or bf16), and become views of
  /// one array. `masters`: their values in float32, likewise. `has_second`: of Adam.
  FlatParameters(std::vector<torch::Tensor> model, const std::vector<torch::Tensor>& masters,
                 bool has_second);

  /// Views of the float32 parameters and of the moments, shaped as the i-th tensor.
  torch::Tensor master(std::size_t i) const { return view(master_, i); }
  torch::Tensor first(std::size_t i) const { return view(first_, i); }
  torch::Tensor second(std::size_t i) const { return view(second_, i); }

  /// One step by the tensors' gradients, which must all be there.
  void step(const AdamStep& adam) const;
  void step(const SgdStep& sgd) const;

 private:
  torch::Tensor view(const torch::Tensor& flat, std::size_t i) const;
  /// All gradients in float32.
  torch::Tensor gradient() const;

  std::vector<torch::Tensor> model_;
  std::vector<std::int64_t> offsets_;
  torch::Tensor flat_;  ///< what the network computes with; of float32 the same array as master_
  torch::Tensor master_, first_, second_;
};

}  // namespace fathom::train
