// The networks of keras.applications that are the zoo's too: which layer is which module. Not the
// numbers: that is keras. Internal to weights/.
#pragma once

#include <string>
#include <vector>

#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// A layer with its module. Layer names have '_' for '/': Keras 3 renamed some layers so.
struct KerasPart {
  std::string layer;
  std::string module;
  /// The normalization behind a convolution that has a bias in Keras and none in torchvision: its
  /// running mean takes the bias up, (conv + b) - mean = conv - (mean - b).
  std::string bias_into = "";
  bool is_depthwise = false;   ///< Keras 3 calls its kernel as that of any other convolution
  std::string pointwise = "";  ///< module of the second kernel of a separable convolution
};

struct KerasNetwork {
  std::string title;         ///< "VGG16"
  std::string architecture;  ///< the zoo's name
  Conventions conventions;   ///< as keras.applications builds it
  /// What its preprocess_input() makes of images, by the name in presets.h; "": no network of its.
  std::string preset;
  std::vector<KerasPart> parts;
  std::vector<std::string> head = {};  ///< convolutions above the backbone
  bool has_gamma = true;               ///< in its normalizations
};

/// Layers that Keras numbers ("conv2d_7", "batch_normalization_7") are in it by their rank among
/// those of the file: "conv2d#7".
const std::vector<KerasNetwork>& keras_networks();

}  // namespace fathom::weights
