#include <algorithm>
#include <array>

#include "fathom/weights/dtype.h"
#include "fathom/weights/pickle_reader.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

using Global = Pickle::Global;

struct GlobalRow {
  std::string_view name;
  Pickle::Callable callable;
};

/// Every global that a state dict may name. _rebuild_tensor and torch.nn.parameter.Parameter are
/// those of files published in 2017.
constexpr std::array<GlobalRow, 15> kGlobals{{
    {"collections.OrderedDict", {Global::ordered_dict}},
    {"torch._utils._rebuild_tensor_v2", {Global::rebuild_tensor}},
    {"torch._utils._rebuild_tensor", {Global::rebuild_tensor}},
    {"torch._utils._rebuild_parameter", {Global::rebuild_parameter}},
    {"torch.nn.parameter.Parameter", {Global::parameter}},
    {"torch.DoubleStorage", {Global::storage_type, DType::f64}},
    {"torch.FloatStorage", {Global::storage_type, DType::f32}},
    {"torch.HalfStorage", {Global::storage_type, DType::f16}},
    {"torch.BFloat16Storage", {Global::storage_type, DType::bf16}},
    {"torch.LongStorage", {Global::storage_type, DType::i64}},
    {"torch.IntStorage", {Global::storage_type, DType::i32}},
    {"torch.ShortStorage", {Global::storage_type, DType::i16}},
    {"torch.CharStorage", {Global::storage_type, DType::i8}},
    {"torch.ByteStorage", {Global::storage_type, DType::u8}},
    {"torch.BoolStorage", {Global::storage_type, DType::boolean}},
}};

}  // namespace

void PickleReader::push_global(std::string_view module, std::string_view name) {
  const std::string full = std::string(module) + "." + std::string(name);
  for (const GlobalRow& row : kGlobals) {
    if (row.name == full) return push(row.callable);
  }
  throw Error(fmt::format(
      "{}: {} is not a tensor: refused; nothing in the file was run. Save the network's "
      "state_dict() alone",
      where_, printable(full)));
}

/// ('storage', type, key, device, elements[, None or (view key, first element, elements)]): torch
/// 1.13's serialization.py, persistent_id of both formats.
void PickleReader::push_persistent(Id id) {
  const auto& items = as<Pickle::Tuple>(id, "the description of a storage").items;
  if (items.size() < 5 || items.size() > 6 ||
      as<std::string_view>(items[0], "the word 'storage'") != "storage") {
    fail("a persistent id that names no storage: refused");
  }
  const auto& type = as<Pickle::Callable>(items[1], "the type of a storage");
  if (type.global != Global::storage_type) fail("the type of a storage was expected");
  StorageClaim claim{.dtype = type.dtype,
                     .key = as<std::string_view>(items[2], "the key of a storage"),
                     .elements = count(items[4], "the size of a storage")};
  claim.view_elements = claim.elements;
  if (items.size() == 6 && !pickle_.get_if<Pickle::None>(items[5])) {
    const auto& view = as<Pickle::Tuple>(items[5], "the view of a storage").items;
    if (view.size() != 3) fail("the view of a storage was expected");
    claim.view_begin = count(view[1], "the start of a storage's view");
    claim.view_elements = count(view[2], "the size of a storage's view");
    if (claim.view_begin > claim.elements ||
        claim.view_elements > claim.elements - claim.view_begin) {
      fail("a view beyond the end of its storage");
    }
  }
  pickle_.storages_.push_back(claim);
  push(Pickle::Storage{pickle_.storages_.size() - 1});
}

void PickleReader::call(Id function, Id arguments) {
  const auto* callable = pickle_.get_if<Pickle::Callable>(function);
  if (!callable) fail("a call of something that is no function: refused");
  const auto& items = as<Pickle::Tuple>(arguments, "a tuple of arguments").items;
  switch (callable->global) {
    case Global::ordered_dict:
      return call_ordered_dict(items);
    case Global::rebuild_tensor:
      return call_rebuild_tensor(items);
    case Global::rebuild_parameter:
      if (items.empty()) fail("a parameter without its tensor");
      return push(as<Pickle::Tensor>(items[0], "the tensor of a parameter"));
    case Global::parameter:
      if (items.empty()) return push(Pickle::Parameter{});
      return push(as<Pickle::Tensor>(items[0], "the tensor of a parameter"));
    case Global::storage_type:
      fail("a call of a storage type: refused");
  }
}

/// OrderedDict(), or OrderedDict([[key, value], ...]) as Python 2 wrote it.
void PickleReader::call_ordered_dict(const std::vector<Id>& arguments) {
  Pickle::Dict dict;
  if (arguments.size() > 1) fail("an OrderedDict of more than one argument");
  if (!arguments.empty()) {
    for (const Id pair : as<Pickle::List>(arguments[0], "a list of pairs").items) {
      const auto* list = pickle_.get_if<Pickle::List>(pair);
      const auto& items = list ? list->items : as<Pickle::Tuple>(pair, "a pair").items;
      if (items.size() != 2) fail("a pair was expected");
      spend(1);
      dict.items.emplace_back(items[0], items[1]);
    }
  }
  push(std::move(dict));
}

/// (storage, offset, shape, strides, ...): torch._utils._rebuild_tensor and its v2, whose further
/// arguments (requires_grad, hooks, metadata) say nothing of the numbers.
void PickleReader::call_rebuild_tensor(const std::vector<Id>& arguments) {
  if (arguments.size() < 4 || arguments.size() > 7) fail("a tensor of the wrong arguments");
  TensorClaim claim{.storage = as<Pickle::Storage>(arguments[0], "a tensor's storage").index,
                    .offset = count(arguments[1], "a tensor's offset")};
  const auto& shape = as<Pickle::Tuple>(arguments[2], "a tensor's shape").items;
  const auto& strides = as<Pickle::Tuple>(arguments[3], "a tensor's strides").items;
  if (shape.size() != strides.size() || shape.size() > kMaxRank) {
    fail(fmt::format("a tensor of {} dimensions and {} strides (at most {})", shape.size(),
                     strides.size(), kMaxRank));
  }
  spend(shape.size());
  for (const Id id : shape) {
    claim.shape.push_back(static_cast<std::int64_t>(count(id, "a tensor's dimension")));
  }
  for (const Id id : strides) claim.strides.push_back(count(id, "a tensor's stride"));
  pickle_.tensors_.push_back(std::move(claim));
  push(Pickle::Tensor{pickle_.tensors_.size() - 1});
}

/// BUILD sets attributes: of an OrderedDict they are of no use (_metadata) and dropped; an empty
/// parameter gets its tensor, the first of the five parts that Variable had.
void PickleReader::build(Id state) {
  if (stack_.size() <= floor()) fail("the stack is empty");
  const Id target = stack_.back();
  if (pickle_.get_if<Pickle::Dict>(target)) return;
  if (!pickle_.get_if<Pickle::Parameter>(target)) fail("attributes of a plain value: refused");
  const auto& parts = as<Pickle::Tuple>(state, "the state of a parameter").items;
  if (parts.size() != 5) fail("a parameter's state of the wrong size");
  const auto tensor = as<Pickle::Tensor>(parts[0], "the tensor of a parameter");
  pickle_.values_[target] = tensor;
}

}  // namespace fathom::weights
