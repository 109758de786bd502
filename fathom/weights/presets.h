// Preprocessings that publishers use, by name, so that nobody types means and deviations; and what
// is said of those of known sets where one must be chosen.
#pragma once

#include <string>
#include <vector>

#include "fathom/weights/card.h"

namespace fathom::weights {

struct PreprocessingPreset {
  std::string name;
  std::string meaning;
  Preprocessing preprocessing;
};

const std::vector<PreprocessingPreset>& preprocessing_presets();

/// Throws Error with the nearest name.
const Preprocessing& find_preset(const std::string& name);

/// Whether both make the same numbers of every image, to a millionth of the largest: a range of
/// -1..1 is the same as mean and std of 0.5 on 0..1.
bool same_input(const Preprocessing& a, const Preprocessing& b);

/// The name of the preset that makes the same numbers, else the numbers:
/// "BGR in 0..255, mean 104 117 123, std 1 1 1".
std::string preprocessing_name(const Preprocessing& preprocessing);

/// Whether the file holds a network as Keras names it: then Keras's own preprocessing of that
/// network is the usual one, whatever other libraries expect of theirs.
bool is_from_keras(const WeightFile& file);

/// What may stand behind --preprocessing, and what is usual for `architecture`, for messages:
/// "WHICH, what the network was trained on: imagenet, ... (vgg16-imagenet1k-v1: imagenet)". Not one
/// of them: a command that is copied from a message must not choose.
std::string preprocessing_choices(const std::string& architecture, bool from_keras = false);

/// A sentence for a card whose preprocessing is not usual for its architecture, neither Keras's
/// own, for weights from Keras, nor that of a known set: a wrong one is seen by nothing but bad
/// results. "" where it is usual or nothing is known.
std::string unusual_preprocessing(const WeightCard& card, bool from_keras);

}  // namespace fathom::weights
