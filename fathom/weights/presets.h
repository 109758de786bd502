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

/// What may stand behind --preprocessing, and what the known sets of `architecture` have, for
/// messages: "WHICH, what the network was trained on: imagenet, ... (vgg16-imagenet1k-v1:
/// imagenet)". Not one of them: a command that is copied from a message must not choose.
std::string preprocessing_choices(const std::string& architecture);

/// A sentence for a card whose preprocessing is that of no known set of its architecture: a wrong
/// one is seen by nothing but bad results. "" where one has it or none is known.
std::string unusual_preprocessing(const WeightCard& card);

}  // namespace fathom::weights
