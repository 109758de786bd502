// Names: timm 0.9, timm/models/*.py; torchvision 0.14, torchvision/models/*.py.
#include "fathom/weights/timm.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace fathom::weights {
namespace {

struct TimmNetwork {
  std::string title;
  std::map<std::string, std::string> modules = {};  ///< timm's to torchvision's
  std::vector<std::string> head = {"classifier"};
  Conventions conventions = {};  ///< as timm builds it
  /// As timm builds the network of the same tensors whose name begins with "tf_".
  std::optional<Conventions> tensorflow = std::nullopt;
};

const Conventions kTensorflow{.padding = "tensorflow", .norm_epsilon = 1e-3};

/// A unit of the MobileNets and EfficientNets, by timm's names of its layers in their order.
struct MobileUnit {
  std::vector<std::pair<std::string, std::string>> convs;  ///< convolution, normalization
  bool squeeze = false;  ///< squeeze-and-excitation before the last of them
};
const MobileUnit kSeparable{{{"conv_dw", "bn1"}, {"conv_pw", "bn2"}}};
const MobileUnit kInverted{{{"conv_pw", "bn1"}, {"conv_dw", "bn2"}, {"conv_pwl", "bn3"}}};
const MobileUnit kSeparableSqueezed{kSeparable.convs, true};
const MobileUnit kInvertedSqueezed{kInverted.convs, true};
const MobileUnit kFused{{{"conv_exp", "bn1"}, {"conv_pwl", "bn2"}}};
const MobileUnit kPlain{{{"conv", "bn1"}}};

struct MobileStage {
  int units;
  MobileUnit unit;
};

/// torchvision has convolution and normalization at PLACE.0 and PLACE.1.
void add_conv_norm(TimmNetwork& network, const std::string& conv, const std::string& norm,
                   const std::string& place) {
  network.modules[conv] = place + ".0";
  network.modules[norm] = place + ".1";
}

/// torchvision counts the layers of a unit.
void add_mobile_unit(TimmNetwork& network, const MobileUnit& unit, const std::string& from,
                     const std::string& to) {
  int index = 0;
  for (const auto& [conv, norm] : unit.convs) {
    if (unit.squeeze && conv == unit.convs.back().first) {
      network.modules[from + "se.conv_reduce"] = fmt::format("{}{}.fc1", to, index);
      network.modules[from + "se.conv_expand"] = fmt::format("{}{}.fc2", to, index);
      ++index;
    }
    add_conv_norm(network, from + conv, from + norm, fmt::format("{}{}", to, index));
    ++index;
  }
}

TimmNetwork timm_efficientnet(const std::string& title, const std::vector<MobileStage>& stages) {
  TimmNetwork network{.title = title, .tensorflow = kTensorflow};
  add_conv_norm(network, "conv_stem", "bn1", "features.0");
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    for (int unit = 0; unit < stages[stage].units; ++unit) {
      add_mobile_unit(network, stages[stage].unit, fmt::format("blocks.{}.{}.", stage, unit),
                      fmt::format("features.{}.{}.block.", stage + 1, unit));
    }
  }
  add_conv_norm(network, "conv_head", "bn2", fmt::format("features.{}", stages.size() + 1));
  return network;
}

TimmNetwork timm_efficientnet_b(const std::string& title, const std::vector<int>& units) {
  std::vector<MobileStage> stages;
  for (const int number : units) {
    stages.push_back({number, stages.empty() ? kSeparableSqueezed : kInvertedSqueezed});
  }
  return timm_efficientnet(title, stages);
}

/// Weights are published of tf_efficientnetv2_s alone.
TimmNetwork timm_efficientnet_v2_s() {
  TimmNetwork network = timm_efficientnet("EfficientNetV2-S", {{2, kPlain},
                                                               {4, kFused},
                                                               {4, kFused},
                                                               {6, kInvertedSqueezed},
                                                               {9, kInvertedSqueezed},
                                                               {15, kInvertedSqueezed}});
  network.conventions = *std::exchange(network.tensorflow, std::nullopt);
  return network;
}

TimmNetwork timm_mobilenet_v2() {
  TimmNetwork network{.title = "MobileNetV2"};
  add_conv_norm(network, "conv_stem", "bn1", "features.0");
  int place = 0;
  const std::vector<int> units{1, 2, 3, 4, 3, 3, 1};
  for (std::size_t stage = 0; stage < units.size(); ++stage) {
    for (int unit = 0; unit < units[stage]; ++unit) {
      const std::string from = fmt::format("blocks.{}.{}.", stage, unit);
      const std::string to = fmt::format("features.{}.conv.", ++place);
      const MobileUnit& kind = stage == 0 ? kSeparable : kInverted;
      add_mobile_unit(network, kind, from, to);
      // The last convolution and its normalization have no module around them.
      const std::size_t last = kind.convs.size() - 1;
      network.modules[from + kind.convs[last].first] = fmt::format("{}{}", to, last);
      network.modules[from + kind.convs[last].second] = fmt::format("{}{}", to, last + 1);
    }
  }
  add_conv_norm(network, "conv_head", "bn2", fmt::format("features.{}", place + 1));
  return network;
}

/// torchvision's normalization adds 0.001 to variances, timm's as PyTorch by default.
TimmNetwork timm_mobilenet_v3(const std::string& title, const std::vector<MobileStage>& stages) {
  TimmNetwork network{.title = title,
                      .head = {"conv_head", "classifier"},
                      .conventions = {.norm_epsilon = 1e-5},
                      .tensorflow = kTensorflow};
  add_conv_norm(network, "conv_stem", "bn1", "features.0");
  int place = 0;
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    for (int unit = 0; unit < stages[stage].units; ++unit) {
      add_mobile_unit(network, stages[stage].unit, fmt::format("blocks.{}.{}.", stage, unit),
                      fmt::format("features.{}.block.", ++place));
    }
  }
  const std::string last = fmt::format("blocks.{}.0.", stages.size());
  add_conv_norm(network, last + "conv", last + "bn1", fmt::format("features.{}", place + 1));
  return network;
}

/// torchvision numbers stages and the halvings between them through.
TimmNetwork timm_convnext(const std::string& title, const std::vector<int>& units) {
  TimmNetwork network{.title = title, .head = {"head.norm", "head.fc"}};
  add_conv_norm(network, "stem.0", "stem.1", "features.0");
  for (std::size_t stage = 0; stage < units.size(); ++stage) {
    const std::string from = fmt::format("stages.{}.", stage);
    if (stage > 0) {
      add_conv_norm(network, from + "downsample.0", from + "downsample.1",
                    fmt::format("features.{}", 2 * stage));
    }
    for (int unit = 0; unit < units[stage]; ++unit) {
      const std::string block = fmt::format("{}blocks.{}", from, unit);
      const std::string place = fmt::format("features.{}.{}", 2 * stage + 1, unit);
      network.modules[block] = place;
      network.modules[block + ".conv_dw"] = place + ".block.0";
      network.modules[block + ".norm"] = place + ".block.2";
      network.modules[block + ".mlp.fc1"] = place + ".block.3";
      network.modules[block + ".mlp.fc2"] = place + ".block.5";
    }
  }
  return network;
}

TimmNetwork timm_regnet_y(const std::string& title, const std::vector<int>& units) {
  TimmNetwork network{.title = title, .head = {"head.fc"}};
  add_conv_norm(network, "stem.conv", "stem.bn", "stem");
  for (std::size_t stage = 1; stage <= units.size(); ++stage) {
    for (int unit = 1; unit <= units[stage - 1]; ++unit) {
      const std::string from = fmt::format("s{}.b{}.", stage, unit);
      const std::string to = fmt::format("trunk_output.block{0}.block{0}-{1}.", stage, unit - 1);
      for (const auto& [conv, place] : {std::pair("conv1", "f.a"),
                                        {"conv2", "f.b"},
                                        {"conv3", "f.c"},
                                        {"downsample", "proj"}}) {
        if (unit > 1 && place == std::string_view("proj")) continue;
        add_conv_norm(network, from + conv + ".conv", from + conv + ".bn", to + place);
      }
      for (const char* fc : {"se.fc1", "se.fc2"}) network.modules[from + fc] = to + "f." + fc;
    }
  }
  return network;
}

const std::vector<TimmNetwork>& timm_networks() {
  static const std::vector<TimmNetwork> networks{
      timm_efficientnet_b("EfficientNet-B0", {1, 2, 2, 3, 3, 4, 1}),
      timm_efficientnet_b("EfficientNet-B1 or B2", {2, 3, 3, 4, 4, 5, 2}),
      timm_efficientnet_b("EfficientNet-B3", {2, 3, 3, 5, 5, 6, 2}),
      timm_efficientnet_b("EfficientNet-B4", {2, 4, 4, 6, 6, 8, 2}),
      timm_efficientnet_v2_s(),
      timm_mobilenet_v2(),
      timm_mobilenet_v3("MobileNetV3-small", {{1, kSeparableSqueezed},
                                              {2, kInverted},
                                              {3, kInvertedSqueezed},
                                              {2, kInvertedSqueezed},
                                              {3, kInvertedSqueezed}}),
      timm_mobilenet_v3("MobileNetV3-large", {{1, kSeparable},
                                              {2, kInverted},
                                              {3, kInvertedSqueezed},
                                              {4, kInverted},
                                              {2, kInvertedSqueezed},
                                              {3, kInvertedSqueezed}}),
      timm_convnext("ConvNeXt-tiny", {3, 3, 9, 3}),
      timm_convnext("ConvNeXt-small", {3, 3, 27, 3}),
      timm_regnet_y("RegNetY-800MF", {1, 3, 8, 2})};
  return networks;
}

std::string module_of(const std::string& tensor) {
  const std::size_t dot = tensor.rfind('.');
  return dot == std::string::npos ? "" : tensor.substr(0, dot);
}

/// The network with exactly these modules, its head there or not; or null.
const TimmNetwork* find_timm_network(const std::set<std::string>& modules) {
  for (const TimmNetwork& network : timm_networks()) {
    std::set<std::string> left = modules;
    for (const std::string& module : network.head) left.erase(module);
    if (std::ranges::equal(left, network.modules, {}, {}, [](const auto& m) { return m.first; })) {
      return &network;
    }
  }
  return nullptr;
}

}  // namespace

void translate_timm(WeightFile& file, const std::string& file_name) {
  std::set<std::string> modules;
  for (const auto& [name, tensor] : file.tensors) modules.insert(module_of(name));
  const TimmNetwork* network = find_timm_network(modules);
  if (network == nullptr) return;
  StateDict renamed;
  std::set<std::string> left_out;
  for (auto& [name, tensor] : file.tensors) {
    const std::string module = module_of(name);
    const auto found = network->modules.find(module);
    if (found == network->modules.end()) {
      left_out.insert(module);
      continue;
    }
    std::string parameter = name.substr(module.size() + 1);
    if (parameter == "gamma") {  // of ConvNeXt
      parameter = "layer_scale";
      tensor.shape.insert(tensor.shape.end(), 2, 1);
    }
    renamed[found->second + "." + parameter] = std::move(tensor);
  }
  file.tensors = std::move(renamed);
  const bool is_tensorflow = file_name.starts_with("tf_") && network->tensorflow;
  file.conventions = is_tensorflow ? *network->tensorflow : network->conventions;
  if (!is_tensorflow) file.other_conventions = network->tensorflow;
  file.metadata["timm"] =
      left_out.empty() ? network->title
                       : fmt::format("{}; left out: {}", network->title, fmt::join(left_out, ", "));
}

}  // namespace fathom::weights
