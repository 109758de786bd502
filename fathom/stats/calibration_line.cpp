#include "fathom/stats/calibration_line.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// ln(1 + e^x), without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// The images of both sides by their logits.
struct Sides {
  std::vector<double> logits;
  std::vector<int> is_positive;
  double positives = 0;

  double images() const { return static_cast<double>(logits.size()); }
  double prior_odds() const { return std::log(positives / (images() - positives)); }
};

Sides sides_of(const Predictions& predictions, std::size_t c) {
  constexpr double kLeast = 1e-15;
  Sides sides;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    double own = 0, others = 0;  // 1 - own would lose the digits of small others
    for (std::size_t k = 0; k < predictions.classes; ++k) {
      (k == c ? own : others) += predictions.probabilities[i * predictions.classes + k];
    }
    sides.logits.push_back(std::log(std::max(own, kLeast) / std::max(others, kLeast)));
    sides.is_positive.push_back(predictions.labels[i] == static_cast<int>(c));
    sides.positives += sides.is_positive.back();
  }
  return sides;
}

/// Where the mean probability is the share of positives: between those intercepts that put every
/// image below it, or above.
double fit_intercept(const Sides& sides) {
  const auto [least, most] = std::ranges::minmax(sides.logits);
  if (least == most) return sides.prior_odds() - least;
  const auto excess = [&](double intercept) {
    double sum = -sides.positives;
    for (const double x : sides.logits) sum += logistic(intercept + x);
    return sum;
  };
  std::uintmax_t steps = 200;
  const auto [low, high] = boost::math::tools::toms748_solve(
      excess, sides.prior_odds() - most, sides.prior_odds() - least,
      boost::math::tools::eps_tolerance<double>(), steps);
  return (low + high) / 2;
}

/// Whether one logit parts the sides, so that ever steeper slopes fit ever better.
bool are_parted(const Sides& sides) {
  double least[2] = {INFINITY, INFINITY}, most[2] = {-INFINITY, -INFINITY};
  for (std::size_t i = 0; i < sides.logits.size(); ++i) {
    const int side = sides.is_positive[i];
    least[side] = std::min(least[side], sides.logits[i]);
    most[side] = std::max(most[side], sides.logits[i]);
  }
  return least[1] >= most[0] || least[0] >= most[1];
}

/// ln odds = intercept + slope x.
struct Line {
  double intercept, slope;

  double odds(double x) const { return intercept + slope * x; }
};

double surprise_of(const Sides& sides, const Line& line) {
  double sum = 0;
  for (std::size_t i = 0; i < sides.logits.size(); ++i) {
    const double odds = line.odds(sides.logits[i]);
    sum += softplus(odds) - (sides.is_positive[i] ? odds : 0);
  }
  return sum;
}

/// Newton's step towards the least surprise.
Line newton_step(const Sides& sides, const Line& line) {
  double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0;
  for (std::size_t i = 0; i < sides.logits.size(); ++i) {
    const double x = sides.logits[i], p = logistic(line.odds(x));
    const double off = sides.is_positive[i] - p, weight = p * (1 - p);
    g0 += off;
    g1 += off * x;
    h00 += weight;
    h01 += weight * x;
    h11 += weight * x * x;
  }
  const double determinant = h00 * h11 - h01 * h01;
  return {(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant};
}

/// Of images that are not parted: the surprise is convex and has one minimum.
double fit_slope(const Sides& sides) {
  Line line{sides.prior_odds(), 0};
  double least = surprise_of(sides, line);
  constexpr int kMostSteps = 100;
  for (int i = 0; i < kMostSteps; ++i) {
    const Line step = newton_step(sides, line);
    double share = 1;
    Line next = line;
    double surprise = INFINITY;
    // Far from the minimum a whole step may lead away from it.
    for (; share > 1e-9 && !(surprise <= least); share /= 2) {
      next = {line.intercept + share * step.intercept, line.slope + share * step.slope};
      surprise = surprise_of(sides, next);
    }
    if (!(surprise <= least)) break;  // rounding allows no further step
    // Steps converge quadratically: the next would change no digit that counts.
    const bool done = std::abs(next.slope - line.slope) <= 1e-9 * std::max(1.0, next.slope);
    line = next;
    least = surprise;
    if (done) break;
  }
  return line.slope;
}

}  // namespace

CalibrationLine calibration_line(const Predictions& predictions, std::size_t c) {
  FATHOM_CHECK(c < predictions.classes);
  CalibrationLine line{kUndefined, kUndefined};
  if (any_nan(predictions.probabilities)) return line;
  const Sides sides = sides_of(predictions, c);
  if (sides.positives == 0 || sides.positives == sides.images()) return line;
  line.intercept = fit_intercept(sides);
  if (!are_parted(sides)) line.slope = fit_slope(sides);
  return line;
}

}  // namespace fathom::stats
