// Small weight sets and hostile files for the tests of weights/.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fathom/base/atomic_file.h"
#include "fathom/base/json.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights::tests {

/// Tensor -> [dtype, shape, hex], as tests/oracle/weight_files.py describes it.
inline nlohmann::json describe(const StateDict& tensors) {
  nlohmann::json described = nlohmann::json::object();
  for (const auto& [name, tensor] : tensors) {
    std::string hex;
    for (const std::byte byte : tensor.bytes)
      hex += fmt::format("{:02x}", std::to_integer<int>(byte));
    described[name] = {dtype_name(tensor.dtype), tensor.shape, hex};
  }
  return described;
}

template <class T>
TensorData tensor_of(DType dtype, std::vector<std::int64_t> shape, std::vector<T> values) {
  auto owner = std::make_shared<std::vector<T>>(std::move(values));
  return {dtype, std::move(shape), std::as_bytes(std::span(*owner)), owner};
}

inline TensorData floats(std::vector<std::int64_t> shape, std::vector<float> values) {
  return tensor_of(DType::f32, std::move(shape), std::move(values));
}

inline StateDict small_state_dict() {
  return {{"a.flag", tensor_of<std::uint8_t>(DType::boolean, {3}, {1, 0, 1})},
          {"b.weight", floats({2, 2}, {1.5F, -2, 0, 1e-30F})},
          {"c.count", tensor_of<std::int64_t>(DType::i64, {}, {-7})},
          {"d.empty", floats({0, 4}, {})}};
}

/// A number as little-endian bytes.
template <class T>
std::string little(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

inline std::string safetensors_bytes(const std::string& header, std::size_t data_bytes) {
  return little<std::uint64_t>(header.size()) + header + std::string(data_bytes, '\1');
}

// Parts of pickles, protocol 2.
inline std::string text(std::string_view value) {
  return "X" + little(static_cast<std::uint32_t>(value.size())) + std::string(value);
}
inline std::string integer(std::int64_t value) { return "\x8a\x08" + little(value); }
inline std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}
inline std::string integers(const std::vector<std::int64_t>& values) {
  std::string tuple = "(";
  for (const std::int64_t value : values) tuple += integer(value);
  return tuple + "t";
}
inline std::string storage(std::string_view key, std::int64_t elements) {
  return "(" + text("storage") + global("torch", "FloatStorage") + text(key) + text("cpu") +
         integer(elements) + "tQ";
}
inline std::string tensor(const std::string& storage, std::int64_t offset,
                          const std::vector<std::int64_t>& shape,
                          const std::vector<std::int64_t>& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + integer(offset) +
         integers(shape) + integers(strides) + "\x89}tR";
}
inline std::string dict_of(const std::string& items) { return "}(" + items + "u"; }

/// A legacy file around one pickled object. `storages`: keys with their float32 counts.
inline std::string legacy_bytes(
    const std::string& object,
    const std::vector<std::pair<std::string, std::uint64_t>>& storages = {{"0", 4}}) {
  std::string bytes = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  bytes += "\x80\x02M\xe9\x03.";
  bytes += "\x80\x02}" + text("little_endian") + "\x88s.";
  bytes += "\x80\x02" + object + ".";
  std::string keys = "\x80\x02](", data;
  for (const auto& [key, count] : storages) {
    keys += text(key);
    data += little(count) + std::string(4 * count, '\0');
  }
  return bytes + keys + "e." + data;
}

}  // namespace fathom::weights::tests
