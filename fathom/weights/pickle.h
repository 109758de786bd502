// A restricted reader of pickles: it knows only what a PyTorch state dict is made of, builds inert
// values and runs nothing. Any other opcode or global is an Error that names it. Not a general
// unpickler. Opcodes: CPython's Lib/pickletools.py. Internal to weights/.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fathom/base/bytes.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// A stretch of one storage of the file: what a persistent id ('storage', type, key, device,
/// elements[, view]) names.
struct StorageClaim {
  DType dtype = DType::f32;
  std::string_view key;
  std::uint64_t elements = 0;       ///< of the whole storage
  std::uint64_t view_begin = 0;     ///< first element of the stretch
  std::uint64_t view_elements = 0;  ///< elements of the stretch
};

/// A strided tensor in a storage, as the file claims it; nothing of it is checked yet but that no
/// number is negative.
struct TensorClaim {
  std::size_t storage = 0;   ///< index into Pickle::storages()
  std::uint64_t offset = 0;  ///< elements into the storage's stretch
  std::vector<std::int64_t> shape;
  std::vector<std::uint64_t> strides;  ///< elements
};

/// Values refer to each other by index, so that neither nesting nor cycles cost stack.
class Pickle {
 public:
  using Id = std::uint32_t;
  struct None {};
  struct BigInteger {
    std::string_view bytes;  ///< little-endian two's complement, more than 8 bytes
  };
  struct Tuple {
    std::vector<Id> items;
  };
  struct List {
    std::vector<Id> items;
  };
  struct Dict {
    std::vector<std::pair<Id, Id>> items;  ///< in the order of the file, doubles kept
  };
  enum class Global { ordered_dict, rebuild_tensor, rebuild_parameter, parameter, storage_type };
  struct Callable {
    Global global;
    DType dtype = DType::f32;  ///< of a storage type
  };
  struct Storage {
    std::size_t index;  ///< into storages()
  };
  struct Tensor {
    std::size_t index;  ///< into tensors()
  };
  struct Parameter {};  ///< made but not yet filled (the form of 2017)
  using Value = std::variant<None, bool, std::int64_t, double, std::string_view, BigInteger, Tuple,
                             List, Dict, Callable, Storage, Tensor, Parameter>;

  /// Bounds on what one pickle may hold; published state dicts stay far below. A tensor takes about
  /// 20 values. What a few bytes can copy again and again (pairs, dimensions) counts as values too.
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMaxValues = 1'000'000;

  /// Reads one pickle, protocol 2 to 5, from the front of `in`. The bytes under `in` must outlive
  /// the object: texts point into them. Throws Error "WHERE: ...".
  Pickle(ByteReader& in, std::string where);

  const Value& root() const { return values_[root_]; }
  const Value& at(Id id) const { return values_[id]; }
  const std::vector<StorageClaim>& storages() const { return storages_; }
  const std::vector<TensorClaim>& tensors() const { return tensors_; }

  /// The value as one of the kinds above, or nothing.
  template <class T>
  const T* get_if(Id id) const {
    return std::get_if<T>(&values_[id]);
  }

 private:
  friend class PickleReader;

  std::deque<Value> values_;
  std::vector<StorageClaim> storages_;
  std::vector<TensorClaim> tensors_;
  Id root_ = 0;
};

}  // namespace fathom::weights
