#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

using weights::StateDict;
using weights::TensorData;

/// Tensors that do not fit, by what is wrong with them.
struct Misfits {
  std::vector<std::string> missing, extra, wrong;
  bool none() const { return missing.empty() && extra.empty() && wrong.empty(); }
};

bool is_batch_counter(const std::string& name) {
  return name == "num_batches_tracked" || name.ends_with(".num_batches_tracked");
}

/// Every tensor that the network wants, under its published name.
std::vector<std::pair<std::string, torch::Tensor>> wanted_tensors(const torch::nn::Module& root) {
  std::vector<std::pair<std::string, torch::Tensor>> wanted;
  for (const auto& item : root.named_parameters()) wanted.emplace_back(item.key(), item.value());
  for (const auto& item : root.named_buffers()) wanted.emplace_back(item.key(), item.value());
  return wanted;
}

bool in_published_head(const Architecture& architecture, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot != std::string::npos &&
         std::ranges::find(architecture.published_head, name.substr(0, dot)) !=
             architecture.published_head.end();
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (const std::int64_t size : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  }
  return "[" + text + "]";
}

/// What is wrong with `found` for the place of `wanted`; "" when it fits.
std::string misfit(const torch::Tensor& wanted, const TensorData& found) {
  if (wanted.sizes() != at::IntArrayRef(found.shape)) {
    return "is " + shape_text(found.shape) + ", must be " + shape_text(wanted.sizes());
  }
  const bool is_float = found.dtype == weights::DType::f64 || found.dtype == weights::DType::f32 ||
                        found.dtype == weights::DType::f16 || found.dtype == weights::DType::bf16;
  if (wanted.is_floating_point() != is_float) {
    return is_float ? "holds fractions, must hold whole numbers"
                    : "holds whole numbers, must hold floating-point numbers";
  }
  return "";
}

Misfits compare(const Network& network, const StateDict& tensors) {
  Misfits misfits;
  StateDict left = tensors;
  for (const auto& [name, wanted] : wanted_tensors(network.root())) {
    const auto found = left.find(name);
    if (found == left.end()) {
      if (!is_batch_counter(name)) misfits.missing.push_back(name);
      continue;
    }
    const std::string wrong = misfit(wanted, found->second);
    if (!wrong.empty()) misfits.wrong.push_back(fmt::format("{} {}", name, wrong));
    left.erase(found);
  }
  for (const auto& [name, data] : left) {
    if (!in_published_head(network.architecture(), name)) misfits.extra.push_back(name);
  }
  return misfits;
}

/// "; 7 tensors missing: a, b, c, d, e and 2 more"; "" when there are none.
std::string list_text(const std::string& what, const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  if (names.empty()) return "";
  std::string text = "; " + std::to_string(names.size()) + " " +
                     (names.size() == 1 ? "tensor " : "tensors ") + what + ": ";
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

}  // namespace

void load_weights(Network& network, const StateDict& tensors, const std::string& where) {
  const Misfits misfits = compare(network, tensors);
  if (!misfits.none()) {
    throw Error(where + ": not the weights of " + network.architecture().title +
                list_text("missing", misfits.missing) + list_text("left over", misfits.extra) +
                list_text("of the wrong shape or type", misfits.wrong) +
                "; 'fathom weights inspect' shows what the file holds: choose the architecture it "
                "was made for");
  }
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : wanted_tensors(network.root())) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) continue;
    tensor.copy_(to_tensor(found->second));
    if (found->second.dtype == weights::DType::f64 && !tensor.isfinite().all().item<bool>()) {
      throw Error(
          fmt::format("{}: {} holds numbers beyond the range of 32-bit floats", where, name));
    }
  }
}

Network load_network(const Architecture& architecture, const StateDict& tensors,
                     const std::string& where, const weights::Conventions& conventions) {
  Network network = assemble_network(architecture, std::nullopt, conventions);
  load_weights(network, tensors, where);
  return network;
}

}  // namespace fathom::zoo
