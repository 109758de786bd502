#include "fathom/zoo/layers.h"

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/zoo/convolve.h"

namespace fathom::zoo {
namespace {

torch::Tensor activate_(torch::Tensor x, Activation kind) {
  switch (kind) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x.relu_();
    case Activation::relu6:
      // hardtanh is one pass each way and twice as fast, where it exists.
      return x.scalar_type() == torch::kBFloat16 ? x.relu_().clamp_max(6)
                                                 : torch::hardtanh_(x, 0, 6);
    case Activation::silu:
      return torch::silu_(x);
    case Activation::hardswish:
      return torch::hardswish_(x);
    case Activation::sigmoid:
      return x.sigmoid_();
    case Activation::hardsigmoid:
      return torch::hardsigmoid_(x);
  }
  FATHOM_CHECK(false);
}

/// The modules of several layers; the forwards are the caller's to join.
std::vector<Forward> take_apart(std::vector<Layer> layers, Layer& joint) {
  std::vector<Forward> forwards;
  for (Layer& layer : layers) {
    joint.modules.insert(joint.modules.end(), layer.modules.begin(), layer.modules.end());
    forwards.push_back(std::move(layer.forward));
  }
  return forwards;
}

/// Joins every layer that ends in a convolution and the normalization right after it into one that
/// leaves the normalization out once it is folded.
std::vector<Layer> with_norms(std::vector<Layer> layers) {
  std::vector<Layer> joined;
  for (Layer& layer : layers) {
    const auto conv = joined.empty() ? nullptr : joined.back().ends_in;
    if (!conv || !layer.norm) {
      joined.push_back(std::move(layer));
      continue;
    }
    conv->set_norm(torch::nn::BatchNorm2d(layer.norm));
    Layer& last = joined.back();
    last.modules.push_back(std::move(layer.modules.front()));
    last.ends_in = nullptr;
    last.forward = [conv, norm = layer.norm,
                    before = std::move(last.forward)](const torch::Tensor& x) {
      const torch::Tensor y = before(x);
      return conv->has_folded_norm() ? y : norm->forward(y);
    };
  }
  return joined;
}

}  // namespace

Layer operation(Forward forward) { return {{}, std::move(forward)}; }

Layer chain(std::vector<Layer> layers) {
  layers = with_norms(std::move(layers));
  Layer joint;
  if (!layers.empty()) joint.ends_in = layers.back().ends_in;
  joint.forward = [forwards = take_apart(std::move(layers), joint)](const torch::Tensor& x) {
    torch::Tensor y = x;
    for (const Forward& forward : forwards) y = forward(y);
    return y;
  };
  return joint;
}

Layer concatenation(std::vector<Layer> branches) {
  Layer joint;
  joint.forward = [forwards = take_apart(std::move(branches), joint)](const torch::Tensor& x) {
    std::vector<torch::Tensor> outputs;
    outputs.reserve(forwards.size());
    for (const Forward& forward : forwards) outputs.push_back(forward(x));
    return torch::cat(outputs, 1);
  };
  return joint;
}

Layer residual(Layer body, Layer shortcut) {
  Layer joint;
  joint.forward = [forwards = take_apart({std::move(body), std::move(shortcut)}, joint)](
                      const torch::Tensor& x) {
    return (forwards[1] ? forwards[1](x) : x) + forwards[0](x);
  };
  return joint;
}

Layer under(const std::string& prefix, Layer layer) {
  for (auto& [name, module] : layer.modules) name.insert(0, prefix + ".");
  return layer;
}

Layer activation(Activation kind) {
  return operation([kind](const torch::Tensor& x) { return activate_(x, kind); });
}

Layer relu() { return activation(Activation::relu); }

Layer same_padding(int kernel, int stride, double value) {
  const auto pads = [=](std::int64_t size) {
    const std::int64_t outputs = (size + stride - 1) / stride;
    const std::int64_t all = std::max<std::int64_t>((outputs - 1) * stride + kernel - size, 0);
    return std::pair(all / 2, all - all / 2);
  };
  return operation([pads, value](const torch::Tensor& x) {
    const auto [left, right] = pads(x.size(3));
    const auto [above, below] = pads(x.size(2));
    return torch::constant_pad_nd(x, {left, right, above, below}, value);
  });
}

Layer max_pool(int kernel, int stride, int padding, bool ceil_mode) {
  return operation([=](const torch::Tensor& x) {
    return torch::max_pool2d(x, kernel, stride, padding, 1, ceil_mode);
  });
}

Layer global_average() {
  return operation([](const torch::Tensor& x) {
    return torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
  });
}

ConvolutionImpl::ConvolutionImpl(const torch::nn::Conv2dOptions& options) : options_(options) {
  const torch::ExpandingArray<2>& kernel = options_.kernel_size();
  weight = register_parameter(
      "weight", torch::empty({options_.out_channels(), options_.in_channels() / options_.groups(),
                              (*kernel)[0], (*kernel)[1]}));
  if (options_.bias()) bias = register_parameter("bias", torch::empty(options_.out_channels()));
}

torch::Tensor ConvolutionImpl::forward(const torch::Tensor& x) const {
  return convolve(x, weight, bias, options_);
}

void ConvolutionImpl::fold_norm() {
  FATHOM_CHECK(norm_ && !has_folded_norm_);
  const torch::NoGradGuard no_grad;
  const torch::Tensor scale =
      norm_->weight * torch::rsqrt(norm_->running_var + norm_->options.eps());
  const torch::Tensor shift = norm_->bias - norm_->running_mean * scale;
  weight.set_data(weight * scale.view({-1, 1, 1, 1}));
  if (bias.defined()) {
    bias.set_data(bias * scale + shift);
  } else {
    bias = register_parameter("bias", shift, /*requires_grad=*/false);
  }
  has_folded_norm_ = true;
}

void fold_norms(torch::nn::Module& root) {
  for (const auto& module : root.modules()) {
    auto* conv = module->as<Convolution>();
    if (conv != nullptr && conv->norm()) conv->fold_norm();
  }
}

torch::nn::Conv2dOptions conv_options(std::int64_t in, std::int64_t out, int kernel, int stride,
                                      std::int64_t groups) {
  return torch::nn::Conv2dOptions(in, out, kernel)
      .stride(stride)
      .padding(kernel / 2)
      .groups(groups)
      .bias(false);
}

Layer batch_norm(const std::string& name, std::int64_t channels, const NormSettings& settings) {
  return layer(
      name,
      torch::nn::BatchNorm2d(
          torch::nn::BatchNorm2dOptions(channels).eps(settings.eps).momentum(settings.momentum)));
}

Layer conv_norm(const std::string& name, const torch::nn::Conv2dOptions& options, Activation kind,
                const NormSettings& settings) {
  return chain({layer(name + ".0", Convolution(options)),
                batch_norm(name + ".1", options.out_channels(), settings), activation(kind)});
}

Layer conv_norm(const std::string& name, torch::nn::Conv2dOptions options, Padding padding,
                Activation kind, const NormSettings& settings) {
  const auto stride = static_cast<int>((*options.stride())[0]);
  const auto kernel = static_cast<int>((*options.kernel_size())[0]);
  if (padding == Padding::torchvision || stride == 1) {
    return conv_norm(name, options, kind, settings);
  }
  return chain({same_padding(kernel, stride), conv_norm(name, options.padding(0), kind, settings)});
}

Layer basic_conv(const std::string& name, torch::nn::Conv2dOptions options) {
  return chain({layer(name + ".conv", Convolution(options.bias(false))),
                batch_norm(name + ".bn", options.out_channels(), {.eps = 1e-3}), relu()});
}

Layer squeeze_excitation(std::int64_t channels, std::int64_t squeezed, Activation inner,
                         Activation gate) {
  Layer factor = chain({operation([](const torch::Tensor& x) {
                          return torch::adaptive_avg_pool2d(x, {1, 1});
                        }),
                        layer("fc1", Convolution(torch::nn::Conv2dOptions(channels, squeezed, 1))),
                        activation(inner),
                        layer("fc2", Convolution(torch::nn::Conv2dOptions(squeezed, channels, 1))),
                        activation(gate)});
  return {std::move(factor.modules),
          [forward = std::move(factor.forward)](const torch::Tensor& x) { return forward(x) * x; }};
}

Layer linear_classifier(const std::string& name, std::int64_t in, std::int64_t classes,
                        double dropout) {
  const torch::nn::Linear linear(in, classes);
  Layer drop = operation(
      [=](const torch::Tensor& x) { return torch::dropout(x, dropout, linear->is_training()); });
  return chain({global_average(), std::move(drop), layer(name, linear)});
}

void initialize_convolutions(torch::nn::Module& root) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : root.modules()) {
    auto* conv = module->as<Convolution>();
    if (conv == nullptr) continue;
    torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU);
    if (conv->bias.defined()) torch::nn::init::zeros_(conv->bias);
  }
}

}  // namespace fathom::zoo
