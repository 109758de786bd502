#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/zoo/families.h"
#include "fathom/zoo/network.h"

namespace fathom::zoo {
namespace {

std::vector<std::string> join_blocks(const std::vector<std::string>& fine_blocks) {
  std::vector<std::string> blocks;
  for (const std::string& name : fine_blocks) {
    if (blocks.empty() || blocks.back() != coarse_block(name)) blocks.push_back(coarse_block(name));
  }
  return blocks;
}

/// The one list of what Fathom can tune.
const std::vector<Entry>& registry() {
  static const std::vector<Entry> table = [] {
    std::vector<Entry> table;
    for (const Family& family : {
             vgg_family(),
             inception_family(),
             squeezenet_family(),
             mobilenet_v2_family(),
             efficientnet_lite_family(),
             resnet_family(),
             densenet_family(),
             googlenet_family(),
             shufflenet_v2_family(),
             mobilenet_v3_family(),
             efficientnet_family(),
             convnext_family(),
             regnet_family(),
             xception_family(),
             inception_resnet_v2_family(),
         }) {
      table.insert(table.end(), family.begin(), family.end());
    }
    for (Entry& entry : table) {
      entry.architecture.blocks = join_blocks(entry.architecture.fine_blocks);
      entry.architecture.weights_name = entry.architecture.name;
    }
    return table;
  }();
  return table;
}

/// The architectures that have finer blocks, cut into those.
const std::vector<Architecture>& fine_architectures() {
  static const std::vector<Architecture> list = [] {
    std::vector<Architecture> list;
    for (const Architecture& architecture : architectures()) {
      if (architecture.fine_blocks == architecture.blocks) continue;
      Architecture& fine = list.emplace_back(architecture);
      fine.name += "-fine";
      fine.title += " in fine blocks";
      fine.blocks = fine.fine_blocks;
    }
    return list;
  }();
  return list;
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto* list : {&architectures(), &fine_architectures()}) {
    for (const Architecture& architecture : *list) names.push_back(architecture.name);
  }
  return names;
}

/// Puts a module below `root`; modules without tensors appear on the way where the name has dots.
void register_at(torch::nn::Module& root, const std::string& name,
                 const std::shared_ptr<torch::nn::Module>& module) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) {
    root.register_module(name, module);
    return;
  }
  const std::string first = name.substr(0, dot);
  const auto children = root.named_children();
  const auto* child = children.find(first);
  const auto parent = child != nullptr
                          ? *child
                          : root.register_module(first, std::make_shared<torch::nn::Module>());
  register_at(*parent, name.substr(dot + 1), module);
}

void register_all(torch::nn::Module& root, const Layer& layer) {
  for (const auto& [name, module] : layer.modules) register_at(root, name, module);
}

/// The blocks `names`, each of the finest block of its name or of all that belong to it.
std::vector<Block> join_layers(const std::vector<std::string>& names,
                               const std::vector<std::pair<std::string, Layer>>& fine) {
  std::vector<Block> blocks;
  auto next = fine.begin();
  for (const std::string& name : names) {
    std::vector<Layer> layers;
    while (next != fine.end() && (next->first == name || coarse_block(next->first) == name)) {
      layers.push_back((next++)->second);
    }
    Layer joint = chain(std::move(layers));
    Block block{.name = name, .forward = std::move(joint.forward)};
    for (const auto& [path, module] : joint.modules) block.modules.push_back(path);
    blocks.push_back(std::move(block));
  }
  FATHOM_CHECK(next == fine.end());
  return blocks;
}

void set_norm_epsilon(torch::nn::Module& root, double epsilon) {
  for (const auto& module : root.modules()) {
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->options.eps(epsilon);
  }
}

Error no_tensorflow_form(const Architecture& architecture) {
  std::string names;
  for (const Entry& entry : registry()) {
    if (entry.build_tensorflow) names += (names.empty() ? "" : ", ") + entry.architecture.name;
  }
  return Error(architecture.name +
               ": weights with TensorFlow's padding, of which there is no form of this network; "
               "there is one of " +
               names);
}

}  // namespace

std::string unit_name(const std::string& stage, std::size_t number, int unit) {
  return stage + std::to_string(number) + "." + std::to_string(unit);
}

std::vector<std::string> unit_names(const std::string& stage, std::size_t first,
                                    const std::vector<int>& units,
                                    const std::vector<std::string>& before,
                                    const std::vector<std::string>& after) {
  std::vector<std::string> names = before;
  for (std::size_t i = 0; i < units.size(); ++i) {
    for (int unit = 0; unit < units[i]; ++unit) {
      names.push_back(unit_name(stage, first + i, unit));
    }
  }
  names.insert(names.end(), after.begin(), after.end());
  return names;
}

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> list = [] {
    std::vector<Architecture> list;
    for (const Entry& entry : registry()) list.push_back(entry.architecture);
    return list;
  }();
  return list;
}

std::string coarse_block(const std::string& fine_block) {
  return fine_block.substr(0, fine_block.find('.'));
}

const Architecture& in_fine_blocks(const Architecture& architecture) {
  const auto found = std::ranges::find(fine_architectures(), architecture.weights_name,
                                       &Architecture::weights_name);
  return found == fine_architectures().end() ? architecture : *found;
}

const Architecture& find_architecture(const std::string& name) {
  for (const auto* list : {&architectures(), &fine_architectures()}) {
    const auto found = std::ranges::find(*list, name, &Architecture::name);
    if (found != list->end()) return *found;
  }
  throw unknown_name("architecture", name, names());
}

Network assemble_network(const Architecture& architecture, Classes classes,
                         const weights::Conventions& conventions) {
  const Architecture& registered = find_architecture(architecture.name);
  const auto entry = std::ranges::find(registry(), registered.weights_name,
                                       [](const Entry& entry) { return entry.architecture.name; });
  const bool is_tensorflow = conventions.padding == "tensorflow";
  if (is_tensorflow && !entry->build_tensorflow) throw no_tensorflow_form(registered);
  Backbone backbone = is_tensorflow ? entry->build_tensorflow(classes) : entry->build(classes);
  auto root = std::make_shared<torch::nn::Module>();
  for (const auto& [name, layer] : backbone.blocks) register_all(*root, layer);
  register_all(*root, backbone.classifier);
  if (conventions.norm_epsilon > 0) set_norm_epsilon(*root, conventions.norm_epsilon);
  return Network(registered, std::move(root), join_layers(registered.blocks, backbone.blocks),
                 backbone.channels, std::move(backbone.classifier.forward));
}

Network build_network(const Architecture& architecture, std::optional<std::int64_t> classes,
                      const weights::Conventions& conventions) {
  Network network = assemble_network(architecture, classes, conventions);
  initialize_convolutions(network.root());
  return network;
}

}  // namespace fathom::zoo
