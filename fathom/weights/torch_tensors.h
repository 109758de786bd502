// From what a pickle claims to tensors: finds the state dict among wrappers, checks every stride
// against the real storage. Internal to weights/.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "fathom/weights/allocation_budget.h"
#include "fathom/weights/pickle.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// The real bytes of a whole storage.
struct StorageBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

/// Finds a storage in the file. Throws Error when it is not there or has not the claimed size.
using StorageFinder = std::function<StorageBytes(const StorageClaim&)>;

/// The tensors of the state dict that `pickle` holds; other values beside them are left out.
/// Contiguous tensors share their storage's bytes, others are copied within `budget`.
StateDict state_dict_of(const Pickle& pickle, const StorageFinder& find_storage,
                        AllocationBudget& budget, const std::string& where);

}  // namespace fathom::weights
