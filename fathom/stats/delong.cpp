#include "fathom/stats/delong.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

/// For every image the share of the other class that it is ahead of (a positive) or behind (a
/// negative), ties counting half.
std::vector<double> placements(std::span<const double> scores, std::span<const int> is_positive,
                               double positives, double negatives) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<double> placed(scores.size());
  double positives_below = 0, negatives_below = 0;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double tied_positives = 0, tied_negatives = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end) {
      (is_positive[order[end]] ? tied_positives : tied_negatives) += 1;
    }
    for (std::size_t k = begin; k < end; ++k) {
      placed[order[k]] = is_positive[order[k]]
                             ? (negatives_below + tied_negatives / 2) / negatives
                             : 1 - (positives_below + tied_positives / 2) / positives;
    }
    positives_below += tied_positives;
    negatives_below += tied_negatives;
  }
  return placed;
}

/// The positives (or the negatives) of a sample: how many, in how many groups.
struct Side {
  double images = 0, groups = 0;

  /// What turns a sum of deviations into an influence; NaN with fewer than two groups.
  double scale() const {
    return groups < 2 ? kUndefined : std::sqrt(groups / (groups - 1)) / images;
  }
};

Side side_of(std::span<const int> is_positive, bool positive, const Groups& groups) {
  Side side;
  std::vector<bool> seen(groups.count);
  for (std::size_t i = 0; i < is_positive.size(); ++i) {
    if ((is_positive[i] != 0) != positive) continue;
    side.images += 1;
    if (!seen[groups.of_image[i]]) side.groups += 1;
    seen[groups.of_image[i]] = true;
  }
  return side;
}

}  // namespace

AucSample auc_sample(std::span<const double> scores, std::span<const int> is_positive,
                     const Groups& groups) {
  FATHOM_CHECK(scores.size() == is_positive.size() && scores.size() == groups.of_image.size());
  const Side positive = side_of(is_positive, true, groups);
  const Side negative = side_of(is_positive, false, groups);
  AucSample sample{kUndefined, std::vector<double>(groups.count, kUndefined)};
  if (positive.images == 0 || negative.images == 0 || any_nan(scores)) return sample;

  const std::vector<double> placed =
      placements(scores, is_positive, positive.images, negative.images);
  double sum = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) sum += is_positive[i] ? placed[i] : 0;
  sample.auc = sum / positive.images;
  if (positive.groups < 2 || negative.groups < 2) return sample;
  std::fill(sample.influence.begin(), sample.influence.end(), 0.0);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const double scale = is_positive[i] ? positive.scale() : negative.scale();
    sample.influence[groups.of_image[i]] += (placed[i] - sample.auc) * scale;
  }
  return sample;
}

AucSample mean_sample(std::span<const AucSample> samples) {
  AucSample mean{0, {}};
  double defined = 0;
  for (const AucSample& sample : samples) {
    if (std::isnan(sample.auc)) continue;
    defined += 1;
    mean.auc += sample.auc;
    mean.influence.resize(sample.influence.size());
    for (std::size_t g = 0; g < sample.influence.size(); ++g) {
      mean.influence[g] += sample.influence[g];
    }
  }
  if (defined == 0) return samples.empty() ? AucSample{kUndefined, {}} : samples.front();
  mean.auc /= defined;
  for (double& value : mean.influence) value /= defined;
  return mean;
}

AucSample overall_auc_sample(const Predictions& predictions, std::size_t positive,
                             const Groups& groups) {
  std::vector<AucSample> of_classes;
  for (std::size_t c = 0; c < predictions.classes; ++c) {
    if (predictions.classes == 2 && c != positive) continue;
    const ClassScores one = class_scores(predictions, c);
    of_classes.push_back(auc_sample(one.scores, one.is_positive, groups));
  }
  return mean_sample(of_classes);
}

double covariance(const AucSample& a, const AucSample& b) {
  FATHOM_CHECK(a.influence.size() == b.influence.size());
  return std::inner_product(a.influence.begin(), a.influence.end(), b.influence.begin(), 0.0);
}

double error_freedom(const AucSample& sample) {
  std::vector<double> parts = sample.influence;
  for (double& part : parts) part *= part;
  return variance_freedom(parts);
}

Interval auc_interval(const AucSample& sample, double confidence) {
  return interval_within({0, 1}, sample.auc, std::sqrt(covariance(sample, sample)),
                         error_freedom(sample), confidence);
}

}  // namespace fathom::stats
