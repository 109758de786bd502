#include "fathom/weights/keras.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <set>

#include "fathom/base/error.h"
#include "fathom/containers/array_order.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/keras_networks.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

enum class Role { kernel, depthwise, pointwise, bias, gamma, beta, gamma_or_beta, mean, variance };

/// How variables are called; Keras 1 had other names (what it calls running_std is the variance).
/// A name that ends in another's stands before it.
constexpr std::array<std::pair<std::string_view, Role>, 14> kRoles{
    {{kGammaOrBeta, Role::gamma_or_beta},
     {"depthwise_kernel", Role::depthwise},
     {"pointwise_kernel", Role::pointwise},
     {"moving_mean", Role::mean},
     {"moving_variance", Role::variance},
     {"running_mean", Role::mean},
     {"running_std", Role::variance},
     {"kernel", Role::kernel},
     {"gamma", Role::gamma},
     {"beta", Role::beta},
     {"bias", Role::bias},
     {"W", Role::kernel},
     {"b", Role::bias},
     {"w", Role::kernel}}};

/// Without what TensorFlow adds: "conv1/conv1_W_1:0" is "conv1_W".
std::string_view plain_name(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  name = name.substr(0, name.find(':'));
  const std::size_t end = name.find_last_not_of("0123456789");
  const bool is_counted =
      end != std::string_view::npos && end > 0 && end + 1 < name.size() && name[end] == '_';
  return is_counted ? name.substr(0, end) : name;
}

/// By its name, else by its shape: older files hold names such as "uniform1".
std::optional<Role> role_of(const KerasVariable& variable) {
  const std::string_view name = plain_name(variable.name);
  for (const auto& [ending, role] : kRoles) {
    if (name == ending || name.ends_with("_" + std::string(ending))) return role;
  }
  if (variable.shape.size() == 4) return Role::kernel;
  return variable.shape.size() == 1 ? std::optional(Role::bias) : std::nullopt;
}

std::string underscored(std::string name) {
  std::ranges::replace(name, '/', '_');
  return name;
}

using Layers = std::map<std::string, const KerasLayer*>;

/// Adds the layers that Keras numbered, NAME and NAME_1, NAME_2, ..., by their rank: "KIND#1".
void add_numbered(const std::string& name, const std::string& kind, const KerasModel& model,
                  Layers& layers) {
  std::map<unsigned, const KerasLayer*> numbered;
  for (const KerasLayer& layer : model.layers) {
    if (!layer.name.starts_with(name)) continue;
    const std::string_view rest = std::string_view(layer.name).substr(name.size());
    unsigned number = 0;
    if (!rest.empty()) {
      const char* end = rest.data() + rest.size();
      const auto [stopped, error] = std::from_chars(rest.data() + 1, end, number);
      if (rest[0] != '_' || error != std::errc() || stopped != end) continue;
    }
    numbered[number] = &layer;
  }
  int rank = 0;
  for (const auto& [number, layer] : numbered) layers[fmt::format("{}#{}", kind, ++rank)] = layer;
}

Layers layers_by_name(const KerasModel& model) {
  Layers layers;
  for (const KerasLayer& layer : model.layers) layers[underscored(layer.name)] = &layer;
  // As Keras 1 and as later ones call them.
  for (const char* name : {"convolution2d", "conv2d"}) {
    add_numbered(name, "conv2d", model, layers);
  }
  for (const char* name : {"batchnormalization", "batch_normalization"}) {
    add_numbered(name, "batch_normalization", model, layers);
  }
  return layers;
}

/// The largest network all of whose layers are there, or null.
const KerasNetwork* find_network(const Layers& layers) {
  const KerasNetwork* found = nullptr;
  for (const KerasNetwork& network : keras_networks()) {
    const bool fits = std::ranges::all_of(
        network.parts, [&](const KerasPart& part) { return layers.contains(part.layer); });
    if (fits && (found == nullptr || network.parts.size() > found->parts.size())) {
      found = &network;
    }
  }
  return found;
}

TensorData keras_tensor(std::vector<std::int64_t> shape, std::vector<std::uint8_t> values) {
  auto owner = std::make_shared<std::vector<std::uint8_t>>(std::move(values));
  return {DType::f32, std::move(shape), std::as_bytes(std::span(*owner)), owner};
}

std::vector<float> floats_of(const TensorData& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
  return values;
}

TensorData tensor_of_floats(const std::vector<float>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return keras_tensor({static_cast<std::int64_t>(values.size())}, std::move(bytes));
}

std::vector<std::uint8_t> read_within(AllocationBudget& budget, const KerasVariable& variable,
                                      const std::string& where) {
  const std::string what = fmt::format("{}: variable '{}'", where, printable(variable.name));
  budget.take(checked_byte_count(variable.dtype, variable.shape, what), what);
  budget.take(variable.scratch_bytes, what);
  return variable.read();
}

/// The tensors of one network, layer after layer.
class Translation {
 public:
  Translation(const KerasNetwork& network, const Layers& layers, AllocationBudget& budget,
              const std::string& where)
      : network_(network), layers_(layers), budget_(budget), where_(where) {}

  StateDict run() {
    for (const KerasPart& part : network_.parts) add(part);
    for (const auto& [module, bias] : moved_) subtract(module + ".running_mean", bias);
    return std::move(tensors_);
  }

 private:
  using Variables = std::map<Role, const KerasVariable*>;

  void add(const KerasPart& part) {
    const KerasLayer& layer = *layers_.at(part.layer);
    layer_ = layer.name;
    Variables variables;
    for (const KerasVariable& variable : layer.variables) {
      const std::optional<Role> role = role_of(variable);
      if (!role) fail(variable, "is none that such a layer has");
      if (!variables.emplace(*role, &variable).second) fail(variable, "stands twice");
    }
    if (variables.contains(Role::mean) || variables.contains(Role::variance)) {
      add_norm(part, variables);
    } else {
      add_conv(part, variables);
    }
  }

  void add_conv(const KerasPart& part, Variables& variables) {
    const Role role = variables.contains(Role::depthwise) ? Role::depthwise : Role::kernel;
    add_kernel(part.module, take(variables, role, "kernel", 4), part.is_depthwise);
    if (!part.pointwise.empty()) {
      add_kernel(part.pointwise, take(variables, Role::pointwise, "pointwise_kernel", 4), false);
    }
    if (variables.contains(Role::bias)) {
      TensorData bias = vector(take(variables, Role::bias, "bias", 1));
      if (part.bias_into.empty()) {
        tensors_[part.module + ".bias"] = std::move(bias);
      } else {
        moved_[part.bias_into] = floats_of(bias);
      }
    }
    refuse_others(variables);
  }

  /// HWIO becomes OIHW; in a depthwise kernel, HWIM, each input channel has M outputs of its own.
  void add_kernel(const std::string& module, const KerasVariable& kernel, bool is_depthwise) {
    const std::vector<std::size_t> axes =
        is_depthwise ? std::vector<std::size_t>{2, 3, 0, 1} : std::vector<std::size_t>{3, 2, 0, 1};
    std::vector<std::int64_t> shape;
    for (const std::size_t axis : axes) shape.push_back(kernel.shape[axis]);
    if (is_depthwise) shape = {shape[0] * shape[1], 1, shape[2], shape[3]};
    const std::vector<std::uint64_t> stored(kernel.shape.begin(), kernel.shape.end());
    tensors_[module + ".weight"] = keras_tensor(
        std::move(shape), containers::transposed(read(kernel), sizeof(float), stored, axes));
  }

  /// gamma and beta may be left out: they are 1 and 0 then.
  void add_norm(const KerasPart& part, Variables& variables) {
    if (const auto either = variables.extract(Role::gamma_or_beta)) {
      if (network_.has_gamma) {
        fail(*either.mapped(),
             "is its gamma or its beta, and nothing in the file says which of them was left out; "
             "save the whole model as .keras, whose configuration does");
      }
      variables[Role::beta] = either.mapped();
    }
    const TensorData mean = vector(take(variables, Role::mean, "moving_mean", 1));
    const auto size = static_cast<std::size_t>(mean.elements());
    const auto vector_or = [&](Role role, const char* name, float value) {
      if (!variables.contains(role)) return tensor_of_floats(std::vector<float>(size, value));
      return vector(take(variables, role, name, 1));
    };
    tensors_[part.module + ".weight"] = vector_or(Role::gamma, "gamma", 1);
    tensors_[part.module + ".bias"] = vector_or(Role::beta, "beta", 0);
    tensors_[part.module + ".running_mean"] = mean;
    tensors_[part.module + ".running_var"] =
        vector(take(variables, Role::variance, "moving_variance", 1));
    refuse_others(variables);
  }

  const KerasVariable& take(Variables& variables, Role role, const char* name, std::size_t rank) {
    const auto found = variables.find(role);
    if (found == variables.end()) {
      throw Error(fmt::format("{}: layer '{}' has no {}", where_, printable(layer_), name));
    }
    const KerasVariable& variable = *found->second;
    variables.erase(found);
    if (!variable.unreadable.empty()) throw Error(variable.unreadable);
    if (variable.shape.size() != rank) {
      fail(variable, fmt::format("has {} dimensions, must have {}", variable.shape.size(), rank));
    }
    return variable;
  }

  void refuse_others(const Variables& variables) const {
    if (!variables.empty()) fail(*variables.begin()->second, "is none that such a layer has");
  }

  TensorData vector(const KerasVariable& variable) {
    return keras_tensor(variable.shape, read(variable));
  }

  std::vector<std::uint8_t> read(const KerasVariable& variable) {
    if (variable.dtype != DType::f32) {
      fail(variable,
           fmt::format("is of {}; numbers of F32 are needed", dtype_name(variable.dtype)));
    }
    return read_within(budget_, variable, where_);
  }

  void subtract(const std::string& name, const std::vector<float>& bias) {
    std::vector<float> mean = floats_of(tensors_.at(name));
    if (mean.size() != bias.size()) {
      throw Error(fmt::format("{}: a bias of {} numbers before a normalization of {}", where_,
                              bias.size(), mean.size()));
    }
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] -= bias[i];
    tensors_[name] = tensor_of_floats(mean);
  }

  [[noreturn]] void fail(const KerasVariable& variable, const std::string& reason) const {
    throw Error(fmt::format("{}: variable '{}' of layer '{}' {}", where_, printable(variable.name),
                            printable(layer_), reason));
  }

  const KerasNetwork& network_;
  const Layers& layers_;
  AllocationBudget& budget_;
  const std::string& where_;
  std::string layer_;  ///< that is translated, for errors
  StateDict tensors_;
  std::map<std::string, std::vector<float>> moved_;  ///< biases, by normalization
};

bool has_kernel_of_positions(const KerasLayer& layer) {
  return std::ranges::any_of(layer.variables, [](const auto& v) { return v.shape.size() > 2; });
}

/// What is above the backbone and beside it; any layer that looks at positions there is another
/// network's.
std::vector<std::string> left_out_of(const KerasModel& model, const KerasNetwork& network,
                                     const Layers& layers, const std::string& where) {
  std::set<const KerasLayer*> backbone;
  for (const KerasPart& part : network.parts) backbone.insert(layers.at(part.layer));
  std::vector<std::string> names;
  for (const KerasLayer& layer : model.layers) {
    if (layer.variables.empty() || backbone.contains(&layer)) continue;
    const bool is_head = std::ranges::find(network.head, layer.name) != network.head.end();
    if (has_kernel_of_positions(layer) && !is_head) {
      throw Error(
          fmt::format("{}: it has all layers of {}, and a layer '{}' beside them that {} has not: "
                      "another network",
                      where, network.title, printable(layer.name), network.title));
    }
    names.push_back(printable(layer.name));
  }
  for (const std::string& name : model.beside) names.push_back(printable(name));
  return names;
}

/// What the configuration says, else what keras.applications has.
Conventions conventions_of(const KerasModel& model, const KerasNetwork& network,
                           const Layers& layers, const std::string& where) {
  std::set<double> told;
  for (const KerasPart& part : network.parts) {
    const auto found = model.norms.find(layers.at(part.layer)->name);
    if (found != model.norms.end() && found->second.epsilon) told.insert(*found->second.epsilon);
  }
  Conventions conventions = network.conventions;
  if (told.empty()) return conventions;
  constexpr double kLargest = 1;
  if (told.size() > 1 || !(*told.begin() > 0 && *told.begin() <= kLargest)) {
    throw Error(fmt::format(
        "{}: its normalization layers have an epsilon of {}; one for all, above 0, is needed",
        where, fmt::join(told, " and ")));
  }
  conventions.norm_epsilon = *told.begin();
  return conventions;
}

/// Every variable that can be read; at least one must be.
WeightFile as_they_are(const KerasModel& model, AllocationBudget& budget,
                       const std::string& where) {
  WeightFile file;
  std::string unreadable;  ///< why the first is
  std::vector<std::string> left_out;
  for (const KerasLayer& layer : model.layers) {
    for (const KerasVariable& variable : layer.variables) {
      if (!variable.unreadable.empty()) {
        if (left_out.empty()) unreadable = variable.unreadable;
        left_out.push_back(printable(variable.name));
        continue;
      }
      TensorData tensor = keras_tensor(variable.shape, read_within(budget, variable, where));
      tensor.dtype = variable.dtype;
      if (!file.tensors.emplace(variable.name, std::move(tensor)).second) {
        throw Error(fmt::format("{}: variable '{}' stands twice", where, printable(variable.name)));
      }
    }
  }
  if (file.tensors.empty() && !left_out.empty()) throw Error(unreadable);
  for (const std::string& name : model.beside) left_out.push_back(printable(name));
  if (!left_out.empty()) file.metadata["left out"] = fmt::format("{}", fmt::join(left_out, ", "));
  return file;
}

}  // namespace

std::vector<KerasLayer> layers_of(std::vector<KerasVariable> variables) {
  std::vector<KerasLayer> layers;
  std::map<std::string, std::size_t> places;
  for (KerasVariable& variable : variables) {
    const std::size_t slash = variable.name.rfind('/');
    std::string layer = variable.name.substr(0, slash == std::string::npos ? 0 : slash);
    const auto [place, is_new] = places.emplace(std::move(layer), layers.size());
    if (is_new) layers.push_back({.name = place->first});
    layers[place->second].variables.push_back(std::move(variable));
  }
  return layers;
}

WeightFile weights_of(const KerasModel& model, AllocationBudget& budget, const std::string& format,
                      const std::string& where) {
  const Layers layers = layers_by_name(model);
  const KerasNetwork* network = find_network(layers);
  WeightFile file;
  if (network == nullptr) {
    file = as_they_are(model, budget, where);
  } else {
    const std::vector<std::string> left_out = left_out_of(model, *network, layers, where);
    file.metadata["keras"] = left_out.empty() ? network->title
                                              : fmt::format("{}; left out: {}", network->title,
                                                            fmt::join(left_out, ", "));
    file.architecture = network->architecture;
    file.conventions = conventions_of(model, *network, layers, where);
    file.tensors = Translation(*network, layers, budget, where).run();
  }
  file.format = format;
  return file;
}

}  // namespace fathom::weights
