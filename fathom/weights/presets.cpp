#include "fathom/weights/presets.h"

#include <algorithm>

#include "fathom/base/error.h"

namespace fathom::weights {

const std::vector<PreprocessingPreset>& preprocessing_presets() {
  // imagenet: torchvision's and timm's default. symmetric: TensorFlow's Inception family and
  // Keras's "tf" mode. unit: TensorFlow Hub. caffe: Keras's "caffe" mode, the VGG authors' means.
  static const std::vector<PreprocessingPreset> presets{
      {"imagenet", "RGB in 0..1, ImageNet's mean and deviation (torchvision, timm)", {}},
      {"symmetric",
       "RGB in -1..1 (TensorFlow's Inception and MobileNet)",
       {"RGB", 0, 1, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}}},
      {"unit", "RGB in 0..1, nothing subtracted", {"RGB", 0, 1, {0, 0, 0}, {1, 1, 1}}},
      {"caffe",
       "BGR in 0..255 less (103.939, 116.779, 123.68) (Keras's VGG and ResNet)",
       {"BGR", 0, 255, {103.939, 116.779, 123.68}, {1, 1, 1}}},
  };
  return presets;
}

const Preprocessing& find_preset(const std::string& name) {
  const auto& presets = preprocessing_presets();
  const auto found = std::ranges::find(presets, name, &PreprocessingPreset::name);
  if (found != presets.end()) return found->preprocessing;
  std::vector<std::string> names;
  for (const PreprocessingPreset& preset : presets) names.push_back(preset.name);
  throw unknown_name("preprocessing", name, names);
}

}  // namespace fathom::weights
