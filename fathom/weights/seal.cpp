#include "fathom/weights/seal.h"

#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"

namespace fathom::weights {
namespace {

/// SHA-256 over the numbers and all other entries of the metadata as written.
std::string seal_of(const std::string& content,
                    const std::map<std::string, std::string>& metadata) {
  Sha256 hash;
  hash.update(content);
  for (const auto& [key, text] : metadata) {
    if (key != kSealKey) hash.update(text);
  }
  return hash.hex();
}

}  // namespace

void write_sealed(const std::filesystem::path& path, const StateDict& tensors,
                  std::map<std::string, std::string> metadata) {
  metadata[kSealKey] = seal_of(content_hash(tensors), metadata);
  write_safetensors(path, tensors, metadata);
}

std::string sealed_content(const WeightFile& file, const std::string& where,
                           const std::string& advice) {
  std::string content = content_hash(file.tensors);
  const auto promised = file.metadata.find(kSealKey);
  if (promised != file.metadata.end() && promised->second != seal_of(content, file.metadata)) {
    throw Error(fmt::format(
        "{}: damaged: its numbers or its card are not those that were written; {}", where, advice));
  }
  return content;
}

}  // namespace fathom::weights
