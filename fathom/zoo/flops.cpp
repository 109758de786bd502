#include "fathom/zoo/flops.h"

#include <ATen/record_function.h>

#include <string_view>

namespace fathom::zoo {
namespace {

/// Where the callback adds multiply-adds: callbacks are plain functions, so this cannot be
/// captured.
thread_local double multiply_adds = 0;

/// Inputs of aten::convolution: input, weight, bias, stride, padding, dilation, transposed, ...
/// A weight is out x in/groups x height x width and is used once per image and output position.
double convolution_cost(c10::ArrayRef<const c10::IValue> inputs) {
  const torch::Tensor x = inputs[0].toTensor();
  const torch::Tensor weight = inputs[1].toTensor();
  const auto stride = inputs[3].toIntVector();
  const auto padding = inputs[4].toIntVector();
  const auto dilation = inputs[5].toIntVector();
  double positions = 1;
  for (std::size_t i = 0; i < stride.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(i) + 2;
    const std::int64_t reach = dilation[i] * (weight.size(axis) - 1) + 1;
    positions *= static_cast<double>((x.size(axis) + 2 * padding[i] - reach) / stride[i] + 1);
  }
  return static_cast<double>(x.size(0)) * static_cast<double>(weight.numel()) * positions;
}

/// (rows x inner) times (inner x columns).
double product_cost(const torch::Tensor& left, const torch::Tensor& right) {
  return static_cast<double>(left.numel()) * static_cast<double>(right.size(1));
}

/// Inputs of aten::convolution_backward: gradient of the output, input, weight, bias sizes, stride,
/// padding, dilation, transposed, output padding, groups, which gradients are wanted (input,
/// weight, bias). Either of the first two takes as many multiply-adds as the forward pass.
double convolution_backward_cost(c10::ArrayRef<const c10::IValue> inputs) {
  const torch::Tensor output = inputs[0].toTensor();
  const double forward = static_cast<double>(inputs[2].toTensor().numel()) *
                         static_cast<double>(output.numel() / output.size(1));
  const auto wanted = inputs[10].toBoolList();
  return forward * (static_cast<int>(wanted[0]) + static_cast<int>(wanted[1]));
}

/// Of the operators inside each other (conv2d, convolution, _convolution, ...; linear, addmm) one
/// is counted. Inputs of aten::addmm: summand, left, right; of aten::mm: left, right.
std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  const c10::ArrayRef<const c10::IValue> inputs = function.inputs();
  if (name == "aten::convolution") multiply_adds += convolution_cost(inputs);
  if (name == "aten::convolution_backward") multiply_adds += convolution_backward_cost(inputs);
  if (name == "aten::addmm")
    multiply_adds += product_cost(inputs[1].toTensor(), inputs[2].toTensor());
  if (name == "aten::mm") multiply_adds += product_cost(inputs[0].toTensor(), inputs[1].toTensor());
  return nullptr;
}

/// Counts in this thread while it lives.
class Counting {
 public:
  Counting()
      : handle_(
            at::addThreadLocalCallback(at::RecordFunctionCallback(count).needsInputs(true).scopes(
                {at::RecordScope::FUNCTION}))) {}
  ~Counting() { at::removeCallback(handle_); }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;

 private:
  at::CallbackHandle handle_;
};

/// Evaluation mode while it lives, so that counting moves no running statistics; then every module
/// as it was (a study keeps frozen ones in evaluation mode, tuned ones not).
class Evaluating {
 public:
  explicit Evaluating(torch::nn::Module& root) {
    for (const auto& module : root.modules()) modes_.emplace_back(module, module->is_training());
    root.eval();
  }
  ~Evaluating() {
    // train() goes down to the children, and parents come first: each module's own mode stands.
    for (const auto& [module, training] : modes_) module->train(training);
  }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> modes_;
};

torch::Tensor blank_image(const Network& network, int size) {
  return torch::zeros({1, 3, size, size}, network.root().parameters().at(0).detach().options());
}

}  // namespace

std::vector<double> count_forward_flops(const Network& network, int size) {
  const torch::NoGradGuard no_grad;
  const Evaluating evaluating(network.root());
  const Counting counting;
  torch::Tensor x = blank_image(network, size);
  std::vector<double> flops;
  for (std::size_t i = 0; i < network.blocks().size(); ++i) {
    multiply_adds = 0;
    x = network.forward_blocks(x, i, i + 1);
    flops.push_back(2 * multiply_adds);
  }
  return flops;
}

double count_backward_flops(const Network& network, std::size_t first, int size) {
  std::vector<torch::Tensor> trained;
  for (const torch::Tensor& parameter : network.root().parameters()) {
    if (parameter.requires_grad()) trained.push_back(parameter);
  }
  if (trained.empty()) return 0;
  const Evaluating evaluating(network.root());
  torch::Tensor x = blank_image(network, size);
  {
    const torch::NoGradGuard no_grad;
    x = network.forward_blocks(x, 0, first);
  }
  x = network.forward_blocks(x, first, network.blocks().size());
  const Counting counting;
  multiply_adds = 0;
  torch::autograd::grad({x.sum()}, trained);
  return 2 * multiply_adds;
}

}  // namespace fathom::zoo
