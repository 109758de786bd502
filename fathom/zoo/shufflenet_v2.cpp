// ShuffleNetV2 1.0 (Ma et al. 2018, table 5) with torchvision's names.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct ShuffleStage {
  std::int64_t width;
  int units;
};
constexpr std::array<ShuffleStage, 3> kShuffleStages{{{116, 4}, {232, 8}, {464, 4}}};
constexpr std::size_t kFirstShuffleStage = 2;      ///< the paper's number
constexpr std::int64_t kShuffleNetV2Width = 1024;  ///< of the last boundary

/// Channel i of the first half next to channel i of the second.
torch::Tensor shuffle_channels(const torch::Tensor& x) {
  return x.view({x.size(0), 2, x.size(1) / 2, x.size(2), x.size(3)})
      .transpose(1, 2)
      .reshape(x.sizes());
}

Layer depthwise_norm(const std::string& prefix, int index, std::int64_t width, int stride) {
  return chain({layer(prefix + std::to_string(index),
                      Convolution(conv_options(width, width, 3, stride, width))),
                batch_norm(prefix + std::to_string(index + 1), width)});
}

Layer pointwise_norm_relu(const std::string& prefix, int index, std::int64_t in, std::int64_t out) {
  return chain({layer(prefix + std::to_string(index), Convolution(conv_options(in, out, 1))),
                batch_norm(prefix + std::to_string(index + 1), out), relu()});
}

/// Units at stride 2 take all channels into both branches; the others pass one half on as it is.
Layer shuffle_unit(std::int64_t in, std::int64_t out, int stride) {
  const std::int64_t half = out / 2;
  Layer branch2 = chain({pointwise_norm_relu("branch2.", 0, stride == 1 ? half : in, half),
                         depthwise_norm("branch2.", 3, half, stride),
                         pointwise_norm_relu("branch2.", 5, half, half)});
  std::vector<Layer> branches;
  if (stride == 1) {
    branches = {
        operation([half](const torch::Tensor& x) { return x.narrow(1, 0, half); }),
        chain({operation([half](const torch::Tensor& x) { return x.narrow(1, half, half); }),
               std::move(branch2)})};
  } else {
    branches = {chain({depthwise_norm("branch1.", 0, in, stride),
                       pointwise_norm_relu("branch1.", 2, in, half)}),
                std::move(branch2)};
  }
  return chain({concatenation(std::move(branches)), operation(shuffle_channels)});
}

Backbone build_shufflenet_v2(Classes classes) {
  Backbone net{.channels = 24};
  net.blocks.emplace_back(
      "stem", chain({conv_norm("conv1", conv_options(3, net.channels, 3, 2)), max_pool(3, 2, 1)}));
  for (std::size_t i = 0; i < kShuffleStages.size(); ++i) {
    const ShuffleStage& stage = kShuffleStages[i];
    for (int unit = 0; unit < stage.units; ++unit, net.channels = stage.width) {
      const std::string name = unit_name("stage", kFirstShuffleStage + i, unit);
      net.blocks.emplace_back(
          name, under(name, shuffle_unit(net.channels, stage.width, unit == 0 ? 2 : 1)));
    }
  }
  net.blocks.emplace_back("top",
                          conv_norm("conv5", conv_options(net.channels, kShuffleNetV2Width, 1)));
  net.channels = kShuffleNetV2Width;
  if (classes) net.classifier = linear_classifier("fc", net.channels, *classes);
  return net;
}

}  // namespace

Family shufflenet_v2_family() {
  return {{{.name = "shufflenet_v2_x1_0",
            .title = "ShuffleNetV2 1.0",
            .paper = "Ma et al. 2018, ShuffleNet V2: Practical Guidelines for Efficient CNN "
                     "Architecture Design, arXiv:1807.11164",
            .fine_blocks = unit_names("stage", kFirstShuffleStage, units_of(kShuffleStages),
                                      {"stem"}, {"top"}),
            .min_input = 32,
            .has_norm = true,
            .published_head = {"fc"}},
           build_shufflenet_v2}};
}

}  // namespace fathom::zoo
