#include "fathom/deploy/tuned_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fathom/base/error.h"

namespace fathom::deploy {
namespace {

train::FrozenPrefix backbone_of(const Model& model, train::Precision precision) {
  weights::PretrainedWeights backbone{.card = model.card.weights, .tensors = model.tensors};
  backbone.card.name = model.where;  // what its errors call it
  backbone.tensors.erase(kHeadWeight);
  backbone.tensors.erase(kHeadBias);
  try {
    const auto& architecture = zoo::find_architecture(backbone.card.architecture);
    return {architecture, backbone, precision};
  } catch (const Error& e) {
    const std::string message = e.what();
    throw Error(message.starts_with(model.where) ? message : model.where + ": " + message);
  }
}

torch::Tensor head_tensor(const Model& model, const char* name,
                          const std::vector<std::int64_t>& shape) {
  const auto found = model.tensors.find(name);
  if (found == model.tensors.end()) {
    throw Error(fmt::format("{}: the tensor {} is missing", model.where, name));
  }
  if (found->second.shape != shape || found->second.dtype != weights::DType::f32) {
    throw Error(fmt::format("{}: {} is {} of {}, must be F32 of {} (classes{})", model.where, name,
                            weights::dtype_name(found->second.dtype),
                            fmt::join(found->second.shape, " x "), fmt::join(shape, " x "),
                            shape.size() > 1 ? " x channels" : ""));
  }
  return zoo::to_tensor(found->second);
}

}  // namespace

TunedModel::TunedModel(const Model& model, train::Precision precision)
    : backbone_(backbone_of(model, precision)) {
  const auto classes = static_cast<std::int64_t>(model.card.classes.size());
  weight_ = head_tensor(model, kHeadWeight, {classes, backbone_.feature_channels()});
  bias_ = head_tensor(model, kHeadBias, {classes});
}

torch::Tensor TunedModel::logits(const torch::Tensor& images) const {
  const torch::NoGradGuard no_grad;
  const torch::Tensor top = backbone_.forward(images, 0, backbone_.blocks());
  return torch::nn::functional::linear(train::pooled_features(top), weight_, bias_);
}

}  // namespace fathom::deploy
