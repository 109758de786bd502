// What the registry calls: one function a family. Not for other rooms: they use build_network.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fathom/zoo/architecture.h"
#include "fathom/zoo/layers.h"
#include "fathom/zoo/network.h"

namespace fathom::zoo {

/// Number of outputs of the published classifier; none: backbone only.
using Classes = std::optional<std::int64_t>;

/// What a family builds; the registry makes a Network of it.
struct Backbone {
  std::vector<std::pair<std::string, Layer>> blocks;  ///< the finest, bottom first
  std::int64_t channels = 0;                          ///< of the last boundary
  Layer classifier;                                   ///< without forward: none was asked for
};

/// One architecture. Its `blocks` are left to the registry, which joins `fine_blocks`.
struct Entry {
  Architecture architecture;
  std::function<Backbone(Classes)> build;
  /// The same where it pads as TensorFlow does; none where nobody has published such weights.
  std::function<Backbone(Classes)> build_tensorflow = nullptr;
};
using Family = std::vector<Entry>;

Family vgg_family();
Family inception_family();
Family squeezenet_family();
Family mobilenet_v2_family();
Family efficientnet_lite_family();
Family resnet_family();
Family densenet_family();
Family googlenet_family();
Family shufflenet_v2_family();
Family mobilenet_v3_family();
Family efficientnet_family();
Family convnext_family();
Family regnet_family();
Family xception_family();
Family inception_resnet_v2_family();

/// The network of the registry with convolutions that hold no numbers yet (layers.h).
Network assemble_network(const Architecture& architecture, Classes classes,
                         const weights::Conventions& conventions);

/// The units of stages that are numbered from `first`: BEFORE, then "STAGE1.0", "STAGE1.1", ...,
/// "STAGE2.0", ..., then AFTER.
std::vector<std::string> unit_names(const std::string& stage, std::size_t first,
                                    const std::vector<int>& units,
                                    const std::vector<std::string>& before = {},
                                    const std::vector<std::string>& after = {});
std::string unit_name(const std::string& stage, std::size_t number, int unit);

/// The units of each stage of a table.
template <class Stages>
std::vector<int> units_of(const Stages& stages) {
  std::vector<int> units;
  for (const auto& stage : stages) units.push_back(stage.units);
  return units;
}

}  // namespace fathom::zoo
