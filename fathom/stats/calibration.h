// Whether probabilities mean what they say: reliability, calibration error, temperature scaling.
#pragma once

#include <span>
#include <vector>

#include "fathom/stats/scores.h"

namespace fathom::stats {

/// The images whose stated probability lies in (low, high]; zero belongs to the first bin.
struct ReliabilityBin {
  double low = 0, high = 0;
  std::size_t images = 0;
  double stated = 0;    ///< mean stated probability; NaN of an empty bin
  double observed = 0;  ///< share in which it came true; NaN of an empty bin
};

/// Bins of equal width over 0 to 1 (DeGroot & Fienberg 1983, doi:10.2307/2987588). Probabilities
/// outside, by rounding, count with the nearest bin; NaN is left out.
std::vector<ReliabilityBin> reliability(std::span<const double> stated,
                                        std::span<const int> came_true, std::size_t bins = 15);

/// Expected calibration error: the mean of |stated - observed| over the bins, by images (Naeini,
/// Cooper & Hauskrecht 2015, AAAI). It depends on the bins and is biased upwards in small sets.
/// NaN of no image.
double expected_calibration_error(std::span<const ReliabilityBin> bins);

/// Probability of the predicted class, and whether it is the true one: what the calibration error
/// of several classes is about (Guo et al. 2017, ICML, arXiv:1706.04599).
struct TopLabels {
  std::vector<double> stated;
  std::vector<int> came_true;
};
TopLabels top_labels(const Predictions& predictions);

/// The temperature that minimizes the log loss of with_temperature() on these predictions, which
/// must be validation's (Guo et al. 2017): above 1 the network was too sure. Sought within
/// [kLowestTemperature, kHighestTemperature] to 1e-6 of its size; an end of it when no wrong or no
/// right answer holds it back. NaN of no image, or when a probability is NaN.
inline constexpr double kLowestTemperature = 0.05, kHighestTemperature = 20;
double fit_temperature(const Predictions& predictions);

/// softmax(log p / temperature) of every image: the softmax of the logits over the temperature.
/// Ranking within an image stays; p is taken as at least 1e-15.
Predictions with_temperature(const Predictions& predictions, double temperature);

}  // namespace fathom::stats
