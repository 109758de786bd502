#include "fathom/zoo/layers.h"

namespace fathom::zoo {

torch::Tensor relu6_(torch::Tensor x) {
  // hardtanh is one pass each way and twice as fast, where it exists.
  return x.scalar_type() == torch::kBFloat16 ? x.relu_().clamp_max(6) : torch::hardtanh_(x, 0, 6);
}

torch::Tensor global_average(const torch::Tensor& x) {
  return torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
}

std::shared_ptr<torch::nn::Module> add_container(torch::nn::Module& parent,
                                                 const std::string& name) {
  return parent.register_module(name, std::make_shared<torch::nn::Module>());
}

std::function<torch::Tensor(const torch::Tensor&)> linear_classifier(
    const torch::nn::Linear& linear, double dropout) {
  return [linear, dropout](const torch::Tensor& x) {
    torch::nn::Linear layer = linear;
    return layer->forward(torch::dropout(global_average(x), dropout, layer->is_training()));
  };
}

void initialize_convolutions(torch::nn::Module& root) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : root.modules()) {
    auto* conv = module->as<torch::nn::Conv2d>();
    if (conv == nullptr) continue;
    torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU);
    if (conv->bias.defined()) torch::nn::init::zeros_(conv->bias);
  }
}

}  // namespace fathom::zoo
