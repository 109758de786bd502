#include "fathom/stats/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? kUndefined : static_cast<double>(part) / static_cast<double>(whole);
}

double mean_log_loss(const Predictions& predictions) {
  double sum = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) sum += log_loss_of(predictions, i);
  return predictions.size() == 0 ? kUndefined : sum / static_cast<double>(predictions.size());
}

/// Fills the figures per class that follow from the confusion matrix.
void score_classes(Scores& scores, std::size_t images) {
  const ConfusionMatrix& confusion = scores.confusion;
  for (std::size_t c = 0; c < confusion.classes; ++c) {
    const std::size_t hits = confusion.at(c, c);
    std::size_t truths = 0, predicted = 0;
    for (std::size_t other = 0; other < confusion.classes; ++other) {
      truths += confusion.at(c, other);
      predicted += confusion.at(other, c);
    }
    const std::size_t rejected_rightly = images + hits - truths - predicted;
    scores.class_sensitivity.push_back(ratio(hits, truths));
    scores.class_specificity.push_back(ratio(rejected_rightly, images - truths));
    scores.class_f1.push_back(ratio(2 * hits, truths + predicted));
  }
}

}  // namespace

ClassScores class_scores(const Predictions& predictions, std::size_t c) {
  ClassScores one;
  one.scores.reserve(predictions.size());
  one.is_positive.reserve(predictions.size());
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    one.scores.push_back(predictions.probabilities[i * predictions.classes + c]);
    one.is_positive.push_back(predictions.labels[i] == static_cast<int>(c));
  }
  return one;
}

double log_loss_of(const Predictions& predictions, std::size_t i) {
  const auto truth = static_cast<std::size_t>(predictions.labels[i]);
  const double p = predictions.probabilities[i * predictions.classes + truth];
  return -std::log(std::clamp(p, 1e-15, 1.0));
}

double mean_of_defined(std::span<const double> values) {
  double sum = 0;
  std::size_t defined = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++defined;
  }
  return defined == 0 ? kUndefined : sum / static_cast<double>(defined);
}

double auc(std::span<const double> scores, std::span<const int> is_positive) {
  if (any_nan(scores)) return kUndefined;
  const std::vector<TiedGroup> groups = tied_groups(scores, is_positive);
  // Twice the number of pairs won, so that a tie (half a pair) stays a whole number.
  std::size_t doubled_wins = 0, positives_above = 0;
  for (const TiedGroup& group : groups) {
    doubled_wins += group.negatives * (2 * positives_above + group.positives);
    positives_above += group.positives;
  }
  const TiedGroup total = total_of(groups);
  return ratio(doubled_wins, 2 * total.positives * total.negatives);
}

std::vector<RocPoint> roc_curve(std::span<const double> scores, std::span<const int> is_positive) {
  if (any_nan(scores)) return {};
  const std::vector<TiedGroup> groups = tied_groups(scores, is_positive);
  const TiedGroup total = total_of(groups);
  if (total.positives == 0 || total.negatives == 0) return {};

  std::vector<RocPoint> points{{0, 0, std::numeric_limits<double>::infinity()}};
  std::size_t positives = 0, negatives = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    positives += groups[g].positives;
    negatives += groups[g].negatives;
    // The step into this group and the step out of it have one direction: no corner.
    if (g + 1 < groups.size() && groups[g].positives * groups[g + 1].negatives ==
                                     groups[g + 1].positives * groups[g].negatives) {
      continue;
    }
    points.push_back(
        {ratio(negatives, total.negatives), ratio(positives, total.positives), groups[g].score});
  }
  return points;
}

std::size_t predicted_class(const Predictions& predictions, std::size_t i) {
  const auto row =
      std::span(predictions.probabilities).subspan(i * predictions.classes, predictions.classes);
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

ConfusionMatrix confusion_matrix(const Predictions& predictions) {
  const std::size_t classes = predictions.classes;
  FATHOM_CHECK(predictions.probabilities.size() == predictions.size() * classes);
  ConfusionMatrix confusion{classes, std::vector<std::size_t>(classes * classes)};
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto truth = static_cast<std::size_t>(predictions.labels[i]);
    FATHOM_CHECK(truth < classes);
    ++confusion.counts[truth * classes + predicted_class(predictions, i)];
  }
  return confusion;
}

Scores score(const Predictions& predictions, std::size_t positive) {
  const std::size_t images = predictions.size();
  FATHOM_CHECK(positive < predictions.classes);
  Scores scores;
  scores.confusion = confusion_matrix(predictions);
  std::size_t hits = 0;
  for (std::size_t c = 0; c < predictions.classes; ++c) {
    hits += scores.confusion.at(c, c);
    const ClassScores one = class_scores(predictions, c);
    scores.class_auc.push_back(auc(one.scores, one.is_positive));
  }
  score_classes(scores, images);
  scores.accuracy = ratio(hits, images);
  scores.balanced_accuracy = mean_of_defined(scores.class_sensitivity);
  scores.log_loss = mean_log_loss(predictions);
  const auto overall = [&](const std::vector<double>& per_class) {
    return predictions.classes == 2 ? per_class[positive] : mean_of_defined(per_class);
  };
  scores.auc = overall(scores.class_auc);
  scores.sensitivity = overall(scores.class_sensitivity);
  scores.specificity = overall(scores.class_specificity);
  scores.f1 = overall(scores.class_f1);
  return scores;
}

}  // namespace fathom::stats
