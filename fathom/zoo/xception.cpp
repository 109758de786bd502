// Xception (Chollet 2017, figure 5) with timm's names, those of its legacy_xception. block1 to
// block12 are Keras's block2 to block13.
#include <array>
#include <limits>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

struct XceptionBlock {
  std::int64_t width;
  int units, stride;
  bool widens_last = false;  ///< else the first unit has all the channels already
};
constexpr std::array<XceptionBlock, 12> kXceptionBlocks{{{128, 2, 2},
                                                         {256, 2, 2},
                                                         {728, 2, 2},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {728, 3, 1},
                                                         {1024, 2, 2, true}}};

Layer separable(const std::string& name, std::int64_t in, std::int64_t out) {
  return chain({layer(name + ".conv1", Convolution(conv_options(in, in, 3, 1, in))),
                layer(name + ".pointwise", Convolution(conv_options(in, out, 1)))});
}

/// Of the frame that TensorFlow adds no pixel is ever the largest.
Layer halving_pool(Padding padding) {
  if (padding == Padding::torchvision) return max_pool(3, 2, 1);
  return chain({same_padding(3, 2, -std::numeric_limits<double>::infinity()), max_pool(3, 2)});
}

/// A ReLU stands before each convolution, but for that of the image's first block.
Layer xception_block(std::int64_t in, const XceptionBlock& shape, bool is_first, Padding padding) {
  Layer skip;
  if (in != shape.width) {
    skip = chain({layer("skip", Convolution(conv_options(in, shape.width, 1, shape.stride))),
                  batch_norm("skipbn", shape.width)});
  }
  std::vector<Layer> layers;
  int index = 0;
  const auto next = [&index] { return "rep." + std::to_string(index++); };
  for (int unit = 0; unit < shape.units; ++unit) {
    const bool is_last = unit + 1 == shape.units;
    const std::int64_t out = shape.widens_last && !is_last ? in : shape.width;
    if (unit > 0 || !is_first) {
      next();
      // The block's input is the shortcut's too.
      layers.push_back(unit > 0 ? relu()
                                : operation([](const torch::Tensor& x) { return x.relu(); }));
    }
    layers.push_back(separable(next(), in, out));
    layers.push_back(batch_norm(next(), out));
    in = out;
  }
  if (shape.stride > 1) layers.push_back(halving_pool(padding));
  return residual(chain(std::move(layers)), std::move(skip));
}

Backbone build_xception(Classes classes, Padding padding) {
  Backbone net{.channels = 64};
  net.blocks.emplace_back(
      "stem", chain({layer("conv1", Convolution(conv_options(3, 32, 3, 2).padding(0))),
                     batch_norm("bn1", 32), relu(),
                     layer("conv2", Convolution(conv_options(32, net.channels, 3).padding(0))),
                     batch_norm("bn2", net.channels), relu()}));
  for (const XceptionBlock& shape : kXceptionBlocks) {
    const std::string name = "block" + std::to_string(net.blocks.size());
    const bool is_first = net.blocks.size() == 1;
    net.blocks.emplace_back(name,
                            under(name, xception_block(net.channels, shape, is_first, padding)));
    net.channels = shape.width;
  }
  std::vector<Layer> top;
  for (const auto& [number, width] : {std::pair("3", 1536), {"4", 2048}}) {
    top.push_back(separable(std::string("conv") + number, net.channels, width));
    top.push_back(batch_norm(std::string("bn") + number, width));
    top.push_back(relu());
    net.channels = width;
  }
  net.blocks.emplace_back("top", chain(std::move(top)));
  if (classes) net.classifier = linear_classifier("fc", net.channels, *classes);
  return net;
}

}  // namespace

Family xception_family() {
  return {{{.name = "xception",
            .title = "Xception",
            .paper = "Chollet 2017, Xception: Deep Learning with Depthwise Separable Convolutions, "
                     "arXiv:1610.02357",
            .fine_blocks = {"stem", "block1", "block2", "block3", "block4", "block5", "block6",
                            "block7", "block8", "block9", "block10", "block11", "block12", "top"},
            .min_input = 32,
            .default_input = 299,
            .has_norm = true,
            .published_head = {"fc"}},
           [](Classes classes) { return build_xception(classes, Padding::torchvision); },
           [](Classes classes) { return build_xception(classes, Padding::tensorflow); }}};
}

}  // namespace fathom::zoo
