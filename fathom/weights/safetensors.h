// The safetensors format: an 8-byte header length, a JSON header, raw tensors. Format:
// huggingface/safetensors, README "Format" and its validation rules. Internal to weights/.
#pragma once

#include <memory>
#include <string>

#include "fathom/weights/memory_map.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;  ///< bytes; the reference's bound

/// Zero-copy: the tensors point into `file` and keep it. Throws Error "WHERE: ...".
WeightFile read_safetensors(const std::shared_ptr<const MemoryMap>& file, const std::string& where);

}  // namespace fathom::weights
