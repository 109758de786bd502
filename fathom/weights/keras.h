// Variables of Keras models under torchvision's names and in PyTorch's layouts, where their layers
// are those of a network in keras.applications. Not for reading files. Internal to weights/.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/weights/allocation_budget.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// A variable of a layer, or any array of a file, that is not read yet.
struct KerasVariable {
  std::string name;  ///< "conv2d_1/kernel:0": with the layer in front, where it is known
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::function<std::vector<std::uint8_t>()> read;  ///< the values in C order, little-endian
  std::uint64_t scratch_bytes = 0;                  ///< that reading takes beside the values
  /// Why it cannot be read, as an error for those who need it: a count, a seed, a text; "" where it
  /// can. Then nothing above is known of it but its name.
  std::string unreadable = "";
};

struct KerasLayer {
  std::string name;  ///< "conv2d_1", "fire2/squeeze1x1"
  std::vector<KerasVariable> variables;
};

/// What a configuration says of a normalization layer.
struct KerasNorm {
  std::optional<double> epsilon;      ///< added to variances
  std::optional<bool> scale, center;  ///< whether there is a gamma, a beta
};
using KerasNorms = std::map<std::string, KerasNorm>;  ///< by the names of the layers

struct KerasModel {
  std::vector<KerasLayer> layers;
  KerasNorms norms = {};                 ///< as far as the file tells
  std::vector<std::string> beside = {};  ///< what else it holds: "optimizer"
};

/// What a normalization's first variable of three is called where nothing tells which it is.
inline constexpr const char* kGammaOrBeta = "gamma_or_beta";

/// The layer and the variables of names such as "conv2d_1/kernel:0", in the order of the layers.
std::vector<KerasLayer> layers_of(std::vector<KerasVariable> variables);

/// What a model's configuration ("model_config", "modelTopology", config.json) says of its
/// normalization layers, those of models in the model too.
KerasNorms norms_of(const Json& config);

/// A configuration from its text. Throws Error "WHERE: ...": no JSON, more than 4 MiB.
Json parse_keras_json(std::string_view text, const std::string& where);

/// The weights that the model holds. Where the layers are those of a known network, the backbone of
/// it as torchvision names it, with what the file says of its conventions, and in the metadata
/// entry "keras" the network and what was left out; a layer of the backbone that is missing, has
/// variables of another number or type than it must, or has no place is an Error "WHERE: ...".
/// Otherwise every variable that can be read under its own name and in its own layout, and in the
/// metadata entry "left out" the others. `format` names the file's.
WeightFile weights_of(const KerasModel& model, AllocationBudget& budget, const std::string& format,
                      const std::string& where);

}  // namespace fathom::weights
