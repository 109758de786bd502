#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/zoo/families.h"
#include "fathom/zoo/layers.h"

namespace fathom::zoo {
namespace {

struct Entry {
  Architecture architecture;
  Network (*build)(const Architecture& architecture, Classes classes);
};

/// The one list of what Fathom can tune. Published heads and sizes are torchvision's.
// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<Entry>& registry() {
  static const std::vector<Entry> table{
      {{.name = "vgg16",
        .title = "VGG16",
        .paper = "Simonyan & Zisserman 2015, Very Deep Convolutional Networks for Large-Scale "
                 "Image Recognition, arXiv:1409.1556",
        .blocks = {"block1", "block2", "block3", "block4", "block5"},
        .min_input = 32,
        .default_input = 224,
        .has_norm = false,
        .published_head = {"classifier.0", "classifier.3", "classifier.6"}},
       build_vgg16},
      {{.name = "vgg19",
        .title = "VGG19",
        .paper = "Simonyan & Zisserman 2015, Very Deep Convolutional Networks for Large-Scale "
                 "Image Recognition, arXiv:1409.1556",
        .blocks = {"block1", "block2", "block3", "block4", "block5"},
        .min_input = 32,
        .default_input = 224,
        .has_norm = false,
        .published_head = {"classifier.0", "classifier.3", "classifier.6"}},
       build_vgg19},
      {{.name = "inception_v3",
        .title = "InceptionV3",
        .paper = "Szegedy et al. 2016, Rethinking the Inception Architecture for Computer Vision, "
                 "arXiv:1512.00567",
        .blocks = {"stem", "mixed0", "mixed1", "mixed2", "mixed3", "mixed4", "mixed5", "mixed6",
                   "mixed7", "mixed8", "mixed9", "mixed10"},
        .min_input = 75,
        .default_input = 299,
        .has_norm = true,
        .published_head = {"fc", "AuxLogits.conv0.conv", "AuxLogits.conv0.bn",
                           "AuxLogits.conv1.conv", "AuxLogits.conv1.bn", "AuxLogits.fc"}},
       build_inception_v3},
      {{.name = "squeezenet1_1",
        .title = "SqueezeNet 1.1",
        .paper = "Iandola et al. 2016, SqueezeNet: AlexNet-level accuracy with 50x fewer "
                 "parameters and <0.5MB model size, arXiv:1602.07360",
        .blocks = {"stem", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9"},
        .min_input = 17,
        .default_input = 224,
        .has_norm = false,
        .published_head = {"classifier.1"}},
       build_squeezenet1_1},
      {{.name = "mobilenet_v2",
        .title = "MobileNetV2",
        .paper = "Sandler et al. 2018, MobileNetV2: Inverted Residuals and Linear Bottlenecks, "
                 "arXiv:1801.04381",
        .blocks = {"stem", "stage1", "stage2", "stage3", "stage4", "stage5", "stage6", "stage7",
                   "top"},
        .min_input = 32,
        .default_input = 224,
        .has_norm = true,
        .published_head = {"classifier.1"}},
       build_mobilenet_v2},
      {{.name = "efficientnet_lite0",
        .title = "EfficientNet-Lite0",
        .paper = "Tan & Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural "
                 "Networks, arXiv:1905.11946; the lite variant as published with TensorFlow's "
                 "TPU models",
        .blocks = {"stem", "stage1", "stage2", "stage3", "stage4", "stage5", "stage6", "stage7",
                   "top"},
        .min_input = 32,
        .default_input = 224,
        .has_norm = true,
        .published_head = {"_fc"}},
       build_efficientnet_lite0},
  };
  return table;
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures()) names.push_back(architecture.name);
  return names;
}

}  // namespace

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> list = [] {
    std::vector<Architecture> list;
    for (const Entry& entry : registry()) list.push_back(entry.architecture);
    return list;
  }();
  return list;
}

const Architecture& find_architecture(const std::string& name) {
  const auto found = std::ranges::find(architectures(), name, &Architecture::name);
  if (found == architectures().end()) throw unknown_name("architecture", name, names());
  return *found;
}

Network build_network(const Architecture& architecture, std::optional<std::int64_t> classes) {
  const Architecture& registered = find_architecture(architecture.name);
  const auto index = static_cast<std::size_t>(&registered - architectures().data());
  Network network = registry()[index].build(registered, classes);
  initialize_convolutions(network.root());
  return network;
}

}  // namespace fathom::zoo
