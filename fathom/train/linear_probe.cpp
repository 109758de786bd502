#include "fathom/train/linear_probe.h"

#include <vector>

#include "fathom/base/error.h"
#include "fathom/train/evaluate.h"

namespace fathom::train {

LinearProbe::LinearProbe(const torch::Tensor& features, std::span<const int> labels,
                         std::size_t classes)
    : classes_(classes),
      mean_(features.to(torch::kFloat64).mean(0)),
      deviation_(features.to(torch::kFloat64).std(0, /*unbiased=*/false)),
      labels_(torch::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()))) {
  FATHOM_CHECK(features.dim() == 2 && classes >= 2 &&
               features.size(0) == static_cast<std::int64_t>(labels.size()));
  deviation_.masked_fill_(deviation_ == 0, 1);  // a constant feature becomes zero
  features_ = standardized(features);
  const std::int64_t rows = classes == 2 ? 1 : static_cast<std::int64_t>(classes);
  weight_ = torch::zeros({rows, features.size(1)}, torch::kFloat64).set_requires_grad(true);
  bias_ = torch::zeros({rows}, torch::kFloat64).set_requires_grad(true);
}

void LinearProbe::fit(double strength) {
  // The gradient's error over the least curvature bounds that of the weights.
  const double tolerance = 1e-5 * strength;
  torch::optim::LBFGS optimizer({weight_, bias_}, torch::optim::LBFGSOptions(1)
                                                      .max_iter(500)
                                                      .tolerance_grad(tolerance)
                                                      .tolerance_change(0)
                                                      .history_size(20)
                                                      .line_search_fn("strong_wolfe"));
  optimizer.step([&] {
    optimizer.zero_grad();
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits(features_), labels_) +
                               strength / 2 * weight_.square().sum();
    loss.backward();
    return loss;
  });
}

stats::Predictions LinearProbe::predict(const torch::Tensor& features,
                                        std::span<const int> labels) const {
  const torch::NoGradGuard no_grad;
  stats::Predictions predictions;
  append_probabilities(predictions, logits(standardized(features)));
  predictions.labels.assign(labels.begin(), labels.end());
  return predictions;
}

torch::Tensor LinearProbe::standardized(const torch::Tensor& features) const {
  return (features.to(torch::kFloat64) - mean_) / deviation_;
}

torch::Tensor LinearProbe::logits(const torch::Tensor& standardized) const {
  const torch::Tensor scores = torch::addmm(bias_, standardized, weight_.t());
  return classes_ == 2 ? torch::cat({torch::zeros_like(scores), scores}, 1) : scores;
}

}  // namespace fathom::train
