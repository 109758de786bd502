#include "fathom/weights/torch_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "fathom/base/bytes.h"
#include "fathom/base/error.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

/// What `dict` holds under a text key, as a dict, or null.
const Pickle::Dict* dict_under(const Pickle& pickle, const Pickle::Dict& dict,
                               std::string_view key) {
  for (const auto& [key_id, value_id] : dict.items) {
    const auto* text = pickle.get_if<std::string_view>(key_id);
    if (text && *text == key) return pickle.get_if<Pickle::Dict>(value_id);
  }
  return nullptr;
}

/// The dict of tensors: under "state_dict", under "model", or the whole.
const Pickle::Dict& find_state_dict(const Pickle& pickle, const std::string& where) {
  const auto* root = std::get_if<Pickle::Dict>(&pickle.root());
  if (!root) throw Error(where + ": holds no dict of tensors; save the network's state_dict()");
  for (const char* wrapper : {"state_dict", "model"}) {
    if (const auto* inner = dict_under(pickle, *root, wrapper)) return *inner;
  }
  return *root;
}

/// Names of what a dict holds, for a message.
std::string keys_of(const Pickle& pickle, const Pickle::Dict& dict) {
  constexpr std::size_t kShown = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(dict.items.size(), kShown); ++i) {
    const auto* text = pickle.get_if<std::string_view>(dict.items[i].first);
    names += (i ? ", " : "") + (text ? printable(*text) : std::string("?"));
  }
  return names.empty() ? "nothing" : names;
}

/// Checks that every element lies in the storage's stretch. Returns the tensor's bytes in all.
std::uint64_t checked_size(const TensorClaim& claim, const StorageClaim& storage,
                           const std::string& what) {
  const std::uint64_t size = checked_byte_count(storage.dtype, claim.shape, what);
  if (size == 0) return 0;
  std::uint64_t last = claim.offset;  // the highest element; never beyond view_elements in the loop
  for (std::size_t d = 0; d <= claim.shape.size(); ++d) {
    if (last >= storage.view_elements) {
      throw Error(fmt::format("{}: reaches beyond the {} numbers of its storage", what,
                              storage.view_elements));
    }
    if (d == claim.shape.size()) break;
    const auto steps = static_cast<std::uint64_t>(claim.shape[d] - 1);
    const std::uint64_t reach = checked_multiply(steps, claim.strides[d], what);
    last += std::min(reach, storage.view_elements);  // no overflow: view_elements fits an int64
  }
  return size;
}

bool is_contiguous(const TensorClaim& claim) {
  std::uint64_t expected = 1;
  for (std::size_t d = claim.shape.size(); d-- > 0;) {
    if (claim.shape[d] != 1 && claim.strides[d] != expected) return false;
    expected *= static_cast<std::uint64_t>(claim.shape[d]);
  }
  return true;
}

/// The elements of a strided tensor in row-major order. `source` begins at its first element.
void copy_strided(const TensorClaim& claim, std::size_t element, const std::byte* source,
                  std::span<std::byte> target) {
  const std::size_t rank = claim.shape.size();
  std::vector<std::int64_t> index(rank, 0);
  std::uint64_t position = 0;  // elements from `source`
  for (std::size_t done = 0; done < target.size(); done += element) {
    std::memcpy(target.data() + done, source + position * element, element);
    for (std::size_t d = rank; d-- > 0;) {
      position += claim.strides[d];
      if (++index[d] < claim.shape[d]) break;
      position -= claim.strides[d] * static_cast<std::uint64_t>(claim.shape[d]);
      index[d] = 0;
    }
  }
}

TensorData tensor_of(const TensorClaim& claim, const StorageClaim& storage,
                     const StorageFinder& find_storage, AllocationBudget& budget,
                     const std::string& what) {
  TensorData tensor{.dtype = storage.dtype, .shape = claim.shape};
  const std::uint64_t size = checked_size(claim, storage, what);
  if (size == 0) return tensor;
  const std::size_t element = dtype_size(storage.dtype);
  const bool contiguous = is_contiguous(claim);
  if (!contiguous) budget.take(size, what);
  const StorageBytes found = find_storage(storage);
  FATHOM_CHECK(found.bytes.size() / element == storage.elements);
  const auto from = found.bytes.subspan((storage.view_begin + claim.offset) * element);
  if (contiguous) {
    tensor.bytes = from.first(size);
    tensor.owner = found.owner;
    return tensor;
  }
  auto copy = std::make_shared<std::vector<std::byte>>(size);
  copy_strided(claim, element, from.data(), *copy);
  tensor.bytes = *copy;
  tensor.owner = std::move(copy);
  return tensor;
}

/// DenseNet's published files are older than the rule that a module's name has no dot: what they
/// call "denselayer1.norm.1.weight" is "denselayer1.norm1.weight" since (torchvision, densenet.py).
std::string without_dot_in_dense_layer(std::string name) {
  for (const std::string module : {".norm.", ".conv."}) {
    for (const std::string number : {"1.", "2."}) {
      const std::size_t at = name.find(module + number);
      if (at == std::string::npos || name.find("denselayer") > at) continue;
      return name.erase(at + module.size() - 1, 1);
    }
  }
  return name;
}

/// Drops the "module." that torch.nn.DataParallel puts before every name.
StateDict without_module_prefix(StateDict tensors) {
  constexpr std::string_view kPrefix = "module.";
  const bool common = std::all_of(tensors.begin(), tensors.end(), [&](const auto& item) {
    return item.first.starts_with(kPrefix) && item.first.size() > kPrefix.size();
  });
  if (!common) return tensors;
  StateDict renamed;
  for (auto& [name, tensor] : tensors) {
    renamed.emplace(name.substr(kPrefix.size()), std::move(tensor));
  }
  return renamed;
}

}  // namespace

StateDict state_dict_of(const Pickle& pickle, const StorageFinder& find_storage,
                        AllocationBudget& budget, const std::string& where) {
  const Pickle::Dict& dict = find_state_dict(pickle, where);
  StateDict tensors;
  for (const auto& [key_id, value_id] : dict.items) {
    const auto* index = pickle.get_if<Pickle::Tensor>(value_id);
    if (!index) continue;
    const auto* key = pickle.get_if<std::string_view>(key_id);
    if (!key) throw Error(where + ": a tensor whose key is not a text");
    const std::string name = without_dot_in_dense_layer(std::string(*key));
    const std::string what = fmt::format("{}: tensor '{}'", where, printable(name));
    const TensorClaim& claim = pickle.tensors()[index->index];
    const StorageClaim& storage = pickle.storages()[claim.storage];
    if (tensors.contains(name)) throw Error(what + " stands twice");
    tensors.emplace(name, tensor_of(claim, storage, find_storage, budget, what));
  }
  if (tensors.empty()) {
    throw Error(fmt::format(
        "{}: no tensors where a state dict was expected; it holds {}. Save the network's "
        "state_dict()",
        where, keys_of(pickle, dict)));
  }
  return without_module_prefix(std::move(tensors));
}

}  // namespace fathom::weights
