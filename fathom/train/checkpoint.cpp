#include "fathom/train/checkpoint.h"

#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/weights/seal.h"

namespace fathom::train {
namespace {

constexpr const char* kIdentityKey = "fathom.unit_state";
constexpr const char* kPlaceKey = "fathom.place";

UnitState read_state(const std::filesystem::path& path, const std::string& identity) {
  weights::WeightFile file = weights::read_weight_file(path);
  const auto entry = [&](const char* key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) throw Error(path.string() + ": damaged: it lacks " + key);
    return found->second;
  };
  entry(weights::kSealKey);  // a file without one would count as whole
  weights::sealed_content(file, path.string(), "it is left out");
  if (entry(kIdentityKey) != identity) {
    throw Error(path.string() + ": of another unit, version or number format");
  }
  return {std::move(file.tensors), Json::parse(entry(kPlaceKey))};
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const std::string& identity,
                      const UnitState& state) {
  weights::write_sealed(path, state.tensors,
                        {{kIdentityKey, identity}, {kPlaceKey, state.place.dump()}});
}

std::optional<UnitState> read_checkpoint(const std::filesystem::path& path,
                                         const std::string& identity) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    return read_state(path, identity);
  } catch (const Error& error) {
    log_warning("{}; the training begins anew", error.what());
    return std::nullopt;
  }
}

}  // namespace fathom::train
