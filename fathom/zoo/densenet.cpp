// DenseNet (Huang et al. 2017, table 1) with torchvision's names. A block ends with the transition
// that halves its channels and its size, the last one with the final normalization.
#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

constexpr std::int64_t kGrowth = 32;       ///< channels that each unit adds
constexpr std::int64_t kBottleneck = 128;  ///< four times the growth

/// Its input and, behind it, what it computes from that.
Layer dense_unit(std::int64_t in) {
  return concatenation(
      {operation([](const torch::Tensor& x) { return x; }),
       chain({batch_norm("norm1", in), relu(),
              layer("conv1", Convolution(conv_options(in, kBottleneck, 1))),
              batch_norm("norm2", kBottleneck), relu(),
              layer("conv2", Convolution(conv_options(kBottleneck, kGrowth, 3)))})});
}

Layer dense_transition(std::int64_t in) {
  return chain({batch_norm("norm", in), relu(),
                layer("conv", Convolution(conv_options(in, in / 2, 1))),
                operation([](const torch::Tensor& x) { return torch::avg_pool2d(x, 2, 2); })});
}

Backbone build_densenet(const std::vector<int>& units, Classes classes) {
  Backbone net{.channels = 2 * kGrowth};
  net.blocks.emplace_back(
      "stem",
      under("features", chain({layer("conv0", Convolution(conv_options(3, net.channels, 7, 2))),
                               batch_norm("norm0", net.channels), relu(), max_pool(3, 2, 1)})));
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    for (int unit = 0; unit < units[i]; ++unit, net.channels += kGrowth) {
      const std::string path =
          "features.denseblock" + number + ".denselayer" + std::to_string(unit + 1);
      net.blocks.emplace_back(unit_name("denseblock", i + 1, unit),
                              under(path, dense_unit(net.channels)));
    }
    Layer end;
    if (i + 1 < units.size()) {
      end = under("features.transition" + number, dense_transition(net.channels));
      net.channels /= 2;
    } else {
      end = chain({batch_norm("features.norm5", net.channels), relu()});
    }
    Layer& last = net.blocks.back().second;
    last = chain({last, std::move(end)});
  }
  if (classes) net.classifier = linear_classifier("classifier", net.channels, *classes);
  return net;
}

Entry densenet(const std::string& name, const std::string& title, const std::vector<int>& units) {
  return {{.name = name,
           .title = title,
           .paper = "Huang et al. 2017, Densely Connected Convolutional Networks, "
                    "arXiv:1608.06993",
           .fine_blocks = unit_names("denseblock", 1, units, {"stem"}),
           .min_input = 32,
           .has_norm = true,
           .published_head = {"classifier"}},
          [units](Classes classes) { return build_densenet(units, classes); }};
}

}  // namespace

Family densenet_family() {
  return {densenet("densenet121", "DenseNet-121", {6, 12, 24, 16}),
          densenet("densenet169", "DenseNet-169", {6, 12, 32, 32}),
          densenet("densenet201", "DenseNet-201", {6, 12, 48, 32})};
}

}  // namespace fathom::zoo
