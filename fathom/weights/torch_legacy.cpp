#include <fmt/format.h>

#include <map>

#include "fathom/base/bytes.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/pickle.h"
#include "fathom/weights/printable.h"
#include "fathom/weights/torch_file.h"
#include "fathom/weights/torch_tensors.h"

namespace fathom::weights {
namespace {

/// 0x1950a86a20f9469cfc6c, the first pickle of every legacy file, little-endian.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kProtocol = 1001;

void check_preamble(ByteReader& in, const std::string& where) {
  const Pickle magic(in, where);
  const auto* number = std::get_if<Pickle::BigInteger>(&magic.root());
  if (!number || number->bytes != kMagic) {
    throw Error(where + ": a pickle, but not one that torch.save wrote");
  }
  const Pickle protocol(in, where);
  const auto* version = std::get_if<std::int64_t>(&protocol.root());
  if (!version || *version != kProtocol) {
    throw Error(
        fmt::format("{}: an unknown version of the legacy format; {} is read", where, kProtocol));
  }
  const Pickle system(in, where);
  const auto* facts = std::get_if<Pickle::Dict>(&system.root());
  if (!facts) throw Error(where + ": the description of the system is missing");
  for (const auto& [key, value] : facts->items) {
    const auto* name = system.get_if<std::string_view>(key);
    const auto* flag = system.get_if<bool>(value);
    if (name && *name == "little_endian" && flag && !*flag) {
      throw Error(where + ": big-endian numbers are not read");
    }
  }
}

/// Where each storage lies: for each key an int64 count of elements, then the elements.
std::map<std::string_view, std::span<const std::byte>> locate_storages(ByteReader& in,
                                                                       const Pickle& object,
                                                                       const Pickle& keys,
                                                                       const std::string& where) {
  std::map<std::string_view, const StorageClaim*> claims;
  for (const StorageClaim& claim : object.storages()) {
    const auto [found, fresh] = claims.emplace(claim.key, &claim);
    if (!fresh &&
        (found->second->dtype != claim.dtype || found->second->elements != claim.elements)) {
      throw Error(fmt::format("{}: storage '{}' is claimed with two types or sizes", where,
                              printable(claim.key)));
    }
  }
  const auto* list = std::get_if<Pickle::List>(&keys.root());
  if (!list) throw Error(where + ": the list of storages is missing");
  std::map<std::string_view, std::span<const std::byte>> storages;
  for (const auto id : list->items) {
    const auto* key = keys.get_if<std::string_view>(id);
    const auto claim = key ? claims.find(*key) : claims.end();
    if (claim == claims.end()) throw Error(where + ": a storage that no tensor uses");
    const std::string what = fmt::format("{}: storage '{}'", where, printable(*key));
    const auto elements = in.read<std::uint64_t>();
    if (elements != claim->second->elements) {
      throw Error(fmt::format("{} has {} numbers where {} were promised", what, elements,
                              claim->second->elements));
    }
    const auto bytes = in.take(checked_multiply(elements, dtype_size(claim->second->dtype), what));
    if (!storages.emplace(claim->first, bytes).second) throw Error(what + " stands twice");
  }
  if (!in.done()) {
    throw Error(fmt::format("{}: {} bytes after the last storage", where, in.left()));
  }
  return storages;
}

}  // namespace

WeightFile read_torch_legacy(const std::shared_ptr<const MemoryMap>& file,
                             const std::string& where) {
  ByteReader in(file->bytes(), where);
  check_preamble(in, where);
  const Pickle object(in, where);
  const Pickle keys(in, where);
  const auto storages = locate_storages(in, object, keys, where);
  AllocationBudget budget(file->bytes().size());
  const auto find_storage = [&](const StorageClaim& claim) {
    const auto found = storages.find(claim.key);
    if (found == storages.end()) {
      throw Error(fmt::format("{}: storage '{}' is missing", where, printable(claim.key)));
    }
    return StorageBytes{found->second, file};
  };
  return {.format = "torch legacy", .tensors = state_dict_of(object, find_storage, budget, where)};
}

}  // namespace fathom::weights
