// Layer names and their order: keras-applications 1.0.8, keras_applications/*.py, and Keras 2.12,
// keras/applications/*.py; SqueezeNet: keras-squeezenet. Module names: torchvision 0.14, of
// Xception and InceptionResNetV2 timm 0.9.
#include "fathom/weights/keras_networks.h"

#include <fmt/format.h>

#include <array>

namespace fathom::weights {
namespace {

/// torchvision's index of each convolution: a ReLU follows each, a pooling each block.
KerasNetwork keras_vgg(const std::string& title, const std::string& architecture,
                       const std::array<int, 5>& convs) {
  KerasNetwork network{.title = title, .architecture = architecture, .preset = "caffe"};
  int index = 0;
  for (std::size_t block = 0; block < convs.size(); ++block, ++index) {
    for (int conv = 1; conv <= convs[block]; ++conv, index += 2) {
      network.parts.push_back(
          {fmt::format("block{}_conv{}", block + 1, conv), fmt::format("features.{}", index)});
    }
  }
  return network;
}

KerasNetwork keras_squeezenet() {
  KerasNetwork network{.title = "SqueezeNet 1.1",
                       .architecture = "squeezenet1_1",
                       .conventions = {.padding = "tensorflow"},
                       .preset = "",
                       .parts = {{"conv1", "features.0"}},
                       .head = {"conv10"}};
  constexpr std::array kIndices = {3, 4, 6, 7, 9, 10, 11, 12};  // of fire2 to fire9
  for (std::size_t i = 0; i < kIndices.size(); ++i) {
    for (const std::string_view part : {"squeeze", "expand1x1", "expand3x3"}) {
      network.parts.push_back(
          {fmt::format("fire{}_{}{}", i + 2, part, part == "squeeze" ? "1x1" : ""),
           fmt::format("features.{}.{}", kIndices[i], part)});
    }
  }
  return network;
}

/// Keras makes the convolutions in the order in which torchvision lists them.
KerasNetwork keras_inception_v3() {
  const std::vector<std::string> stem{"Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3",
                                      "Conv2d_3b_1x1", "Conv2d_4a_3x3"};
  const std::vector<std::string> a{"branch1x1",      "branch5x5_1",    "branch5x5_2",
                                   "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3",
                                   "branch_pool"};
  const std::vector<std::string> b{"branch3x3", "branch3x3dbl_1", "branch3x3dbl_2",
                                   "branch3x3dbl_3"};
  const std::vector<std::string> c{
      "branch1x1",      "branch7x7_1",    "branch7x7_2",    "branch7x7_3",    "branch7x7dbl_1",
      "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5", "branch_pool"};
  const std::vector<std::string> d{"branch3x3_1",   "branch3x3_2",   "branch7x7x3_1",
                                   "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"};
  const std::vector<std::string> e{"branch1x1",       "branch3x3_1",     "branch3x3_2a",
                                   "branch3x3_2b",    "branch3x3dbl_1",  "branch3x3dbl_2",
                                   "branch3x3dbl_3a", "branch3x3dbl_3b", "branch_pool"};
  const std::vector<std::pair<std::string, std::vector<std::string>>> blocks{
      {"", stem},       {"Mixed_5b.", a}, {"Mixed_5c.", a}, {"Mixed_5d.", a},
      {"Mixed_6a.", b}, {"Mixed_6b.", c}, {"Mixed_6c.", c}, {"Mixed_6d.", c},
      {"Mixed_6e.", c}, {"Mixed_7a.", d}, {"Mixed_7b.", e}, {"Mixed_7c.", e}};
  KerasNetwork network{.title = "InceptionV3",
                       .architecture = "inception_v3",
                       .conventions = {.padding = "tensorflow", .norm_epsilon = 1e-3},
                       .preset = "symmetric",
                       .has_gamma = false};
  int number = 0;
  for (const auto& [block, convs] : blocks) {
    for (const std::string& conv : convs) {
      ++number;
      network.parts.push_back({fmt::format("conv2d#{}", number), block + conv + ".conv"});
      network.parts.push_back(
          {fmt::format("batch_normalization#{}", number), block + conv + ".bn"});
    }
  }
  return network;
}

KerasNetwork keras_mobilenet_v2() {
  KerasNetwork network{.title = "MobileNetV2",
                       .architecture = "mobilenet_v2",
                       .conventions = {.padding = "tensorflow", .norm_epsilon = 1e-3},
                       .preset = "symmetric",
                       .parts = {{"Conv1", "features.0.0"},
                                 {"bn_Conv1", "features.0.1"},
                                 {"Conv_1", "features.18.0"},
                                 {"Conv_1_bn", "features.18.1"}}};
  for (int unit = 0; unit <= 16; ++unit) {
    const std::string layer = unit == 0 ? "expanded_conv_" : fmt::format("block_{}_", unit);
    const std::string module = fmt::format("features.{}.conv.", unit + 1);
    int index = 0;
    for (const std::string part : {"expand", "depthwise"}) {
      if (unit == 0 && part == "expand") continue;
      network.parts.push_back(
          {layer + part, fmt::format("{}{}.0", module, index), "", part == "depthwise"});
      network.parts.push_back({layer + part + "_BN", fmt::format("{}{}.1", module, index)});
      ++index;
    }
    network.parts.push_back({layer + "project", fmt::format("{}{}", module, index)});
    network.parts.push_back({layer + "project_BN", fmt::format("{}{}", module, index + 1)});
  }
  return network;
}

constexpr double kKerasEpsilon = 1.001e-5;  ///< of Keras's ResNet and DenseNet

KerasNetwork keras_densenet(const std::string& title, const std::string& architecture,
                            const std::array<int, 4>& units) {
  KerasNetwork network{.title = title,
                       .architecture = architecture,
                       .conventions = {.norm_epsilon = kKerasEpsilon},
                       .preset = "imagenet",
                       .parts = {{"conv1_conv", "features.conv0"},
                                 {"conv1_bn", "features.norm0"},
                                 {"bn", "features.norm5"}}};
  for (int block = 1; block <= 4; ++block) {
    for (int unit = 1; unit <= units[static_cast<std::size_t>(block - 1)]; ++unit) {
      const std::string layer = fmt::format("conv{}_block{}_", block + 1, unit);
      const std::string module = fmt::format("features.denseblock{}.denselayer{}.", block, unit);
      network.parts.push_back({layer + "0_bn", module + "norm1"});
      network.parts.push_back({layer + "1_conv", module + "conv1"});
      network.parts.push_back({layer + "1_bn", module + "norm2"});
      network.parts.push_back({layer + "2_conv", module + "conv2"});
    }
    if (block == 4) break;
    const std::string module = fmt::format("features.transition{}.", block);
    network.parts.push_back({fmt::format("pool{}_bn", block + 1), module + "norm"});
    network.parts.push_back({fmt::format("pool{}_conv", block + 1), module + "conv"});
  }
  return network;
}

/// Version 1, whose stride is in the first convolution of a unit; each has a bias.
KerasNetwork keras_resnet(const std::string& title, const std::string& architecture,
                          const std::array<int, 4>& units) {
  KerasNetwork network{.title = title,
                       .architecture = architecture,
                       .conventions = {.norm_epsilon = kKerasEpsilon},
                       .preset = "caffe",
                       .parts = {{"conv1_conv", "conv1", "bn1"}, {"conv1_bn", "bn1"}}};
  const auto add = [&network](const std::string& layer, const std::string& conv,
                              const std::string& norm) {
    network.parts.push_back({layer + "conv", conv, norm});
    network.parts.push_back({layer + "bn", norm});
  };
  for (int stage = 1; stage <= 4; ++stage) {
    for (int unit = 0; unit < units[static_cast<std::size_t>(stage - 1)]; ++unit) {
      const std::string layer = fmt::format("conv{}_block{}_", stage + 1, unit + 1);
      const std::string module = fmt::format("layer{}.{}.", stage, unit);
      if (unit == 0) add(layer + "0_", module + "downsample.0", module + "downsample.1");
      for (const int number : {1, 2, 3}) {
        add(fmt::format("{}{}_", layer, number), fmt::format("{}conv{}", module, number),
            fmt::format("{}bn{}", module, number));
      }
    }
  }
  return network;
}

/// The names of ResNet50 in Keras 1 and in Keras 2 before 2.2.5.
KerasNetwork keras_resnet50_by_branches() {
  KerasNetwork network{.title = "ResNet50",
                       .architecture = "resnet50_v1",
                       .conventions = {.norm_epsilon = 1e-3},
                       .preset = "caffe",
                       .parts = {{"conv1", "conv1", "bn1"}, {"bn_conv1", "bn1"}}};
  constexpr std::array kUnits{3, 4, 6, 3};
  for (int stage = 1; stage <= 4; ++stage) {
    for (int unit = 0; unit < kUnits[static_cast<std::size_t>(stage - 1)]; ++unit) {
      const std::string layer =
          fmt::format("{}{}_branch", stage + 1, static_cast<char>('a' + unit));
      const std::string module = fmt::format("layer{}.{}.", stage, unit);
      std::vector<std::array<std::string, 3>> branches{
          {"2a", "conv1", "bn1"}, {"2b", "conv2", "bn2"}, {"2c", "conv3", "bn3"}};
      if (unit == 0) branches.push_back({"1", "downsample.0", "downsample.1"});
      for (const auto& [branch, conv, norm] : branches) {
        network.parts.push_back(
            {fmt::format("res{}{}", layer, branch), module + conv, module + norm});
        network.parts.push_back({fmt::format("bn{}{}", layer, branch), module + norm});
      }
    }
  }
  return network;
}

/// Keras's block1 is the stem, its block14 the top; the shortcuts' layers have no names.
KerasNetwork keras_xception() {
  KerasNetwork network{.title = "Xception",
                       .architecture = "xception",
                       .conventions = {.padding = "tensorflow", .norm_epsilon = 1e-3},
                       .preset = "symmetric"};
  const auto add = [&network](const std::string& layer, const std::string& conv,
                              const std::string& norm, const std::string& pointwise) {
    network.parts.push_back({layer, conv, "", !pointwise.empty(), pointwise});
    network.parts.push_back({layer + "_bn", norm});
  };
  const auto add_separable = [&add](const std::string& layer, const std::string& conv,
                                    const std::string& norm) {
    add(layer, conv + ".conv1", norm, conv + ".pointwise");
  };
  add("block1_conv1", "conv1", "bn1", "");
  add("block1_conv2", "conv2", "bn2", "");
  int shortcuts = 0;
  for (int block = 1; block <= 12; ++block) {
    const std::string module = fmt::format("block{}.", block);
    const bool has_shortcut = block <= 3 || block == 12;
    if (has_shortcut) {
      ++shortcuts;
      network.parts.push_back({fmt::format("conv2d#{}", shortcuts), module + "skip"});
      network.parts.push_back(
          {fmt::format("batch_normalization#{}", shortcuts), module + "skipbn"});
    }
    // timm counts the ReLU before each, which the first has not.
    int index = block == 1 ? 0 : 1;
    for (int unit = 1; unit <= (has_shortcut ? 2 : 3); ++unit, index += 3) {
      add_separable(fmt::format("block{}_sepconv{}", block + 1, unit),
                    fmt::format("{}rep.{}", module, index),
                    fmt::format("{}rep.{}", module, index + 1));
    }
  }
  add_separable("block14_sepconv1", "conv3", "bn3");
  add_separable("block14_sepconv2", "conv4", "bn4");
  return network;
}

/// Keras makes the convolutions in the order in which timm lists them; those that close a unit, and
/// the last, have names.
KerasNetwork keras_inception_resnet_v2() {
  struct Run {
    std::string block, module;
    int units;
    std::vector<std::string> convs;
  };
  const std::vector<std::string> stem{"conv2d_1a", "conv2d_2a", "conv2d_2b", "conv2d_3b",
                                      "conv2d_4a"};
  const std::vector<std::string> mixed_5b{"branch0",   "branch1.0", "branch1.1", "branch2.0",
                                          "branch2.1", "branch2.2", "branch3.1"};
  const std::vector<std::string> mixed_6a{"branch0", "branch1.0", "branch1.1", "branch1.2"};
  const std::vector<std::string> mixed_7a{"branch0.0", "branch0.1", "branch1.0", "branch1.1",
                                          "branch2.0", "branch2.1", "branch2.2"};
  const std::vector<std::string> a{"branch0",   "branch1.0", "branch1.1",
                                   "branch2.0", "branch2.1", "branch2.2"};
  const std::vector<std::string> bc{"branch0", "branch1.0", "branch1.1", "branch1.2"};
  KerasNetwork network{.title = "InceptionResNetV2",
                       .architecture = "inception_resnet_v2",
                       .conventions = {.norm_epsilon = 1e-3},
                       .preset = "symmetric",
                       .has_gamma = false};
  int number = 0;
  const auto add = [&](const std::string& module, const std::vector<std::string>& convs) {
    for (const std::string& conv : convs) {
      ++number;
      network.parts.push_back({fmt::format("conv2d#{}", number), module + conv + ".conv"});
      network.parts.push_back(
          {fmt::format("batch_normalization#{}", number), module + conv + ".bn"});
    }
  };
  const auto add_unit = [&](const std::string& block, int unit, const std::string& module,
                            const std::vector<std::string>& convs) {
    add(module, convs);
    network.parts.push_back({fmt::format("{}_{}_conv", block, unit), module + "conv2d"});
  };
  add("", stem);
  for (const Run& run : {Run{"mixed_5b", "mixed_5b.", 0, mixed_5b},
                         {"block35", "repeat", 10, a},
                         {"mixed_6a", "mixed_6a.", 0, mixed_6a},
                         {"block17", "repeat_1", 20, bc},
                         {"mixed_7a", "mixed_7a.", 0, mixed_7a},
                         {"block8", "repeat_2", 9, bc}}) {
    if (run.units == 0) add(run.module, run.convs);
    for (int unit = 0; unit < run.units; ++unit) {
      add_unit(run.block, unit + 1, fmt::format("{}.{}.", run.module, unit), run.convs);
    }
  }
  add_unit("block8", 10, "block8.", bc);
  network.parts.push_back({"conv_7b", "conv2d_7b.conv"});
  network.parts.push_back({"conv_7b_bn", "conv2d_7b.bn"});
  return network;
}

}  // namespace

const std::vector<KerasNetwork>& keras_networks() {
  static const std::vector<KerasNetwork> networks{
      keras_vgg("VGG16", "vgg16", {2, 2, 3, 3, 3}),
      keras_vgg("VGG19", "vgg19", {2, 2, 4, 4, 4}),
      keras_squeezenet(),
      keras_inception_v3(),
      keras_mobilenet_v2(),
      keras_densenet("DenseNet121", "densenet121", {6, 12, 24, 16}),
      keras_densenet("DenseNet169", "densenet169", {6, 12, 32, 32}),
      keras_densenet("DenseNet201", "densenet201", {6, 12, 48, 32}),
      keras_resnet("ResNet50", "resnet50_v1", {3, 4, 6, 3}),
      keras_resnet50_by_branches(),
      keras_xception(),
      keras_inception_resnet_v2()};
  return networks;
}

}  // namespace fathom::weights
