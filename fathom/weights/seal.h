// The seal of a safetensors file of ours: a hash of its numbers and its metadata, so that a damaged
// file is noticed. No proof against forgery.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// The metadata entry that holds it.
inline constexpr const char* kSealKey = "fathom.content";

/// write_safetensors with a seal beside `metadata`.
void write_sealed(const std::filesystem::path& path, const StateDict& tensors,
                  std::map<std::string, std::string> metadata);

/// The content_hash of the file's tensors. Throws Error "WHERE: damaged ...; ADVICE" when the file
/// carries a seal that does not fit them and the metadata.
std::string sealed_content(const WeightFile& file, const std::string& where,
                           const std::string& advice);

}  // namespace fathom::weights
