// SqueezeNet 1.1 (Iandola et al. 2016) with torchvision's names; blocks in the paper's numbering.
// A pooling layer belongs to the block below it, so that boundaries are small.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct FireShape {
  int number;  ///< the paper's
  int index;   ///< in torchvision's `features`
  std::int64_t narrow, wide;
  bool pool;  ///< followed by pooling
};
constexpr std::array<FireShape, 8> kFires{{{2, 3, 16, 64, false},
                                           {3, 4, 16, 64, true},
                                           {4, 6, 32, 128, false},
                                           {5, 7, 32, 128, true},
                                           {6, 9, 48, 192, false},
                                           {7, 10, 48, 192, false},
                                           {8, 11, 64, 256, false},
                                           {9, 12, 64, 256, false}}};

Layer fire(std::int64_t in, const FireShape& shape) {
  const auto conv = [](const std::string& name, std::int64_t from, std::int64_t to, int kernel) {
    return chain({layer(name, Convolution(conv_options(from, to, kernel).bias(true))), relu()});
  };
  return under("features." + std::to_string(shape.index),
               chain({conv("squeeze", in, shape.narrow, 1),
                      concatenation({conv("expand1x1", shape.narrow, shape.wide, 1),
                                     conv("expand3x3", shape.narrow, shape.wide, 3)})}));
}

Layer squeezenet_classifier(std::int64_t in, std::int64_t classes) {
  const Convolution conv(nn::Conv2dOptions(in, classes, 1));
  Layer drop = operation(
      [conv](const torch::Tensor& x) { return torch::dropout(x, /*p=*/0.5, conv->is_training()); });
  return chain({std::move(drop), layer("classifier.1", conv), relu(), global_average()});
}

Backbone build_squeezenet(Classes classes, Padding padding) {
  const Layer pool = max_pool(3, 2, 0, /*ceil_mode=*/padding == Padding::torchvision);
  Backbone net{.channels = 64};
  net.blocks.emplace_back(
      "stem",
      chain({layer("features.0", Convolution(nn::Conv2dOptions(3, net.channels, 3).stride(2))),
             relu(), pool}));
  for (const FireShape& shape : kFires) {
    Layer block = fire(net.channels, shape);
    if (shape.pool) block = chain({std::move(block), pool});
    net.blocks.emplace_back("fire" + std::to_string(shape.number), std::move(block));
    net.channels = 2 * shape.wide;
  }
  if (classes) net.classifier = squeezenet_classifier(net.channels, *classes);
  return net;
}

}  // namespace

Family squeezenet_family() {
  return {{{.name = "squeezenet1_1",
            .title = "SqueezeNet 1.1",
            .paper = "Iandola et al. 2016, SqueezeNet: AlexNet-level accuracy with 50x fewer "
                     "parameters and <0.5MB model size, arXiv:1602.07360",
            .fine_blocks = {"stem", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8",
                            "fire9"},
            .min_input = 17,
            .published_head = {"classifier.1"}},
           [](Classes classes) { return build_squeezenet(classes, Padding::torchvision); },
           [](Classes classes) { return build_squeezenet(classes, Padding::tensorflow); }}};
}

}  // namespace fathom::zoo
