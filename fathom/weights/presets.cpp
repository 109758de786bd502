#include "fathom/weights/presets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/error.h"
#include "fathom/weights/keras_networks.h"

namespace fathom::weights {
namespace {

/// The network's input for 0 and 255, channel by channel: this says all of a linear map.
std::array<double, 6> ends_of(const Preprocessing& p) {
  std::array<double, 6> ends{};
  for (std::size_t i = 0; i < 3; ++i) {
    ends.at(i) = (p.low - p.mean.at(i)) / p.std.at(i);
    ends.at(3 + i) = (p.high - p.mean.at(i)) / p.std.at(i);
  }
  return ends;
}

struct UsualInput {
  std::string whose;
  Preprocessing preprocessing;
};

/// What published weights of an architecture expect: those of Keras alone, or all known sets.
std::vector<UsualInput> usual_inputs(const std::string& architecture, bool from_keras) {
  const auto keras = std::ranges::find(keras_networks(), architecture, &KerasNetwork::architecture);
  if (from_keras && keras != keras_networks().end() && !keras->preset.empty()) {
    return {{"keras.applications", find_preset(keras->preset)}};
  }
  std::vector<UsualInput> usual;
  for (const WeightCard& card : known_cards()) {
    if (card.architecture == architecture) usual.push_back({card.name, card.preprocessing});
  }
  return usual;
}

/// "vgg16-imagenet1k-v1: imagenet; ...".
std::string described(const std::vector<UsualInput>& usual) {
  std::vector<std::string> texts;
  for (const auto& [whose, preprocessing] : usual) {
    texts.push_back(fmt::format("{}: {}", whose, preprocessing_name(preprocessing)));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

const std::vector<PreprocessingPreset>& preprocessing_presets() {
  // imagenet: torchvision's and timm's default. symmetric: TensorFlow's Inception family and
  // Keras's "tf" mode. lite: MEAN_RGB and STDDEV_RGB of TensorFlow's efficientnet/lite. unit:
  // TensorFlow Hub. caffe: Keras's "caffe" mode, the VGG authors' means.
  static const std::vector<PreprocessingPreset> presets{
      {"imagenet", "RGB in 0..1, ImageNet's mean and deviation (torchvision, timm)", {}},
      {"symmetric",
       "RGB in -1..1 (TensorFlow's Inception and MobileNet)",
       {"RGB", 0, 1, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}}},
      {"lite",
       "RGB in 0..255 less 127, divided by 128 (TensorFlow's EfficientNet-Lite)",
       {"RGB",
        0,
        1,
        {127.0 / 255, 127.0 / 255, 127.0 / 255},
        {128.0 / 255, 128.0 / 255, 128.0 / 255}}},
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

bool same_input(const Preprocessing& a, const Preprocessing& b) {
  const std::array<double, 6> ends = ends_of(a);
  double largest = 0;
  for (const double end : ends) largest = std::max(largest, std::abs(end));
  const auto near = [&](double x, double y) { return std::abs(x - y) <= 1e-6 * largest; };
  return a.channels == b.channels && std::ranges::equal(ends, ends_of(b), near);
}

std::string preprocessing_name(const Preprocessing& preprocessing) {
  for (const PreprocessingPreset& preset : preprocessing_presets()) {
    if (same_input(preset.preprocessing, preprocessing)) return preset.name;
  }
  return fmt::format("{} in {:g}..{:g}, mean {:g}, std {:g}", preprocessing.channels,
                     preprocessing.low, preprocessing.high, fmt::join(preprocessing.mean, " "),
                     fmt::join(preprocessing.std, " "));
}

bool is_from_keras(const WeightFile& file) { return file.metadata.contains("keras"); }

std::string preprocessing_choices(const std::string& architecture, bool from_keras) {
  std::vector<std::string> names;
  for (const PreprocessingPreset& preset : preprocessing_presets()) names.push_back(preset.name);
  const std::vector<UsualInput> usual = usual_inputs(architecture, from_keras);
  return fmt::format("WHICH, what the network was trained on: {}{}", fmt::join(names, ", "),
                     usual.empty() ? "" : fmt::format(" ({})", described(usual)));
}

std::string unusual_preprocessing(const WeightCard& card, bool from_keras) {
  const std::vector<UsualInput> usual = usual_inputs(card.architecture, from_keras);
  const bool is_usual = std::ranges::any_of(usual, [&](const UsualInput& one) {
    return same_input(one.preprocessing, card.preprocessing);
  });
  if (is_usual || usual.empty()) return "";
  return fmt::format(
      "{}: its preprocessing, {}, is that of no published weights of {} {}that fathom knows ({}); "
      "a wrong one spoils every result without a word: check it where the file is from",
      card.name, preprocessing_name(card.preprocessing), card.architecture,
      from_keras ? "in Keras " : "", described(usual));
}

}  // namespace fathom::weights
