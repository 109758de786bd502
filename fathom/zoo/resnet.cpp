// ResNet (He et al. 2016, table 1), ResNeXt (Xie et al. 2017) and Wide ResNet (Zagoruyko &
// Komodakis 2016) with torchvision's names; as there, a bottleneck's stride is at its 3 x 3
// convolution. In version 1, the paper's and Keras's, it is at the first.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct ResNetShape {
  std::vector<int> units;           ///< of layer1 to layer4
  bool bottleneck = true;           ///< three convolutions, the middle one narrow; else two
  std::int64_t groups = 1;          ///< of a bottleneck's 3 x 3 convolution
  std::int64_t narrow_of_wide = 4;  ///< a bottleneck's output width over its inner one
  bool stride_first = false;        ///< a bottleneck's, at its first convolution
};
constexpr std::array<std::int64_t, 4> kResNetWidths{64, 128, 256, 512};

Layer basic_body(std::int64_t in, std::int64_t out, int stride) {
  return chain({layer("conv1", Convolution(conv_options(in, out, 3, stride))),
                batch_norm("bn1", out), relu(),
                layer("conv2", Convolution(conv_options(out, out, 3))), batch_norm("bn2", out)});
}

Layer bottleneck_body(const ResNetShape& shape, std::int64_t in, std::int64_t out, int stride) {
  const std::int64_t inner = out / shape.narrow_of_wide;
  const int first = shape.stride_first ? stride : 1;
  return chain(
      {layer("conv1", Convolution(conv_options(in, inner, 1, first))), batch_norm("bn1", inner),
       relu(),
       layer("conv2", Convolution(conv_options(inner, inner, 3, stride / first, shape.groups))),
       batch_norm("bn2", inner), relu(), layer("conv3", Convolution(conv_options(inner, out, 1))),
       batch_norm("bn3", out)});
}

Layer resnet_unit(const ResNetShape& shape, std::int64_t in, std::int64_t out, int stride) {
  Layer body =
      shape.bottleneck ? bottleneck_body(shape, in, out, stride) : basic_body(in, out, stride);
  Layer shortcut;
  if (stride != 1 || in != out) {
    shortcut = conv_norm("downsample", conv_options(in, out, 1, stride), Activation::none);
  }
  return chain({residual(std::move(body), std::move(shortcut)), relu()});
}

Backbone build_resnet(const ResNetShape& shape, Classes classes) {
  Backbone net{.channels = 64};
  net.blocks.emplace_back("stem",
                          chain({layer("conv1", Convolution(conv_options(3, net.channels, 7, 2))),
                                 batch_norm("bn1", net.channels), relu(), max_pool(3, 2, 1)}));
  for (std::size_t i = 0; i < shape.units.size(); ++i) {
    const std::int64_t out = kResNetWidths[i] * (shape.bottleneck ? 4 : 1);
    for (int unit = 0; unit < shape.units[i]; ++unit, net.channels = out) {
      const std::string name = unit_name("layer", i + 1, unit);
      const int stride = i > 0 && unit == 0 ? 2 : 1;
      net.blocks.emplace_back(name, under(name, resnet_unit(shape, net.channels, out, stride)));
    }
  }
  if (classes) net.classifier = linear_classifier("fc", net.channels, *classes);
  return net;
}

Entry resnet(const std::string& name, const std::string& title, const std::string& paper,
             const ResNetShape& shape) {
  return {{.name = name,
           .title = title,
           .paper = paper,
           .fine_blocks = unit_names("layer", 1, shape.units, {"stem"}),
           .min_input = 32,
           .has_norm = true,
           .published_head = {"fc"}},
          [shape](Classes classes) { return build_resnet(shape, classes); }};
}

constexpr auto kResNetPaper =
    "He et al. 2016, Deep Residual Learning for Image Recognition, arXiv:1512.03385";

}  // namespace

Family resnet_family() {
  return {
      resnet("resnet18", "ResNet-18", kResNetPaper, {.units = {2, 2, 2, 2}, .bottleneck = false}),
      resnet("resnet34", "ResNet-34", kResNetPaper, {.units = {3, 4, 6, 3}, .bottleneck = false}),
      resnet("resnet50", "ResNet-50", kResNetPaper, {.units = {3, 4, 6, 3}}),
      resnet("resnet50_v1", "ResNet-50 v1", kResNetPaper,
             {.units = {3, 4, 6, 3}, .stride_first = true}),
      resnet("resnet101", "ResNet-101", kResNetPaper, {.units = {3, 4, 23, 3}}),
      resnet("resnet152", "ResNet-152", kResNetPaper, {.units = {3, 8, 36, 3}}),
      resnet("resnext50_32x4d", "ResNeXt-50 (32x4d)",
             "Xie et al. 2017, Aggregated Residual Transformations for Deep Neural Networks, "
             "arXiv:1611.05431",
             {.units = {3, 4, 6, 3}, .groups = 32, .narrow_of_wide = 2}),
      resnet("wide_resnet50_2", "Wide ResNet-50-2",
             "Zagoruyko & Komodakis 2016, Wide Residual Networks, arXiv:1605.07146",
             {.units = {3, 4, 6, 3}, .narrow_of_wide = 2})};
}

}  // namespace fathom::zoo
