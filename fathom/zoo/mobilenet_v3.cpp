// MobileNetV3 (Howard et al. 2019, tables 1 and 2) with torchvision's names. A stage is a run of
// units of one output width.
#include <algorithm>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

constexpr Activation kRelu = Activation::relu;
constexpr Activation kHardswish = Activation::hardswish;

struct Bneck {  ///< the paper's name
  int kernel;
  std::int64_t hidden, out;
  bool squeeze;
  Activation activation;
  int stride;
};

struct MobileNetV3Shape {
  std::vector<Bneck> necks;
  std::int64_t hidden;  ///< of the classifier
};

const MobileNetV3Shape kMobileNetV3Small{{{3, 16, 16, true, kRelu, 2},
                                          {3, 72, 24, false, kRelu, 2},
                                          {3, 88, 24, false, kRelu, 1},
                                          {5, 96, 40, true, kHardswish, 2},
                                          {5, 240, 40, true, kHardswish, 1},
                                          {5, 240, 40, true, kHardswish, 1},
                                          {5, 120, 48, true, kHardswish, 1},
                                          {5, 144, 48, true, kHardswish, 1},
                                          {5, 288, 96, true, kHardswish, 2},
                                          {5, 576, 96, true, kHardswish, 1},
                                          {5, 576, 96, true, kHardswish, 1}},
                                         1024};
const MobileNetV3Shape kMobileNetV3Large{{{3, 16, 16, false, kRelu, 1},
                                          {3, 64, 24, false, kRelu, 2},
                                          {3, 72, 24, false, kRelu, 1},
                                          {5, 72, 40, true, kRelu, 2},
                                          {5, 120, 40, true, kRelu, 1},
                                          {5, 120, 40, true, kRelu, 1},
                                          {3, 240, 80, false, kHardswish, 2},
                                          {3, 200, 80, false, kHardswish, 1},
                                          {3, 184, 80, false, kHardswish, 1},
                                          {3, 184, 80, false, kHardswish, 1},
                                          {3, 480, 112, true, kHardswish, 1},
                                          {3, 672, 112, true, kHardswish, 1},
                                          {5, 672, 160, true, kHardswish, 2},
                                          {5, 960, 160, true, kHardswish, 1},
                                          {5, 960, 160, true, kHardswish, 1}},
                                         1280};
constexpr NormSettings kMobileNetV3Norm{.eps = 1e-3, .momentum = 0.01};

/// Units by stage: a new stage begins where the output width changes.
std::vector<int> runs_of_width(const std::vector<Bneck>& necks) {
  std::vector<int> runs;
  for (std::size_t i = 0; i < necks.size(); ++i) {
    if (i == 0 || necks[i].out != necks[i - 1].out) runs.push_back(0);
    ++runs.back();
  }
  return runs;
}

std::vector<std::string> mobilenet_v3_blocks(const MobileNetV3Shape& shape) {
  return unit_names("stage", 1, runs_of_width(shape.necks), {"stem"}, {"top"});
}

/// A quarter, rounded to a multiple of 8 that is not more than a tenth smaller.
std::int64_t squeezed_width(std::int64_t hidden) {
  const std::int64_t quarter = hidden / 4;
  const std::int64_t rounded = std::max<std::int64_t>(8, (quarter + 4) / 8 * 8);
  return 10 * rounded < 9 * quarter ? rounded + 8 : rounded;
}

Layer bneck(std::int64_t in, const Bneck& neck, Padding padding) {
  int index = 0;
  const auto next = [&index] { return "block." + std::to_string(index++); };
  std::vector<Layer> layers;
  if (neck.hidden != in) {
    layers.push_back(
        conv_norm(next(), conv_options(in, neck.hidden, 1), neck.activation, kMobileNetV3Norm));
  }
  layers.push_back(conv_norm(
      next(), conv_options(neck.hidden, neck.hidden, neck.kernel, neck.stride, neck.hidden),
      padding, neck.activation, kMobileNetV3Norm));
  if (neck.squeeze) {
    layers.push_back(under(next(), squeeze_excitation(neck.hidden, squeezed_width(neck.hidden),
                                                      kRelu, Activation::hardsigmoid)));
  }
  layers.push_back(conv_norm(next(), conv_options(neck.hidden, neck.out, 1), Activation::none,
                             kMobileNetV3Norm));
  Layer body = chain(std::move(layers));
  return neck.stride == 1 && in == neck.out ? residual(std::move(body)) : body;
}

Layer mobilenet_v3_classifier(std::int64_t in, std::int64_t hidden, std::int64_t classes) {
  const nn::Linear output(hidden, classes);
  Layer drop = operation([output](const torch::Tensor& x) {
    return torch::dropout(x, /*p=*/0.2, output->is_training());
  });
  return chain({global_average(), layer("classifier.0", nn::Linear(in, hidden)),
                activation(kHardswish), std::move(drop), layer("classifier.3", output)});
}

Backbone build_mobilenet_v3(const MobileNetV3Shape& shape, Classes classes, Padding padding) {
  const std::vector<std::string> names = mobilenet_v3_blocks(shape);
  Backbone net{.channels = 16};
  // torchvision numbers all units through.
  const auto add = [&](const auto& make) {
    const std::size_t index = net.blocks.size();
    net.blocks.emplace_back(names.at(index), make("features." + std::to_string(index)));
  };
  add([&](const std::string& name) {
    return conv_norm(name, conv_options(3, net.channels, 3, 2), padding, kHardswish,
                     kMobileNetV3Norm);
  });
  for (const Bneck& neck : shape.necks) {
    add([&](const std::string& name) { return under(name, bneck(net.channels, neck, padding)); });
    net.channels = neck.out;
  }
  add([&](const std::string& name) {
    return conv_norm(name, conv_options(net.channels, 6 * net.channels, 1), kHardswish,
                     kMobileNetV3Norm);
  });
  net.channels *= 6;
  if (classes) net.classifier = mobilenet_v3_classifier(net.channels, shape.hidden, *classes);
  return net;
}

Entry mobilenet_v3(const std::string& name, const std::string& title,
                   const MobileNetV3Shape& shape) {
  return {
      {.name = name,
       .title = title,
       .paper = "Howard et al. 2019, Searching for MobileNetV3, arXiv:1905.02244",
       .fine_blocks = mobilenet_v3_blocks(shape),
       .min_input = 32,
       .has_norm = true,
       .published_head = {"classifier.0", "classifier.3"}},
      [shape](Classes classes) { return build_mobilenet_v3(shape, classes, Padding::torchvision); },
      [shape](Classes classes) { return build_mobilenet_v3(shape, classes, Padding::tensorflow); }};
}

}  // namespace

Family mobilenet_v3_family() {
  return {mobilenet_v3("mobilenet_v3_small", "MobileNetV3-small", kMobileNetV3Small),
          mobilenet_v3("mobilenet_v3_large", "MobileNetV3-large", kMobileNetV3Large)};
}

}  // namespace fathom::zoo
