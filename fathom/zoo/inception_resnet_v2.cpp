// InceptionResNetV2 (Szegedy et al. 2017) as TensorFlow, Keras and timm have it, with timm's names.
// block35, block17 and block8 are the runs of its Inception-ResNet units A, B and C. It pads by
// even frames only and leaves them out of means: TensorFlow's form is no other.
#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

struct Kernel {
  std::int64_t out;
  std::int64_t height = 1, width = 1;
  std::int64_t stride = 1;  ///< beyond 1: without padding
};
enum class Pooling { none, average, maximum };

/// Convolutions one after another, behind a pooling or none.
struct Path {
  std::vector<Kernel> kernels;
  Pooling pooling = Pooling::none;
};
using Paths = std::vector<Path>;

/// A block: paths side by side, or where it has units a run of them, each
/// x + scale * conv2d(paths(x)) and a ReLU.
struct Part {
  std::string block, module;
  Paths paths;
  int units = 0;
  double scale = 1;
};

/// Figures 16 to 19 of the paper, and the reductions; widths: table 1 and TensorFlow's code.
const Paths& unit_c() {
  static const Paths paths{{{{192}}}, {{{192}, {224, 1, 3}, {256, 3, 1}}}};
  return paths;
}
const std::vector<Part>& parts_table() {
  static const std::vector<Part> parts{
      {"mixed_5b",
       "mixed_5b",
       {{{{96}}},
        {{{48}, {64, 5, 5}}},
        {{{64}, {96, 3, 3}, {96, 3, 3}}},
        {{{64}}, Pooling::average}}},
      {"block35",
       "repeat",
       {{{{32}}}, {{{32}, {32, 3, 3}}}, {{{32}, {48, 3, 3}, {64, 3, 3}}}},
       10,
       0.17},
      {"mixed_6a",
       "mixed_6a",
       {{{{384, 3, 3, 2}}}, {{{256}, {256, 3, 3}, {384, 3, 3, 2}}}, {{}, Pooling::maximum}}},
      {"block17", "repeat_1", {{{{192}}}, {{{128}, {160, 1, 7}, {192, 7, 1}}}}, 20, 0.1},
      {"mixed_7a",
       "mixed_7a",
       {{{{256}, {384, 3, 3, 2}}},
        {{{256}, {288, 3, 3, 2}}},
        {{{256}, {288, 3, 3}, {320, 3, 3, 2}}},
        {{}, Pooling::maximum}}},
      {"block8", "repeat_2", unit_c(), 9, 0.2}};
  return parts;
}
/// Behind that run: of it, but not scaled and without a ReLU.
constexpr auto kLastUnit = "block8.9", kLastModule = "block8";

Layer kernel_layer(const std::string& name, std::int64_t in, const Kernel& kernel) {
  torch::nn::Conv2dOptions options(in, kernel.out, {kernel.height, kernel.width});
  if (kernel.stride == 1) options.padding({kernel.height / 2, kernel.width / 2});
  return basic_conv(name, options.stride(kernel.stride));
}

/// timm numbers the layers of a path, the pooling too, where there are several.
Layer path_layer(const std::string& name, std::int64_t in, const Path& path) {
  std::vector<Layer> layers;
  if (path.pooling == Pooling::average) {
    layers.push_back(operation([](const torch::Tensor& x) {
      return torch::avg_pool2d(x, 3, 1, 1, /*ceil_mode=*/false, /*count_include_pad=*/false);
    }));
  }
  if (path.pooling == Pooling::maximum) layers.push_back(max_pool(3, 2));
  const bool is_numbered = layers.size() + path.kernels.size() > 1;
  for (const Kernel& kernel : path.kernels) {
    const std::string number = is_numbered ? "." + std::to_string(layers.size()) : "";
    layers.push_back(kernel_layer(name + number, in, kernel));
    in = kernel.out;
  }
  return chain(std::move(layers));
}

Layer paths_layer(std::int64_t in, const Paths& paths) {
  std::vector<Layer> layers;
  for (const Path& path : paths) {
    layers.push_back(path_layer("branch" + std::to_string(layers.size()), in, path));
  }
  return concatenation(std::move(layers));
}

std::int64_t width_of(const Paths& paths, std::int64_t in) {
  std::int64_t width = 0;
  for (const Path& path : paths) width += path.kernels.empty() ? in : path.kernels.back().out;
  return width;
}

Layer scaled_residual(std::int64_t channels, const Paths& paths, double scale) {
  return residual(chain({paths_layer(channels, paths),
                         layer("conv2d", Convolution(torch::nn::Conv2dOptions(
                                             width_of(paths, channels), channels, 1))),
                         operation([scale](const torch::Tensor& x) { return x * scale; })}));
}

constexpr std::int64_t kStemWidth = 192;

Layer stem_layer() {
  return chain({kernel_layer("conv2d_1a", 3, {32, 3, 3, 2}),
                basic_conv("conv2d_2a", conv_options(32, 32, 3).padding(0)),
                kernel_layer("conv2d_2b", 32, {64, 3, 3}), max_pool(3, 2),
                kernel_layer("conv2d_3b", 64, {80}),
                basic_conv("conv2d_4a", conv_options(80, kStemWidth, 3).padding(0)),
                max_pool(3, 2)});
}

void add_part(Backbone& net, const Part& part) {
  if (part.units == 0) {
    net.blocks.emplace_back(part.block, under(part.module, paths_layer(net.channels, part.paths)));
    net.channels = width_of(part.paths, net.channels);
  }
  for (int unit = 0; unit < part.units; ++unit) {
    const std::string number = "." + std::to_string(unit);
    Layer body = scaled_residual(net.channels, part.paths, part.scale);
    net.blocks.emplace_back(part.block + number,
                            under(part.module + number, chain({std::move(body), relu()})));
  }
}

Backbone build_inception_resnet_v2(Classes classes) {
  Backbone net{.channels = kStemWidth};
  net.blocks.emplace_back("stem", stem_layer());
  for (const Part& part : parts_table()) add_part(net, part);
  net.blocks.emplace_back(kLastUnit,
                          under(kLastModule, scaled_residual(net.channels, unit_c(), 1)));
  constexpr std::int64_t kTopWidth = 1536;
  net.blocks.emplace_back("top", kernel_layer("conv2d_7b", net.channels, {kTopWidth}));
  net.channels = kTopWidth;
  if (classes) net.classifier = linear_classifier("classif", net.channels, *classes);
  return net;
}

std::vector<std::string> inception_resnet_v2_blocks() {
  std::vector<std::string> names{"stem"};
  for (const Part& part : parts_table()) {
    if (part.units == 0) names.push_back(part.block);
    for (int unit = 0; unit < part.units; ++unit) {
      names.push_back(part.block + "." + std::to_string(unit));
    }
  }
  names.emplace_back(kLastUnit);
  names.emplace_back("top");
  return names;
}

}  // namespace

Family inception_resnet_v2_family() {
  return {{{.name = "inception_resnet_v2",
            .title = "InceptionResNetV2",
            .paper = "Szegedy et al. 2017, Inception-v4, Inception-ResNet and the Impact of "
                     "Residual Connections on Learning, arXiv:1602.07261",
            .fine_blocks = inception_resnet_v2_blocks(),
            .min_input = 75,
            .default_input = 299,
            .has_norm = true,
            .published_head = {"classif"}},
           build_inception_resnet_v2,
           build_inception_resnet_v2}};
}

}  // namespace fathom::zoo
