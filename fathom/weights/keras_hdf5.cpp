#include <fmt/format.h>

#include <memory>
#include <set>

#include "fathom/base/error.h"
#include "fathom/containers/hdf5_file.h"
#include "fathom/weights/array_files.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/keras.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

using containers::Hdf5Array;
using containers::Hdf5File;
using containers::Hdf5Type;

/// An attribute that Keras cuts into NAME0, NAME1, ... where it is too long for one.
std::optional<std::vector<std::string>> texts(Hdf5File& file, const std::string& path,
                                              const std::string& name) {
  if (auto whole = file.texts(path, name)) return whole;
  std::optional<std::vector<std::string>> all;
  for (int piece = 0;; ++piece) {
    const auto more = file.texts(path, fmt::format("{}{}", name, piece));
    if (!more) return all;
    if (!all) all.emplace();
    all->insert(all->end(), more->begin(), more->end());
  }
}

DType hdf5_dtype(const Hdf5Type& type, const std::string& what) {
  switch (type.bytes) {
    case 4:
      if (type.kind == Hdf5Type::Kind::floating) return DType::f32;
      if (type.kind == Hdf5Type::Kind::whole_signed) return DType::i32;
      break;
    case 8:
      if (type.kind == Hdf5Type::Kind::floating) return DType::f64;
      if (type.kind == Hdf5Type::Kind::whole_signed) return DType::i64;
      break;
    case 2:
      if (type.kind == Hdf5Type::Kind::floating) return DType::f16;
      break;
    default:
      if (type.kind == Hdf5Type::Kind::whole) return DType::u8;
  }
  throw Error(fmt::format("{}: whole numbers of {} bytes are not read", what, type.bytes));
}

/// Whether a layer is a whole model: then its variables are called by the layers in it, and none by
/// the layer itself.
bool is_model(const std::vector<KerasVariable>& variables, const std::string& layer) {
  std::set<std::string> owners;
  for (const KerasVariable& variable : variables) {
    owners.insert(variable.name.substr(0, variable.name.rfind('/')));
  }
  return owners.size() > 1 && !owners.contains(layer);
}

/// Reads the lists of a file: which layers there are, and which variables each has.
class KerasFile {
 public:
  explicit KerasFile(const std::filesystem::path& path) : where_(path.string()), file_(path) {}

  KerasModel model() {
    const std::string group = file_.has("model_weights") ? "model_weights" : "";
    const auto names = texts(file_, group, "layer_names");
    if (!names) {
      throw Error(where_ +
                  ": no attribute 'layer_names': an HDF5 file, but not one that Keras 1 or 2 "
                  "saved; of Keras 3's .weights.h5, save the model again under a name that ends "
                  "in .h5 alone");
    }
    KerasModel model;
    std::set<std::string> seen;
    for (const std::string& name : *names) {
      if (!seen.insert(name).second) fail_twice("layer", name);
      auto found = variables(group.empty() ? name : fmt::format("{}/{}", group, name), name);
      if (is_model(found, name)) {
        for (KerasLayer& layer : layers_of(std::move(found))) {
          model.layers.push_back(std::move(layer));
        }
      } else {
        model.layers.push_back({name, std::move(found)});
      }
    }
    if (const auto config = file_.texts("", "model_config"); config && config->size() == 1) {
      model.epsilons = epsilons_of(parse_keras_json(config->front(), where_ + ": model_config"));
    }
    return model;
  }

 private:
  std::vector<KerasVariable> variables(const std::string& path, const std::string& layer) {
    if (!file_.has(path)) {
      throw Error(fmt::format("{}: layer '{}' has no group", where_, printable(layer)));
    }
    const auto names = texts(file_, path, "weight_names");
    if (!names) {
      throw Error(
          fmt::format("{}: layer '{}' has no attribute 'weight_names'", where_, printable(layer)));
    }
    std::vector<KerasVariable> variables;
    std::set<std::string> seen;
    for (const std::string& name : *names) {
      if (!seen.insert(name).second) fail_twice("variable", name);
      const std::shared_ptr<const Hdf5Array> array = file_.array(fmt::format("{}/{}", path, name));
      const std::string what = fmt::format("{}: variable '{}'", where_, printable(name));
      const bool has_layer = name.find('/') != std::string::npos;
      KerasVariable variable{.name = has_layer ? name : fmt::format("{}/{}", layer, name),
                             .dtype = hdf5_dtype(array->type(), what)};
      variable.shape.assign(array->shape().begin(), array->shape().end());
      variable.read = [array] { return array->all(~std::uint64_t{0}); };
      variables.push_back(std::move(variable));
    }
    return variables;
  }

  [[noreturn]] void fail_twice(const char* what, const std::string& name) const {
    throw Error(fmt::format("{}: {} '{}' stands twice", where_, what, printable(name)));
  }

  std::string where_;
  Hdf5File file_;
};

}  // namespace

WeightFile read_keras_hdf5(const std::filesystem::path& path) {
  AllocationBudget budget(std::filesystem::file_size(path));
  return weights_of(KerasFile(path).model(), budget, "Keras HDF5", path.string());
}

}  // namespace fathom::weights
