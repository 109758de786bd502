// ConvNeXt (Liu et al. 2022) with torchvision's names. A stage begins with the convolution that
// halves its input. The published normalization behind the pooling belongs to the published head.
// Stochastic depth of the original's training is left out.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

constexpr std::array<std::int64_t, 4> kConvNextWidths{96, 192, 384, 768};

/// The mean and deviation over the channels of each position, in fp32, for LibTorch 1.13 has no
/// kernel for bf16 numbers and fp32 weights.
torch::Tensor normalize_last(const nn::LayerNorm& norm, const torch::Tensor& x) {
  return nn::LayerNorm(norm)->forward(x.to(torch::kFloat32)).to(x.scalar_type());
}

nn::LayerNorm channel_norm(std::int64_t channels) {
  return nn::LayerNorm(nn::LayerNormOptions({channels}).eps(1e-6));
}

/// Over the channels of N x C x H x W.
Layer layer_norm(const std::string& name, std::int64_t channels) {
  const nn::LayerNorm norm = channel_norm(channels);
  return {{{name, norm.ptr()}}, [norm](const torch::Tensor& x) {
            return normalize_last(norm, x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
          }};
}

/// x + scale * mlp(norm(conv(x))), with a scale for each channel.
struct ConvNextUnit : nn::Module {
  explicit ConvNextUnit(std::int64_t width)
      : conv(conv_options(width, width, 7, 1, width).bias(true)),
        norm(channel_norm(width)),
        widen(width, 4 * width),
        narrow(4 * width, width),
        // 1e-6 where the paper begins; a fresh network would hardly differ from the identity.
        scale(register_parameter("layer_scale", torch::full({width, 1, 1}, 1e-6))) {
    const auto block = register_module("block", std::make_shared<nn::Module>());
    block->register_module("0", conv);
    block->register_module("2", norm);
    block->register_module("3", widen);
    block->register_module("5", narrow);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = normalize_last(norm, conv->forward(x).permute({0, 2, 3, 1}));
    const torch::Tensor update =
        narrow->forward(torch::gelu(widen->forward(y))).permute({0, 3, 1, 2});
    return x + (scale * update).to(x.scalar_type());
  }

  Convolution conv;
  nn::LayerNorm norm;
  nn::Linear widen, narrow;
  torch::Tensor scale;
};

Layer convnext_classifier(std::int64_t in, std::int64_t classes) {
  return chain({operation([](const torch::Tensor& x) {
                  return torch::adaptive_avg_pool2d(x, {1, 1});
                }),
                layer_norm("classifier.0", in),
                operation([](const torch::Tensor& x) { return x.flatten(1); }),
                layer("classifier.2", nn::Linear(in, classes))});
}

Layer convnext_halving(const std::string& name, std::int64_t in, std::int64_t out) {
  return chain({layer_norm(name + ".0", in),
                layer(name + ".1", Convolution(nn::Conv2dOptions(in, out, 2).stride(2)))});
}

Backbone build_convnext(const std::vector<int>& units, Classes classes) {
  Backbone net{.channels = kConvNextWidths[0]};
  net.blocks.emplace_back(
      "stem",
      chain({layer("features.0.0", Convolution(nn::Conv2dOptions(3, net.channels, 4).stride(4))),
             layer_norm("features.0.1", net.channels)}));
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::int64_t width = kConvNextWidths[i];
    for (int unit = 0; unit < units[i]; ++unit, net.channels = width) {
      // torchvision's features: stem, stage, halving, stage, halving, ...
      Layer block =
          layer(unit_name("features.", 2 * i + 1, unit), std::make_shared<ConvNextUnit>(width));
      if (unit == 0 && i > 0) {
        block = chain({convnext_halving("features." + std::to_string(2 * i), net.channels, width),
                       std::move(block)});
      }
      net.blocks.emplace_back(unit_name("stage", i + 1, unit), std::move(block));
    }
  }
  if (classes) net.classifier = convnext_classifier(net.channels, *classes);
  return net;
}

Entry convnext(const std::string& name, const std::string& title, const std::vector<int>& units) {
  return {{.name = name,
           .title = title,
           .paper = "Liu et al. 2022, A ConvNet for the 2020s, arXiv:2201.03545",
           .fine_blocks = unit_names("stage", 1, units, {"stem"}),
           .min_input = 32,
           .has_norm = true,
           .published_head = {"classifier.0", "classifier.2"}},
          [units](Classes classes) { return build_convnext(units, classes); }};
}

}  // namespace

Family convnext_family() {
  return {convnext("convnext_tiny", "ConvNeXt-tiny", {3, 3, 9, 3}),
          convnext("convnext_small", "ConvNeXt-small", {3, 3, 27, 3})};
}

}  // namespace fathom::zoo
