// The state of a unit in the midst of its training as a file, from which a stopped unit goes on to
// the bit-identical result. Not the meaning of the state: that is the trainer's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "fathom/base/json.h"
#include "fathom/weights/state_dict.h"

namespace fathom::train {

/// What a training has moved so far, and how far it is.
struct UnitState {
  weights::StateDict tensors;
  Json place;
};

/// Replaces the file atomically, with a checksum over everything. `identity`: all that the numbers
/// depend on. Throws Error, e.g. on a full disk, with the old file kept.
void write_checkpoint(const std::filesystem::path& path, const std::string& identity,
                      const UnitState& state);

/// Nothing where there is no file. One that is damaged or was written with another identity is a
/// warning, and nothing: the unit begins anew.
std::optional<UnitState> read_checkpoint(const std::filesystem::path& path,
                                         const std::string& identity);

}  // namespace fathom::train
