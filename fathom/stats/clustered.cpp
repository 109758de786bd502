#include "fathom/stats/clustered.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

/// How many trials the groups have, and how they are spread over them.
struct Spread {
  double trials = 0, squares = 0;
  std::size_t groups = 0;  ///< with trials

  explicit Spread(const std::vector<Proportion>& of_groups) {
    for (const Proportion& group : of_groups) {
      const auto n = static_cast<double>(group.trials);
      trials += n;
      squares += n * n;
      groups += group.trials > 0 ? 1 : 0;
    }
  }

  /// What all are worth when those of a group end alike.
  double fewest() const { return trials * trials / squares; }
};

double student_quantile(double freedom, double confidence) {
  return student_interval(0, 1, freedom, confidence).high;
}

/// Of a proportion p that is neither 0 nor 1; `parts` of its variance are those of the groups.
double effective_trials(double p, const std::vector<double>& parts, const Spread& spread,
                        double confidence) {
  const double variance = std::accumulate(parts.begin(), parts.end(), 0.0);
  // All groups have the same share: less than chance would spread them.
  if (variance == 0) return spread.trials;
  const double of_images = p * (1 - p) / (spread.trials - 1);
  const double unsure = student_quantile(spread.trials - 1, confidence) /
                        student_quantile(variance_freedom(parts), confidence);
  return std::clamp(spread.trials * of_images / variance * unsure * unsure, spread.fewest(),
                    spread.trials);
}

template <class Found>
ClusteredDecisions decide_by(const Predictions& predictions, std::size_t c, const Groups& groups,
                             Found found) {
  FATHOM_CHECK(c < predictions.classes && groups.of_image.size() == predictions.size());
  ClusteredDecisions made(groups.count);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    made.add(groups.of_image[i], predictions.labels[i] == static_cast<int>(c), found(i));
  }
  return made;
}

}  // namespace

void ClusteredProportion::add(std::uint32_t group, bool hit) {
  ++groups_[group].trials;
  groups_[group].hits += hit ? 1 : 0;
}

Proportion ClusteredProportion::total() const {
  Proportion sum;
  for (const Proportion& group : groups_) {
    sum.hits += group.hits;
    sum.trials += group.trials;
  }
  return sum;
}

Interval ClusteredProportion::interval(double confidence) const {
  const Spread spread(groups_);
  const double p = value();
  const auto groups = static_cast<double>(spread.groups);
  if (groups == spread.trials) return wilson_interval(p, spread.trials, confidence);
  if (spread.groups < kFewestGroups) return {kUndefined, kUndefined};
  if (p == 0 || p == 1) return wilson_interval(p, spread.fewest(), confidence);
  const std::vector<double> influence = sample().influence;
  std::vector<double> parts;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].trials > 0) parts.push_back(influence[g] * influence[g]);
  }
  return wilson_interval(p, effective_trials(p, parts, spread, confidence), confidence);
}

AucSample ClusteredProportion::sample() const {
  const Spread spread(groups_);
  AucSample made{value(), {}};
  const auto groups = static_cast<double>(spread.groups);
  const double scale =
      spread.groups < kFewestGroups ? kUndefined : std::sqrt(groups / (groups - 1)) / spread.trials;
  for (const Proportion& group : groups_) {
    const double expected = made.auc * static_cast<double>(group.trials);
    made.influence.push_back((static_cast<double>(group.hits) - expected) * scale);
  }
  return made;
}

void ClusteredDecisions::add(std::uint32_t group, bool is_positive, bool found) {
  accuracy.add(group, is_positive == found);
  (is_positive ? sensitivity : specificity).add(group, is_positive == found);
  (found ? ppv : npv).add(group, is_positive == found);
}

ClusteredDecisions decide(const Predictions& predictions, std::size_t c, const Groups& groups) {
  return decide_by(predictions, c, groups,
                   [&](std::size_t i) { return predicted_class(predictions, i) == c; });
}

ClusteredDecisions decide(const Predictions& predictions, std::size_t c, const Groups& groups,
                          double threshold) {
  return decide_by(predictions, c, groups, [&](std::size_t i) {
    return predictions.probabilities[i * predictions.classes + c] >= threshold;
  });
}

}  // namespace fathom::stats
