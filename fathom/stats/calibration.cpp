#include "fathom/stats/calibration.h"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

constexpr double kLeastProbability = 1e-15;

/// ln of the probabilities of one image, which are its logits up to a constant.
std::vector<double> logits_of(const Predictions& predictions, std::size_t image) {
  std::vector<double> logits(predictions.classes);
  for (std::size_t c = 0; c < predictions.classes; ++c) {
    logits[c] = std::log(
        std::max(predictions.probabilities[image * predictions.classes + c], kLeastProbability));
  }
  return logits;
}

/// Softmax of the logits over the temperature, in place.
void soften(std::vector<double>& logits, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (double& value : logits) sum += value = std::exp((value - largest) / temperature);
  for (double& value : logits) value /= sum;
}

/// -ln of the probability of the true class after scaling.
double surprise(const std::vector<double>& logits, std::size_t truth, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double value : logits) sum += std::exp((value - largest) / temperature);
  return std::log(sum) - (logits[truth] - largest) / temperature;
}

}  // namespace

std::vector<ReliabilityBin> reliability(std::span<const double> stated,
                                        std::span<const int> came_true, std::size_t bins) {
  FATHOM_CHECK(stated.size() == came_true.size() && bins > 0);
  const auto width = 1 / static_cast<double>(bins);
  std::vector<ReliabilityBin> made(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    made[b].low = static_cast<double>(b) * width;
    made[b].high = b + 1 == bins ? 1 : static_cast<double>(b + 1) * width;
  }
  for (std::size_t i = 0; i < stated.size(); ++i) {
    if (std::isnan(stated[i])) continue;
    // The edges decide, not a division, so that an edge falls where the bins say.
    const auto bin = std::lower_bound(
        made.begin(), std::prev(made.end()), stated[i],
        [](const ReliabilityBin& candidate, double p) { return candidate.high < p; });
    ++bin->images;
    bin->stated += stated[i];
    bin->observed += came_true[i] ? 1 : 0;
  }
  for (ReliabilityBin& bin : made) {
    bin.stated = bin.images == 0 ? kUndefined : bin.stated / static_cast<double>(bin.images);
    bin.observed = bin.images == 0 ? kUndefined : bin.observed / static_cast<double>(bin.images);
  }
  return made;
}

double expected_calibration_error(std::span<const ReliabilityBin> bins) {
  double sum = 0, images = 0;
  for (const ReliabilityBin& bin : bins) {
    if (bin.images == 0) continue;
    sum += static_cast<double>(bin.images) * std::abs(bin.stated - bin.observed);
    images += static_cast<double>(bin.images);
  }
  return images == 0 ? kUndefined : sum / images;
}

TopLabels top_labels(const Predictions& predictions) {
  TopLabels made;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double* row = &predictions.probabilities[i * predictions.classes];
    const double* largest = std::max_element(row, row + predictions.classes);
    made.stated.push_back(*largest);
    made.came_true.push_back(largest - row == predictions.labels[i]);
  }
  return made;
}

double fit_temperature(const Predictions& predictions) {
  if (predictions.size() == 0 || any_nan(predictions.probabilities)) return kUndefined;
  std::vector<std::vector<double>> logits;
  for (std::size_t i = 0; i < predictions.size(); ++i) logits.push_back(logits_of(predictions, i));
  // Convex in 1 / temperature, so of one minimum in its logarithm too.
  const auto loss = [&](double log_temperature) {
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      sum += surprise(logits[i], static_cast<std::size_t>(predictions.labels[i]),
                      std::exp(log_temperature));
    }
    return sum;
  };
  constexpr int kBits = 26;  // half the digits of a double: a minimum shows no more
  const auto [best, lowest] = boost::math::tools::brent_find_minima(
      loss, std::log(kLowestTemperature), std::log(kHighestTemperature), kBits);
  return std::exp(best);
}

Predictions with_temperature(const Predictions& predictions, double temperature) {
  FATHOM_CHECK(temperature > 0);
  Predictions scaled = predictions;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    std::vector<double> row = logits_of(predictions, i);
    soften(row, temperature);
    std::copy(row.begin(), row.end(),
              scaled.probabilities.begin() + static_cast<std::ptrdiff_t>(i * predictions.classes));
  }
  return scaled;
}

}  // namespace fathom::stats
