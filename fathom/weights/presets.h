// Preprocessings that publishers use, by name, so that nobody types means and deviations.
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

}  // namespace fathom::weights
