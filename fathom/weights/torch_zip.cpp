#include <fmt/format.h>

#include <map>

#include "fathom/base/bytes.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/pickle.h"
#include "fathom/weights/printable.h"
#include "fathom/weights/torch_file.h"
#include "fathom/weights/torch_tensors.h"
#include "fathom/weights/zip_members.h"

namespace fathom::weights {
namespace {

/// The folder in which the one data.pkl lies, with its '/'.
std::string root_of(const ZipMembers& members, const std::string& where) {
  constexpr std::string_view kObject = "/data.pkl";
  std::string root;
  for (const std::string& name : members.names()) {
    if (!name.ends_with(kObject)) continue;
    if (!root.empty()) throw Error(where + ": more than one data.pkl");
    root = name.substr(0, name.size() - kObject.size() + 1);
  }
  if (root.empty()) {
    throw Error(where + ": a zip archive without data.pkl: not a file that torch.save wrote");
  }
  return root;
}

}  // namespace

WeightFile read_torch_zip(const std::shared_ptr<const MemoryMap>& file, const std::string& where) {
  ZipMembers members(file->bytes(), where);
  const std::string root = root_of(members, where);
  if (members.has(root + "byteorder")) {
    const ZipMembers::Buffer order = members.read(root + "byteorder", 16);
    if (ByteReader(*order, where).take_text(order->size()) != "little") {
      throw Error(where + ": big-endian numbers are not read");
    }
  }
  const ZipMembers::Buffer object_bytes = members.read(root + "data.pkl", Pickle::kMaxBytes);
  ByteReader in(*object_bytes, where);
  const Pickle object(in, where);
  if (!in.done()) throw Error(where + ": bytes after the end of data.pkl's pickle");

  std::map<std::string_view, ZipMembers::Buffer> storages;
  const auto find_storage = [&](const StorageClaim& claim) {
    ZipMembers::Buffer& bytes = storages[claim.key];
    if (!bytes) bytes = members.read(root + "data/" + std::string(claim.key));
    const std::string what = fmt::format("{}: storage '{}'", where, printable(claim.key));
    if (checked_multiply(claim.elements, dtype_size(claim.dtype), what) != bytes->size()) {
      throw Error(fmt::format("{} has {} bytes where {} numbers of {} were promised", what,
                              bytes->size(), claim.elements, dtype_name(claim.dtype)));
    }
    return StorageBytes{*bytes, bytes};
  };
  StateDict tensors = state_dict_of(object, find_storage, members.budget(), where);
  return {.format = "torch zip", .tensors = std::move(tensors)};
}

}  // namespace fathom::weights
