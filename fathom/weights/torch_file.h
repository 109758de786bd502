// PyTorch's two file formats: the zip of torch 1.6 and later, and the run of pickles before it.
// Format: torch/serialization.py of PyTorch 1.13. Internal to weights/.
#pragma once

#include <memory>
#include <string>

#include "fathom/weights/memory_map.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// Members are found by name only; each is inflated into memory, within an AllocationBudget.
/// Throws Error "WHERE: ...".
WeightFile read_torch_zip(const std::shared_ptr<const MemoryMap>& file, const std::string& where);

/// Zero-copy where a tensor is contiguous: it then points into `file` and keeps it.
WeightFile read_torch_legacy(const std::shared_ptr<const MemoryMap>& file,
                             const std::string& where);

}  // namespace fathom::weights
