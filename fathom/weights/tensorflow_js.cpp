#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <set>

#include "fathom/base/base64.h"
#include "fathom/base/bytes.h"
#include "fathom/base/error.h"
#include "fathom/weights/array_files.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/js_literal.h"
#include "fathom/weights/keras.h"
#include "fathom/weights/memory_map.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace fs = std::filesystem;
namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The member of an object of a description, which must be of one kind. Throws Error "WHERE: ...".
const Json& needed(const Json& json, const char* name, Json::value_t kind,
                   const std::string& where) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  if (!json.is_object() || found == json.end() || found->type() != kind) {
    throw Error(fmt::format("{}: '{}' is missing or of another kind than it must be", where, name));
  }
  return *found;
}

double needed_number(const Json& json, const char* name, const std::string& where) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number() || !std::isfinite(found->get<double>())) {
    throw Error(fmt::format("{}: '{}' is no number", where, name));
  }
  return found->get<double>();
}

/// How the numbers of a weight are stored.
struct Storage {
  std::size_t bytes = sizeof(float);  ///< of one number
  bool is_quantized = false;
  double scale = 1, min = 0;
};

Storage storage_of(const Json& weight, const std::string& where) {
  const std::string dtype = needed(weight, "dtype", Json::value_t::string, where);
  if (dtype != "float32") {
    throw Error(fmt::format("{}: numbers of type '{}'; float32 is read", where, printable(dtype)));
  }
  if (!weight.contains("quantization")) return {};
  const Json& quantization = needed(weight, "quantization", Json::value_t::object, where);
  const std::string packed = needed(quantization, "dtype", Json::value_t::string, where);
  if (packed != "uint8" && packed != "uint16") {
    throw Error(
        fmt::format("{}: quantized to '{}'; uint8 and uint16 are read", where, printable(packed)));
  }
  return {.bytes = packed == "uint8" ? 1U : 2U,
          .is_quantized = true,
          .scale = needed_number(quantization, "scale", where),
          .min = needed_number(quantization, "min", where)};
}

std::vector<std::int64_t> shape_of(const Json& weight, const std::string& where) {
  std::vector<std::int64_t> shape;
  for (const Json& size : needed(weight, "shape", Json::value_t::array, where)) {
    if (!size.is_number_unsigned() || shape.size() == kMaxRank ||
        size.get<std::uint64_t>() > std::uint64_t{1} << 32) {
      throw Error(where + ": a shape that no weight has");
    }
    shape.push_back(size.get<std::int64_t>());
  }
  return shape;
}

/// The numbers as floats: min + scale * n of TensorFlow.js, which computes in double and keeps 32
/// bits.
std::vector<std::uint8_t> unpacked(std::span<const std::byte> stored, const Storage& storage) {
  const std::size_t count = stored.size() / storage.bytes;
  std::vector<std::uint8_t> values(count * sizeof(float));
  if (!storage.is_quantized) {
    std::memcpy(values.data(), stored.data(), stored.size());
    return values;
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t n = 0;  // little-endian, as the file
    std::memcpy(&n, &stored[i * storage.bytes], storage.bytes);
    const auto value = static_cast<float>(n * storage.scale + storage.min);
    std::memcpy(&values[i * sizeof(float)], &value, sizeof(float));
  }
  return values;
}

/// The description and the shards of one model.
class TensorflowJsModel {
 public:
  TensorflowJsModel(const fs::path& path, std::span<const std::byte> bytes)
      : where_(path.string()), folder_(path.parent_path()), file_bytes_(bytes.size()) {
    const std::string_view text = text_of(bytes);
    is_module_ = !text.starts_with('{');
    description_ = parse_keras_json(is_module_ ? exported_json(text, where_) : text, where_);
  }

  KerasModel model() {
    const auto format = description_.is_object() ? description_.find("format") : description_.end();
    if (description_.is_object() && format != description_.end() && *format == "graph-model") {
      throw Error(where_ +
                  ": a graph-model of TensorFlow.js, in which the layers are lost; layers-models "
                  "are read");
    }
    const Json& topology = needed(description_, "modelTopology", Json::value_t::object, where_);
    KerasModel model{.norms = norms_of(topology)};
    std::vector<KerasVariable> variables;
    for (const Json& group :
         needed(description_, "weightsManifest", Json::value_t::array, where_)) {
      add_group(group, variables);
    }
    model.layers = layers_of(std::move(variables));
    return model;
  }

  std::uint64_t file_bytes() const { return file_bytes_; }  ///< of all files opened so far

 private:
  void add_group(const Json& group, std::vector<KerasVariable>& variables) {
    const auto shards = std::make_shared<std::vector<std::byte>>();
    for (const Json& name : needed(group, "paths", Json::value_t::array, where_)) {
      if (!name.is_string()) throw Error(where_ + ": a shard whose name is no text");
      append_shard(name.get<std::string>(), *shards);
    }
    ByteReader reader(*shards, where_ + ": its shards");
    for (const Json& weight : needed(group, "weights", Json::value_t::array, where_)) {
      const std::string name = needed(weight, "name", Json::value_t::string, where_);
      const std::string what = fmt::format("{}: weight '{}'", where_, printable(name));
      const Storage storage = storage_of(weight, what);
      KerasVariable variable{.name = name, .shape = shape_of(weight, what)};
      const std::uint64_t count =
          checked_byte_count(DType::f32, variable.shape, what) / sizeof(float);
      const auto stored = reader.take(count * storage.bytes);
      variable.read = [shards, stored, storage] { return unpacked(stored, storage); };
      variables.push_back(std::move(variable));
    }
    if (!reader.done()) {
      throw Error(
          fmt::format("{}: {} bytes in its shards after the last weight", where_, reader.left()));
    }
  }

  void append_shard(const std::string& name, std::vector<std::byte>& shards) {
    const bool is_plain = !name.empty() && name[0] != '.' && name.size() <= 200 &&
                          name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
    if (!is_plain) {
      throw Error(fmt::format(
          "{}: its shard '{}' is no plain file name: nothing outside its folder is opened", where_,
          printable(name)));
    }
    if (!shards_.insert(name).second) {
      throw Error(fmt::format("{}: its shard '{}' stands twice", where_, printable(name)));
    }
    const fs::path path = shard_path(name);
    const MemoryMap file(path);
    file_bytes_ += file.bytes().size();
    if (file_bytes_ > kMaxFileBytes) {
      throw Error(fmt::format("{}: its shards have more than {} bytes", where_, kMaxFileBytes));
    }
    if (!is_module_) {
      shards.insert(shards.end(), file.bytes().begin(), file.bytes().end());
      return;
    }
    const std::string json = exported_json(text_of(file.bytes()), path.string());
    const bool is_text = json.size() >= 2 && json.front() == '"';
    const auto decoded =
        is_text ? base64_decoded(std::string_view(json).substr(1, json.size() - 2)) : std::nullopt;
    if (!decoded) throw Error(path.string() + ": exports no base64");
    const auto bytes = std::as_bytes(std::span(*decoded));
    shards.insert(shards.end(), bytes.begin(), bytes.end());
  }

  fs::path shard_path(const std::string& name) const {
    if (!is_module_) return folder_ / name;
    const fs::path minified = folder_ / (name + ".min.js");
    return fs::exists(minified) ? minified : folder_ / (name + ".js");
  }

  static constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

  std::string where_;
  fs::path folder_;
  std::uint64_t file_bytes_;
  bool is_module_ = false;  ///< JavaScript, not JSON
  Json description_;
  std::set<std::string> shards_;  ///< their names
};

}  // namespace

WeightFile read_tensorflow_js(const fs::path& path, std::span<const std::byte> bytes) {
  TensorflowJsModel files(path, bytes);
  const KerasModel model = files.model();
  AllocationBudget budget(files.file_bytes());
  return weights_of(model, budget, "TensorFlow.js", path.string());
}

}  // namespace fathom::weights
