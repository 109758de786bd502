// EfficientNet (Tan & Le 2019, table 1 and its scaling) and EfficientNetV2 (Tan & Le 2021, table 4)
// with torchvision's names. Stochastic depth of the original's training is left out.
#include <algorithm>
#include <cmath>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

struct EfficientStage {
  bool fused;  ///< one convolution expands and looks around; no squeeze-and-excitation
  int expansion, kernel, stride;
  std::int64_t width;
  int units;
};

struct EfficientNetShape {
  std::vector<EfficientStage> stages;
  std::int64_t stem, top;  ///< widths
  double norm_eps = 1e-5;
  double dropout = 0.2;
};

constexpr Activation kSilu = Activation::silu;

/// To a multiple of 8 that is not more than a tenth smaller.
std::int64_t scaled_width(std::int64_t width, double factor) {
  const double wanted = static_cast<double>(width) * factor;
  const std::int64_t rounded =
      std::max<std::int64_t>(8, static_cast<std::int64_t>(wanted + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + 8 : rounded;
}

/// B0 scaled in width and depth.
EfficientNetShape efficientnet_b(double width, double depth, double dropout) {
  EfficientNetShape shape{.stages = {{false, 1, 3, 1, 16, 1},
                                     {false, 6, 3, 2, 24, 2},
                                     {false, 6, 5, 2, 40, 2},
                                     {false, 6, 3, 2, 80, 3},
                                     {false, 6, 5, 1, 112, 3},
                                     {false, 6, 5, 2, 192, 4},
                                     {false, 6, 3, 1, 320, 1}},
                          .stem = scaled_width(32, width),
                          .dropout = dropout};
  for (EfficientStage& stage : shape.stages) {
    stage.width = scaled_width(stage.width, width);
    stage.units = static_cast<int>(std::ceil(stage.units * depth));
  }
  shape.top = 4 * shape.stages.back().width;
  return shape;
}

EfficientNetShape efficientnet_v2_s() {
  return {.stages = {{true, 1, 3, 1, 24, 2},
                     {true, 4, 3, 2, 48, 4},
                     {true, 4, 3, 2, 64, 4},
                     {false, 4, 3, 2, 128, 6},
                     {false, 6, 3, 1, 160, 9},
                     {false, 6, 3, 2, 256, 15}},
          .stem = 24,
          .top = 1280,
          .norm_eps = 1e-3};
}

/// The paper's MBConv, or its fused form, at the beginning (`in`, stride) or inside a stage.
Layer mbconv(std::int64_t in, const EfficientStage& stage, int stride, const NormSettings& norm,
             Padding padding) {
  const std::int64_t hidden = in * stage.expansion;
  int index = 0;
  const auto next = [&index] { return "block." + std::to_string(index++); };
  std::vector<Layer> layers;
  if (stage.fused) {
    const std::int64_t out = stage.expansion == 1 ? stage.width : hidden;
    layers.push_back(
        conv_norm(next(), conv_options(in, out, stage.kernel, stride), padding, kSilu, norm));
  } else {
    if (stage.expansion != 1) {
      layers.push_back(conv_norm(next(), conv_options(in, hidden, 1), kSilu, norm));
    }
    layers.push_back(conv_norm(next(), conv_options(hidden, hidden, stage.kernel, stride, hidden),
                               padding, kSilu, norm));
    layers.push_back(under(next(), squeeze_excitation(hidden, std::max<std::int64_t>(1, in / 4),
                                                      kSilu, Activation::sigmoid)));
  }
  if (!stage.fused || stage.expansion != 1) {
    layers.push_back(
        conv_norm(next(), conv_options(hidden, stage.width, 1), Activation::none, norm));
  }
  Layer body = chain(std::move(layers));
  return stride == 1 && in == stage.width ? residual(std::move(body)) : body;
}

Backbone build_efficientnet(const EfficientNetShape& shape, Classes classes, Padding padding) {
  const NormSettings norm{.eps = shape.norm_eps};
  Backbone net{.channels = shape.stem};
  net.blocks.emplace_back(
      "stem", conv_norm("features.0", conv_options(3, net.channels, 3, 2), padding, kSilu, norm));
  for (std::size_t i = 0; i < shape.stages.size(); ++i) {
    const EfficientStage& stage = shape.stages[i];
    for (int unit = 0; unit < stage.units; ++unit, net.channels = stage.width) {
      net.blocks.emplace_back(
          unit_name("stage", i + 1, unit),
          under(unit_name("features.", i + 1, unit),
                mbconv(net.channels, stage, unit == 0 ? stage.stride : 1, norm, padding)));
    }
  }
  net.blocks.emplace_back("top", conv_norm("features." + std::to_string(shape.stages.size() + 1),
                                           conv_options(net.channels, shape.top, 1), kSilu, norm));
  net.channels = shape.top;
  if (classes) {
    net.classifier = linear_classifier("classifier.1", net.channels, *classes, shape.dropout);
  }
  return net;
}

Entry efficientnet(const std::string& name, const std::string& title, const std::string& paper,
                   int input, const EfficientNetShape& shape) {
  return {
      {.name = name,
       .title = title,
       .paper = paper,
       .fine_blocks = unit_names("stage", 1, units_of(shape.stages), {"stem"}, {"top"}),
       .min_input = 32,
       .default_input = input,
       .has_norm = true,
       .published_head = {"classifier.1"}},
      [shape](Classes classes) { return build_efficientnet(shape, classes, Padding::torchvision); },
      [shape](Classes classes) { return build_efficientnet(shape, classes, Padding::tensorflow); }};
}

constexpr auto kEfficientNetPaper =
    "Tan & Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, "
    "arXiv:1905.11946";

}  // namespace

Family efficientnet_family() {
  return {efficientnet("efficientnet_b0", "EfficientNet-B0", kEfficientNetPaper, 224,
                       efficientnet_b(1.0, 1.0, 0.2)),
          efficientnet("efficientnet_b1", "EfficientNet-B1", kEfficientNetPaper, 240,
                       efficientnet_b(1.0, 1.1, 0.2)),
          efficientnet("efficientnet_b2", "EfficientNet-B2", kEfficientNetPaper, 288,
                       efficientnet_b(1.1, 1.2, 0.3)),
          efficientnet("efficientnet_b3", "EfficientNet-B3", kEfficientNetPaper, 300,
                       efficientnet_b(1.2, 1.4, 0.3)),
          efficientnet("efficientnet_b4", "EfficientNet-B4", kEfficientNetPaper, 380,
                       efficientnet_b(1.4, 1.8, 0.4)),
          efficientnet("efficientnet_v2_s", "EfficientNetV2-S",
                       "Tan & Le 2021, EfficientNetV2: Smaller Models and Faster Training, "
                       "arXiv:2104.00298",
                       384, efficientnet_v2_s())};
}

}  // namespace fathom::zoo
