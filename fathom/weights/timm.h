// State dicts of timm's networks under torchvision's names, where timm names their parts otherwise.
// Not for reading files. Internal to weights/.
#pragma once

#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// Renames the tensors where they are those of one of timm's networks (EfficientNet B0 to B4 and
/// V2-S, MobileNetV2, MobileNetV3, ConvNeXt, RegNetY-800MF) and nothing else, says how it computes
/// and, in the metadata entry "timm", which network it is and what was left out: its head. That a
/// network pads as TensorFlow does only the name of timm's model tells, "tf_...", which a published
/// file begins with; where `file_name` does not, it may be either. Leaves every other file as it
/// is.
void translate_timm(WeightFile& file, const std::string& file_name);

}  // namespace fathom::weights
