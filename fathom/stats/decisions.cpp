#include "fathom/stats/decisions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

/// Sums over the rows and columns of a confusion matrix, as real numbers.
struct Margins {
  double images = 0, hits = 0;
  std::vector<double> truths, predicted;

  explicit Margins(const ConfusionMatrix& confusion)
      : truths(confusion.classes), predicted(confusion.classes) {
    for (std::size_t t = 0; t < confusion.classes; ++t) {
      for (std::size_t p = 0; p < confusion.classes; ++p) {
        const auto count = static_cast<double>(confusion.at(t, p));
        truths[t] += count;
        predicted[p] += count;
        images += count;
        if (t == p) hits += count;
      }
    }
  }
};

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Calls visit(positives, negatives, score) at every distinct score, high to low, with the counts
/// at or above it, until it returns false.
template <class Visit>
void walk_thresholds(const std::vector<TiedGroup>& groups, Visit visit) {
  std::size_t positives = 0, negatives = 0;
  for (const TiedGroup& group : groups) {
    positives += group.positives;
    negatives += group.negatives;
    if (!visit(static_cast<double>(positives), static_cast<double>(negatives), group.score)) return;
  }
}

}  // namespace

Proportion Decisions::sensitivity() const {
  return {true_positives, true_positives + false_negatives};
}
Proportion Decisions::specificity() const {
  return {true_negatives, true_negatives + false_positives};
}
Proportion Decisions::ppv() const { return {true_positives, true_positives + false_positives}; }
Proportion Decisions::npv() const { return {true_negatives, true_negatives + false_negatives}; }

double Decisions::f1() const {
  return Proportion{2 * true_positives, 2 * true_positives + false_positives + false_negatives}
      .value();
}

Decisions one_vs_rest(const ConfusionMatrix& confusion, std::size_t positive) {
  FATHOM_CHECK(positive < confusion.classes);
  Decisions made;
  for (std::size_t t = 0; t < confusion.classes; ++t) {
    for (std::size_t p = 0; p < confusion.classes; ++p) {
      std::size_t& cell = t == positive
                              ? (p == positive ? made.true_positives : made.false_negatives)
                              : (p == positive ? made.false_positives : made.true_negatives);
      cell += confusion.at(t, p);
    }
  }
  return made;
}

double average_precision(std::span<const double> scores, std::span<const int> is_positive) {
  if (any_nan(scores)) return kUndefined;
  const std::vector<TiedGroup> groups = tied_groups(scores, is_positive);
  const auto all = static_cast<double>(total_of(groups).positives);
  if (all == 0) return kUndefined;
  double sum = 0, before = 0;
  walk_thresholds(groups, [&](double positives, double negatives, double) {
    sum += (positives - before) / all * positives / (positives + negatives);
    before = positives;
    return true;
  });
  return sum;
}

std::size_t most_false_positives(std::size_t negatives, double specificity) {
  FATHOM_CHECK(specificity >= 0 && specificity <= 1);
  const auto all = static_cast<double>(negatives);
  auto found = static_cast<std::size_t>(all * (1 - specificity));
  // Rounding may be one off: what counts is the specificity itself, compared as it would be shown.
  if (found < negatives && (all - static_cast<double>(found + 1)) / all >= specificity) ++found;
  if (found > 0 && (all - static_cast<double>(found)) / all < specificity) --found;
  return found;
}

double sensitivity_at_specificity(std::span<const double> scores, std::span<const int> is_positive,
                                  double specificity) {
  if (any_nan(scores)) return kUndefined;
  const std::vector<TiedGroup> groups = tied_groups(scores, is_positive);
  const TiedGroup total = total_of(groups);
  if (total.positives == 0 || total.negatives == 0) return kUndefined;
  const auto most = static_cast<double>(most_false_positives(total.negatives, specificity));
  double found = 0;
  walk_thresholds(groups, [&](double positives, double negatives, double) {
    if (negatives > most) return false;
    found = positives;
    return true;
  });
  return found / static_cast<double>(total.positives);
}

double youden_threshold(std::span<const double> scores, std::span<const int> is_positive) {
  if (any_nan(scores)) return kUndefined;
  const std::vector<TiedGroup> groups = tied_groups(scores, is_positive);
  const TiedGroup total = total_of(groups);
  if (total.positives == 0 || total.negatives == 0) return kUndefined;
  // Multiplied by both totals, the index is a whole number: equal ones compare as equal.
  double best = -std::numeric_limits<double>::infinity(), threshold = kUndefined;
  walk_thresholds(groups, [&](double positives, double negatives, double score) {
    const double index = positives * static_cast<double>(total.negatives) -
                         negatives * static_cast<double>(total.positives);
    if (index > best) {
      best = index;
      threshold = score;
    }
    return true;
  });
  return threshold;
}

double matthews_correlation(const ConfusionMatrix& confusion) {
  const Margins m(confusion);
  const double spread_of_truths = m.images * m.images - product(m.truths, m.truths);
  const double spread_of_predicted = m.images * m.images - product(m.predicted, m.predicted);
  if (spread_of_truths == 0 || spread_of_predicted == 0) return kUndefined;
  return (m.hits * m.images - product(m.truths, m.predicted)) /
         std::sqrt(spread_of_truths * spread_of_predicted);
}

double cohen_kappa(const ConfusionMatrix& confusion) {
  const Margins m(confusion);
  const double by_chance = product(m.truths, m.predicted);
  if (by_chance == m.images * m.images) return kUndefined;
  return (m.hits * m.images - by_chance) / (m.images * m.images - by_chance);
}

double brier_score_of(const Predictions& predictions, std::size_t i) {
  double sum = 0;
  for (std::size_t c = 0; c < predictions.classes; ++c) {
    const double truth = predictions.labels[i] == static_cast<int>(c) ? 1 : 0;
    const double off = predictions.probabilities[i * predictions.classes + c] - truth;
    sum += off * off;
  }
  return sum;
}

double brier_score(const Predictions& predictions) {
  if (predictions.size() == 0) return kUndefined;
  double sum = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) sum += brier_score_of(predictions, i);
  return sum / static_cast<double>(predictions.size());
}

}  // namespace fathom::stats
