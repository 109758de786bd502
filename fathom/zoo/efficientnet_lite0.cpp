// EfficientNet-Lite0 (Tan & Le 2019; the "lite" variant has ReLU6 and no squeeze-and-excitation)
// with the names of its published PyTorch file. A stage is a run of inverted residuals of one
// output width. Stochastic depth of the original's training is left out.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

/// A convolution without bias. At stride 2 TensorFlow's "same" padding for even sizes, as all are
/// at the published 224 pixels: kernel - 2 in all, the odd one right and below. Kept at other
/// sizes, so that a weight meets the same neighbours.
Layer lite_conv(const std::string& name, std::int64_t in, std::int64_t out, int kernel = 1,
                int stride = 1, std::int64_t groups = 1) {
  nn::Conv2dOptions options = conv_options(in, out, kernel, stride, groups);
  if (stride == 1) return layer(name, Convolution(options));
  const int before = (kernel - 2) / 2;
  const int after = kernel - 2 - before;
  Layer pad = operation([=](const torch::Tensor& x) {
    return torch::constant_pad_nd(x, {before, after, before, after});
  });
  return chain({std::move(pad), layer(name, Convolution(options.padding(0)))});
}

Layer lite_norm(const std::string& name, std::int64_t channels) {
  return batch_norm(name, channels, {.eps = 1e-3, .momentum = 0.01});
}

/// The inverted residual, by the paper's name for it.
Layer lite_mbconv(std::int64_t in, std::int64_t out, int expansion, int kernel, int stride) {
  const std::int64_t hidden = in * expansion;
  const Layer relu6 = activation(Activation::relu6);
  std::vector<Layer> layers;
  if (expansion != 1) {
    layers = {lite_conv("_expand_conv", in, hidden), lite_norm("_bn0", hidden), relu6};
  }
  layers.push_back(lite_conv("_depthwise_conv", hidden, hidden, kernel, stride, hidden));
  layers.push_back(lite_norm("_bn1", hidden));
  layers.push_back(relu6);
  layers.push_back(lite_conv("_project_conv", hidden, out));
  layers.push_back(lite_norm("_bn2", out));
  Layer body = chain(std::move(layers));
  return stride == 1 && in == out ? residual(std::move(body)) : body;
}

struct LiteStage {
  int expansion;
  std::int64_t width;
  int units, kernel, stride;
};
constexpr std::array<LiteStage, 7> kLiteStages{{{1, 16, 1, 3, 1},
                                                {6, 24, 2, 3, 2},
                                                {6, 40, 2, 5, 2},
                                                {6, 80, 3, 3, 2},
                                                {6, 112, 3, 5, 1},
                                                {6, 192, 4, 5, 2},
                                                {6, 320, 1, 3, 1}}};
constexpr std::int64_t kLiteWidth = 1280;  ///< of the last boundary

Backbone build_efficientnet_lite0(Classes classes) {
  Backbone net{.channels = 32};
  const Layer relu6 = activation(Activation::relu6);
  net.blocks.emplace_back("stem", chain({lite_conv("_conv_stem", 3, net.channels, 3, 2),
                                         lite_norm("_bn0", net.channels), relu6}));
  for (std::size_t i = 0; i < kLiteStages.size(); ++i) {
    const LiteStage& stage = kLiteStages[i];
    for (int unit = 0; unit < stage.units; ++unit, net.channels = stage.width) {
      // The published file numbers all units through.
      const std::string name = "_blocks." + std::to_string(net.blocks.size() - 1);
      net.blocks.emplace_back(unit_name("stage", i + 1, unit),
                              under(name, lite_mbconv(net.channels, stage.width, stage.expansion,
                                                      stage.kernel, unit == 0 ? stage.stride : 1)));
    }
  }
  net.blocks.emplace_back("top", chain({lite_conv("_conv_head", net.channels, kLiteWidth),
                                        lite_norm("_bn1", kLiteWidth), relu6}));
  net.channels = kLiteWidth;
  if (classes) net.classifier = linear_classifier("_fc", net.channels, *classes, 0.2);
  return net;
}

}  // namespace

Family efficientnet_lite_family() {
  return {{{.name = "efficientnet_lite0",
            .title = "EfficientNet-Lite0",
            .paper = "Tan & Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional "
                     "Neural Networks, arXiv:1905.11946; the lite variant as published with "
                     "TensorFlow's TPU models",
            .fine_blocks = unit_names("stage", 1, units_of(kLiteStages), {"stem"}, {"top"}),
            .min_input = 32,
            .has_norm = true,
            .published_head = {"_fc"}},
           build_efficientnet_lite0}};
}

}  // namespace fathom::zoo
