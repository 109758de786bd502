// MobileNetV2 1.0 (Sandler et al. 2018, table 2) with torchvision's names. A stage is a run of
// inverted residuals of one output width.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct ResidualStage {
  int expansion;
  std::int64_t width;
  int units, stride;
};
constexpr std::array<ResidualStage, 7> kResidualStages{{{1, 16, 1, 1},
                                                        {6, 24, 2, 2},
                                                        {6, 32, 3, 2},
                                                        {6, 64, 4, 2},
                                                        {6, 96, 3, 1},
                                                        {6, 160, 3, 2},
                                                        {6, 320, 1, 1}}};
constexpr std::int64_t kMobileNetV2Width = 1280;  ///< of the last boundary

Layer conv3x3(const std::string& name, std::int64_t in, std::int64_t out, int stride,
              std::int64_t groups, Padding padding) {
  return conv_norm(name, conv_options(in, out, 3, stride, groups), padding, Activation::relu6);
}

Layer inverted_residual(std::int64_t in, std::int64_t out, int expansion, int stride,
                        Padding padding) {
  const std::int64_t hidden = in * expansion;
  int index = 0;
  const auto next = [&index] { return "conv." + std::to_string(index++); };
  std::vector<Layer> layers;
  if (expansion != 1) {
    layers.push_back(conv_norm(next(), conv_options(in, hidden, 1), Activation::relu6));
  }
  layers.push_back(conv3x3(next(), hidden, hidden, stride, hidden, padding));
  layers.push_back(layer(next(), Convolution(conv_options(hidden, out, 1))));
  layers.push_back(batch_norm(next(), out));
  Layer body = chain(std::move(layers));
  return stride == 1 && in == out ? residual(std::move(body)) : body;
}

Backbone build_mobilenet_v2(Classes classes, Padding padding) {
  Backbone net{.channels = 32};
  // torchvision numbers all units through.
  const auto name = [&net] { return "features." + std::to_string(net.blocks.size()); };
  net.blocks.emplace_back("stem", conv3x3(name(), 3, net.channels, 2, 1, padding));
  for (std::size_t i = 0; i < kResidualStages.size(); ++i) {
    const ResidualStage& stage = kResidualStages[i];
    for (int unit = 0; unit < stage.units; ++unit, net.channels = stage.width) {
      net.blocks.emplace_back(
          unit_name("stage", i + 1, unit),
          under(name(), inverted_residual(net.channels, stage.width, stage.expansion,
                                          unit == 0 ? stage.stride : 1, padding)));
    }
  }
  net.blocks.emplace_back("top", conv_norm(name(), conv_options(net.channels, kMobileNetV2Width, 1),
                                           Activation::relu6));
  net.channels = kMobileNetV2Width;
  if (classes) net.classifier = linear_classifier("classifier.1", net.channels, *classes, 0.2);
  return net;
}

}  // namespace

Family mobilenet_v2_family() {
  return {{{.name = "mobilenet_v2",
            .title = "MobileNetV2",
            .paper = "Sandler et al. 2018, MobileNetV2: Inverted Residuals and Linear Bottlenecks, "
                     "arXiv:1801.04381",
            .fine_blocks = unit_names("stage", 1, units_of(kResidualStages), {"stem"}, {"top"}),
            .min_input = 32,
            .has_norm = true,
            .published_head = {"classifier.1"}},
           [](Classes classes) { return build_mobilenet_v2(classes, Padding::torchvision); },
           [](Classes classes) { return build_mobilenet_v2(classes, Padding::tensorflow); }}};
}

}  // namespace fathom::zoo
