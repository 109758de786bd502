#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "fathom/base/error.h"
#include "fathom/containers/hdf5_file.h"
#include "fathom/weights/array_files.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/keras.h"
#include "fathom/weights/printable.h"
#include "fathom/weights/zip_members.h"

namespace fathom::weights {
namespace {

using containers::FileBytes;
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

/// What Keras 3 calls the variables of a normalization, in the order in which it numbers them.
/// Where no configuration tells, of three the first may be either.
std::vector<std::string> variables_of_norm(const KerasNorm& told, std::size_t count) {
  if (!told.scale || !told.center) {
    if (count == 3) return {kGammaOrBeta, "moving_mean", "moving_variance"};
    if (count == 2) return {"moving_mean", "moving_variance"};
    return {"gamma", "beta", "moving_mean", "moving_variance"};
  }
  std::vector<std::string> names;
  if (*told.scale) names.emplace_back("gamma");
  if (*told.center) names.emplace_back("beta");
  names.insert(names.end(), {"moving_mean", "moving_variance"});
  return names;
}

/// What Keras 3 calls the variables of a layer, in the order in which it numbers them, by the class
/// that ends the layer's place ("layers/conv2d_7"); none of a class that no known network has.
std::vector<std::string> variables_of_class(std::string_view place, std::size_t count,
                                            const KerasNorm& told) {
  std::string_view name = place.substr(place.rfind('/') + 1);
  const std::size_t end = name.find_last_not_of("0123456789");
  if (end + 1 < name.size() && name[end] == '_') name = name.substr(0, end);
  if (name == "depthwise_conv2d") return {"depthwise_kernel", "bias"};
  if (name == "separable_conv2d") return {"depthwise_kernel", "pointwise_kernel", "bias"};
  if (name == "batch_normalization") return variables_of_norm(told, count);
  if (name == "conv2d" || name == "dense") return {"kernel", "bias"};
  return {};
}

/// Reads the lists of a file: which layers there are, and which variables each has.
class KerasFile {
 public:
  /// `norms`: what is said of them beside the file.
  explicit KerasFile(const std::shared_ptr<const FileBytes>& file, KerasNorms norms = {})
      : where_(file->where()), file_(file), model_{.norms = std::move(norms)} {}

  KerasModel model() {
    const std::string group = file_.has("model_weights") ? "model_weights" : "";
    if (const auto names = texts(file_, group, "layer_names")) {
      add_listed(*names, group);
    } else {
      add_layers_of_keras_3();
    }
    return std::move(model_);
  }

 private:
  /// Of Keras 1 and 2, and of Keras 3 in a .h5.
  void add_listed(const std::vector<std::string>& names, const std::string& group) {
    for (const std::string& name : names) {
      add_name(name);
      auto found = variables(group.empty() ? name : fmt::format("{}/{}", group, name), name);
      if (is_model(found, name)) {
        for (KerasLayer& layer : layers_of(std::move(found))) {
          model_.layers.push_back(std::move(layer));
        }
      } else {
        model_.layers.push_back({name, std::move(found)});
      }
    }
    if (file_.has("optimizer_weights")) model_.beside.emplace_back("optimizer");
    if (const auto config = file_.texts("", "model_config"); config && config->size() == 1) {
      model_.norms = norms_of(parse_keras_json(config->front(), where_ + ": model_config"));
    }
  }

  /// A .weights.h5: each layer has its variables by their numbers in PATH/vars, and there its name
  /// (Keras 3.6, saving/saving_lib.py). PATH ends in the layer's class and its number in that.
  void add_layers_of_keras_3() {
    constexpr std::string_view kEnd = "/vars";
    for (const std::string& path : file_.paths()) {
      if (!path.ends_with(kEnd)) continue;
      const auto name = texts(file_, path, "name");
      if (!name || name->size() != 1) continue;
      if (!belongs_to_model(path)) {
        add_beside(path);
        continue;
      }
      std::vector<KerasVariable> variables = numbered_variables(
          path, std::string_view(path).substr(0, path.size() - kEnd.size()), name->front());
      if (variables.empty()) continue;
      // The states of random layers may share a name.
      const bool is_readable =
          std::ranges::any_of(variables, [](const auto& v) { return v.unreadable.empty(); });
      if (is_readable) add_name(name->front());
      model_.layers.push_back({name->front(), std::move(variables)});
    }
    if (model_.layers.empty()) {
      throw Error(where_ +
                  ": neither an attribute 'layer_names' nor named layers with variables: an HDF5 "
                  "file, but not one that Keras saved; of a .weights.h5 from before Keras 3.6, "
                  "save the model again under a name that ends in .h5 alone");
    }
  }

  /// A model that lists its layers has them below "layers"; one that is a class of its own has them
  /// wherever its attributes are, and its optimizer beside them.
  bool belongs_to_model(const std::string& path) const {
    const std::string_view top = std::string_view(path).substr(0, path.find('/'));
    return file_.has("layers") ? top == "layers" : top != "optimizer";
  }

  void add_beside(const std::string& path) {
    if (!file_.has(path + "/0")) return;
    std::string top = path.substr(0, path.find('/'));
    if (model_.beside.empty() || model_.beside.back() != top) {
      model_.beside.push_back(std::move(top));  // paths come in their order
    }
  }

  std::vector<KerasVariable> numbered_variables(const std::string& path, std::string_view place,
                                                const std::string& layer) {
    std::size_t count = 0;
    while (file_.has(fmt::format("{}/{}", path, count))) ++count;
    const std::vector<std::string> known = variables_of_class(place, count, model_.norms[layer]);
    std::vector<KerasVariable> variables;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = i < known.size() ? known[i] : std::to_string(i);
      variables.push_back(
          variable(fmt::format("{}/{}", path, i), fmt::format("{}/{}", layer, name)));
    }
    return variables;
  }

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
      const bool has_layer = name.find('/') != std::string::npos;
      variables.push_back(variable(fmt::format("{}/{}", path, name),
                                   has_layer ? name : fmt::format("{}/{}", layer, name)));
    }
    return variables;
  }

  KerasVariable variable(const std::string& path, const std::string& name) {
    KerasVariable variable{.name = name};
    try {
      const std::shared_ptr<const Hdf5Array> array = file_.array(path);
      const std::string what = fmt::format("{}: variable '{}'", where_, printable(name));
      variable.dtype = hdf5_dtype(array->type(), what);
      variable.shape.assign(array->shape().begin(), array->shape().end());
      variable.scratch_bytes = array->chunk_bytes();
      variable.read = [array] { return array->all(~std::uint64_t{0}); };
    } catch (const Error& error) {
      if (!file_.has(path)) throw;
      variable.unreadable = error.what();
    }
    return variable;
  }

  void add_name(const std::string& layer) {
    if (!layers_.insert(layer).second) fail_twice("layer", layer);
  }

  [[noreturn]] void fail_twice(const char* what, const std::string& name) const {
    throw Error(fmt::format("{}: {} '{}' stands twice", where_, what, printable(name)));
  }

  std::string where_;
  Hdf5File file_;
  KerasModel model_;
  std::set<std::string> layers_;  ///< names that were seen
};

}  // namespace

WeightFile read_keras_hdf5(const std::filesystem::path& path) {
  AllocationBudget budget(std::filesystem::file_size(path));
  return weights_of(KerasFile(std::make_shared<FileBytes>(path)).model(), budget, "Keras HDF5",
                    path.string());
}

WeightFile read_keras_3(const std::shared_ptr<const FileBytes>& weights, std::string_view config,
                        AllocationBudget& budget, const std::string& where) {
  KerasNorms norms = norms_of(parse_keras_json(config, where + ": config.json"));
  return weights_of(KerasFile(weights, std::move(norms)).model(), budget, "Keras archive", where);
}

WeightFile read_keras_archive(const std::shared_ptr<const MemoryMap>& file,
                              const std::string& where) {
  ZipMembers members(file->bytes(), where);
  const ZipMembers::Buffer config = members.read("config.json");
  const auto weights = std::make_shared<FileBytes>(members.read(kKerasWeights),
                                                   fmt::format("{}: {}", where, kKerasWeights));
  const std::string_view text(reinterpret_cast<const char*>(config->data()), config->size());
  return read_keras_3(weights, text, members.budget(), where);
}

}  // namespace fathom::weights
