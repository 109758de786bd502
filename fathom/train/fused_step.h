// One pass over memory for an optimizer's step: moments, fp32 master and the copy that the network
// computes with. Numbers alone, no LibTorch.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fathom::train {

/// The arrays of one tensor, all of `count` numbers in the same order.
struct StepArrays {
  float* master = nullptr;         ///< the parameter in fp32
  std::uint16_t* bf16 = nullptr;   ///< its bf16 copy; null where the network computes with `master`
  const void* gradient = nullptr;  ///< bf16 where there is a bf16 copy, else fp32
  float* first = nullptr;          ///< Adam's first moment, or sgd's momentum
  float* second = nullptr;         ///< Adam's second moment; unused by sgd
};

/// Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) and AdamW (Loshchilov & Hutter 2019,
/// arXiv:1711.05101), with the bias corrections of step t folded into the two factors.
struct AdamStep {
  float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
  float rate = 0;         ///< learning rate / (1 - beta1^t)
  float root_factor = 1;  ///< 1 / sqrt(1 - beta2^t)
  float l2 = 0;           ///< Adam's weight decay: added to the gradient
  float shrink = 1;       ///< AdamW's: the factor on the parameter
  void operator()(const StepArrays& arrays, std::size_t begin, std::size_t end) const;
};

/// Gradient descent with momentum, as torch.optim.SGD: buffer = momentum * buffer + gradient.
struct SgdStep {
  float rate = 0, momentum = 0, l2 = 0;
  void operator()(const StepArrays& arrays, std::size_t begin, std::size_t end) const;
};

}  // namespace fathom::train
