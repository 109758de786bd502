#include "fathom/weights/state_dict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/json.h"
#include "fathom/weights/array_files.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/memory_map.h"
#include "fathom/weights/printable.h"
#include "fathom/weights/safetensors.h"
#include "fathom/weights/timm.h"
#include "fathom/weights/torch_file.h"
#include "fathom/weights/zip_members.h"

namespace fathom::weights {
namespace {

/// Names go into JSON, tables and messages: UTF-8 without control characters.
void check_name(const std::string& name, const std::string& where) {
  constexpr std::size_t kLongest = 1000;
  bool good =
      !name.empty() && name.size() <= kLongest && name != "__metadata__" &&
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
  try {
    if (good) static_cast<void>(Json(name).dump());
  } catch (const nlohmann::json::exception&) {
    good = false;
  }
  if (!good) {
    throw Error(fmt::format(
        "{}: '{}' cannot name a tensor: 1 to {} bytes of UTF-8 without control characters, and not "
        "__metadata__",
        where, printable(name), kLongest));
  }
}

/// Whether the first member of a zip archive is an array. Format: APPNOTE.TXT of PKWARE, 4.3.7.
bool is_zip_of_arrays(std::string_view file) {
  constexpr std::size_t kNameSizeAt = 26, kNameAt = 30;
  if (!file.starts_with("PK\3\4") || file.size() < kNameAt) return false;
  std::uint16_t name_size = 0;
  std::memcpy(&name_size, &file[kNameSizeAt], sizeof(name_size));
  return file.substr(kNameAt, name_size).ends_with(".npy");
}

WeightFile read_by_content(const std::filesystem::path& path) {
  const std::string where = path.string();
  const auto file = std::make_shared<MemoryMap>(path);
  const auto bytes = file->bytes();
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view start = all.substr(0, 16);
  // No length of a safetensors header is text.
  const bool is_text = std::ranges::all_of(start, [](unsigned char c) {
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
  });
  if (is_text && !start.starts_with("PK")) return read_tensorflow_js(path, bytes);
  if (start.size() > 8 && start[8] == '{') return read_safetensors(file, where);
  if (is_zip_of_arrays(all)) return read_npz(path);
  if (start.starts_with("PK")) {
    const bool is_keras = ZipMembers(bytes, where).has(kKerasWeights);
    return is_keras ? read_keras_archive(file, where) : read_torch_zip(file, where);
  }
  if (start.starts_with("\x80")) return read_torch_legacy(file, where);
  if (start.starts_with("\x89HDF")) return read_keras_hdf5(path);
  throw Error(
      fmt::format("{}: not a weight file that is read here; allowed: safetensors, PyTorch state "
                  "dicts (.pth, zip or legacy), numpy's .npz, Keras's .h5 and .keras, a "
                  "TensorFlow.js layers-model (model.json)",
                  where));
}

/// The first element that is NaN or infinite, or -1: those whose exponent bits, `mask`, are all 1.
template <class Bits>
std::int64_t find_non_finite(std::span<const std::byte> bytes, Bits mask) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + at, sizeof(Bits));
    if ((bits & mask) == mask) return static_cast<std::int64_t>(at / sizeof(Bits));
  }
  return -1;
}

std::int64_t find_non_finite(const TensorData& tensor) {
  switch (tensor.dtype) {
    case DType::f64:
      return find_non_finite<std::uint64_t>(tensor.bytes, 0x7ff0'0000'0000'0000);
    case DType::f32:
      return find_non_finite<std::uint32_t>(tensor.bytes, 0x7f80'0000);
    case DType::f16:
      return find_non_finite<std::uint16_t>(tensor.bytes, 0x7c00);
    case DType::bf16:
      return find_non_finite<std::uint16_t>(tensor.bytes, 0x7f80);
    default:
      return -1;
  }
}

}  // namespace

WeightFile read_weight_file(const std::filesystem::path& path) {
  const std::string where = path.string();
  WeightFile file = read_by_content(path);
  if (file.tensors.empty()) throw Error(where + ": holds no tensors");
  for (const auto& [name, tensor] : file.tensors) check_name(name, where);
  translate_timm(file, path.filename().string());
  return file;
}

void require_finite(const StateDict& tensors, const std::string& where) {
  for (const auto& [name, tensor] : tensors) {
    if (const std::int64_t at = find_non_finite(tensor); at >= 0) {
      throw Error(
          fmt::format("{}: tensor '{}' holds NaN or infinity (number {} of {}): no network "
                      "can use it",
                      where, printable(name), at, tensor.elements()));
    }
  }
}

std::string content_hash(const StateDict& tensors) {
  Sha256 hash;
  const auto add_number = [&hash](std::uint64_t value) {
    hash.update(std::as_bytes(std::span(&value, 1)));
  };
  const auto add_text = [&](const std::string& text) {
    add_number(text.size());
    hash.update(text);
  };
  for (const auto& [name, tensor] : tensors) {
    add_text(name);
    add_text(dtype_name(tensor.dtype));
    add_number(tensor.shape.size());
    for (const std::int64_t size : tensor.shape) add_number(static_cast<std::uint64_t>(size));
    hash.update(tensor.bytes);
  }
  return hash.hex();
}

}  // namespace fathom::weights
