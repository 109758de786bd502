#include "fathom/train/logme.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/stats/scores.h"

namespace fathom::train {
namespace {

/// One class's labels seen in the basis of the features' singular vectors.
struct SpectralTarget {
  double images = 0;
  std::vector<double> spectrum;  ///< eigenvalues of F'F that are not zero
  std::vector<double> energy;    ///< squared length of y along each of their directions
  double outside = 0;            ///< squared length of y that no feature reaches
};

/// What the iteration needs at a ratio t = alpha / beta, on which alone m depends.
struct Sums {
  double gamma = 0, freedom = 0;  ///< freedom: n - gamma, without cancellation
  double residual = 0;            ///< |F m - y|^2
  double weights = 0;             ///< |m|^2
  double log_volume = 0;          ///< ln |A| - D ln alpha
};

Sums sums_at(const SpectralTarget& target, double t) {
  Sums sums;
  sums.freedom = target.images - static_cast<double>(target.spectrum.size());
  sums.residual = target.outside;
  for (std::size_t i = 0; i < target.spectrum.size(); ++i) {
    const double s = target.spectrum[i], shrunk = t / (t + s);
    sums.gamma += s / (t + s);
    sums.freedom += shrunk;
    sums.residual += target.energy[i] * shrunk * shrunk;
    sums.weights += target.energy[i] * s / ((t + s) * (t + s));
    sums.log_volume += std::log1p(s / t);
  }
  return sums;
}

/// The largest log evidence, per image.
double largest_evidence(const SpectralTarget& target) {
  constexpr int kMostSteps = 1000;
  constexpr double kTolerance = 1e-9;
  // Features that explain all or nothing drive the ratio to zero or infinity.
  constexpr double kFarthest = 1e12;
  const double scale = target.spectrum.empty() ? 1 : std::ranges::max(target.spectrum);
  double t = std::clamp(1.0, scale / kFarthest, scale * kFarthest);
  Sums sums = sums_at(target, t);
  for (int step = 0; step < kMostSteps; ++step) {
    const double next = sums.weights > 0
                            ? std::clamp(sums.gamma * sums.residual / (sums.freedom * sums.weights),
                                         scale / kFarthest, scale * kFarthest)
                            : scale * kFarthest;
    const bool converged = std::abs(next - t) <= kTolerance * t;
    t = next;
    sums = sums_at(target, t);
    if (converged) break;
  }
  // At the fixed point beta (residual + t weights) = (n - gamma) + gamma.
  const double n = target.images, beta = n / (sums.residual + t * sums.weights);
  const double evidence =
      n / 2 * (std::log(beta) - std::log(2 * std::numbers::pi) - 1) - sums.log_volume / 2;
  return evidence / n;
}

/// Squared lengths of the columns of `targets` along the left singular vectors of `features`.
struct Spectrum {
  torch::Tensor values;  ///< ascending eigenvalues of F'F, those that are zero left out
  torch::Tensor energy;  ///< of them x columns of targets
};

Spectrum spectrum_of(const torch::Tensor& features, const torch::Tensor& targets) {
  const std::int64_t rows = features.size(0), columns = features.size(1);
  const bool tall = rows >= columns;
  // The smaller of F'F and FF' has all eigenvalues that are not zero.
  const auto [values, vectors] =
      torch::linalg_eigh(tall ? features.t().matmul(features) : features.matmul(features.t()), "L");
  const double rounding = static_cast<double>(std::max(rows, columns)) *
                          std::numeric_limits<double>::epsilon() * values.max().item<double>();
  const torch::Tensor kept = torch::nonzero(values > rounding).squeeze(1);
  const torch::Tensor s = values.index_select(0, kept), basis = vectors.index_select(1, kept);
  const torch::Tensor along = basis.t().matmul(tall ? features.t().matmul(targets) : targets);
  return {s, tall ? along.square() / s.unsqueeze(1) : along.square()};
}

std::vector<double> to_vector(const torch::Tensor& values) {
  const torch::Tensor dense = values.contiguous();
  return {dense.data_ptr<double>(), dense.data_ptr<double>() + dense.numel()};
}

}  // namespace

double logme(const torch::Tensor& features, std::span<const int> labels, std::size_t classes) {
  FATHOM_CHECK(features.dim() == 2 && !labels.empty() &&
               features.size(0) == static_cast<std::int64_t>(labels.size()));
  const torch::NoGradGuard no_grad;
  const torch::Tensor truth =
      torch::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()), torch::kInt64);
  const torch::Tensor targets =
      torch::one_hot(truth, static_cast<std::int64_t>(classes)).to(torch::kFloat64);
  const Spectrum spectrum = spectrum_of(features.to(torch::kFloat64), targets);
  std::vector<double> evidences;
  for (std::size_t c = 0; c < classes; ++c) {
    const auto column = static_cast<std::int64_t>(c);
    const double length = targets.select(1, column).sum().item<double>();  // of y, squared
    if (length == 0) continue;
    SpectralTarget target{.images = static_cast<double>(labels.size()),
                          .spectrum = to_vector(spectrum.values),
                          .energy = to_vector(spectrum.energy.select(1, column))};
    const double reached = spectrum.energy.select(1, column).sum().item<double>();
    target.outside = std::max(0.0, length - reached);
    evidences.push_back(largest_evidence(target));
  }
  return stats::mean_of_defined(evidences);
}

}  // namespace fathom::train
