#include "fathom/stats/weighted_figures.h"

#include <cmath>
#include <numeric>

#include "fathom/base/error.h"
#include "fathom/stats/ties.h"
#include "fathom/stats/undefined.h"

namespace fathom::stats {
namespace {

double weighted(const std::vector<double>& sums, Draw draw) {
  return std::inner_product(sums.begin(), sums.end(), draw.begin(), 0.0);
}

}  // namespace

WeightedFigures::WeightedFigures(const Predictions& predictions, std::size_t positive,
                                 const Groups& groups, double threshold)
    : classes_(predictions.classes),
      positive_(positive),
      has_threshold_(!std::isnan(threshold)),
      log_loss_(groups.count),
      brier_(groups.count) {
  FATHOM_CHECK(positive < classes_ && groups.of_image.size() == predictions.size());
  FATHOM_CHECK(!any_nan(predictions.probabilities) && (classes_ == 2 || !has_threshold_));
  for (std::size_t c = 0; c < classes_; ++c) {
    if (classes_ == 2 && c != positive) continue;
    const ClassScores one = class_scores(predictions, c);
    rankings_.emplace_back(one.scores, one.is_positive, groups);
  }
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::uint32_t group = groups.of_image[i];
    const auto truth = static_cast<std::size_t>(predictions.labels[i]);
    const bool above = predictions.probabilities[i * classes_ + positive] >= threshold;
    const std::size_t cell = truth * classes_ + predicted_class(predictions, i);
    entries_.push_back(
        {group, static_cast<std::uint32_t>(cell + (above ? classes_ * classes_ : 0))});
    log_loss_[group] += log_loss_of(predictions, i);
    brier_[group] += brier_score_of(predictions, i);
  }
}

std::vector<std::size_t> WeightedFigures::count_cells(Draw draw) const {
  std::vector<std::size_t> cells(2 * classes_ * classes_);
  for (const Entry& entry : entries_) cells[entry.cell] += draw[entry.group];
  return cells;
}

Decisions WeightedFigures::at_threshold(const std::vector<std::size_t>& cells) const {
  Decisions made;
  for (std::size_t truth = 0; truth < classes_; ++truth) {
    for (std::size_t predicted = 0; predicted < classes_; ++predicted) {
      const std::size_t below = cells[truth * classes_ + predicted];
      const std::size_t above = cells[(classes_ + truth) * classes_ + predicted];
      (truth == positive_ ? made.false_negatives : made.true_negatives) += below;
      (truth == positive_ ? made.true_positives : made.false_positives) += above;
    }
  }
  return made;
}

PerFigure<double> WeightedFigures::of(Draw draw) const {
  PerFigure<double> figures;
  std::vector<double> auc, precision, at_specificity;
  for (const RankedScores& ranking : rankings_) {
    const RankingFigures found = ranking.of(draw);
    auc.push_back(found.auc);
    precision.push_back(found.average_precision);
    at_specificity.push_back(found.sensitivity_at_specificity);
  }
  figures[Figure::auc] = mean_of_defined(auc);
  figures[Figure::average_precision] = mean_of_defined(precision);
  figures[Figure::sensitivity_at_95_specificity] = mean_of_defined(at_specificity);

  const std::vector<std::size_t> cells = count_cells(draw);
  const Decisions at = has_threshold_ ? at_threshold(cells) : Decisions();
  figures[Figure::sensitivity_at_threshold] = at.sensitivity().value();
  figures[Figure::specificity_at_threshold] = at.specificity().value();
  figures[Figure::ppv_at_threshold] = at.ppv().value();
  figures[Figure::npv_at_threshold] = at.npv().value();
  ConfusionMatrix confusion{classes_, std::vector<std::size_t>(classes_ * classes_)};
  for (std::size_t k = 0; k < cells.size(); ++k) {
    confusion.counts[k % confusion.counts.size()] += cells[k];
  }
  std::vector<Decisions> decisions;
  for (std::size_t c = 0; c < classes_; ++c) decisions.push_back(one_vs_rest(confusion, c));
  const auto mean_of = [&](auto figure) {
    std::vector<double> values;
    for (const Decisions& one : decisions) values.push_back(figure(one));
    return mean_of_defined(values);
  };
  const auto overall = [&](auto figure) {
    return classes_ == 2 ? figure(decisions[positive_]) : mean_of(figure);
  };
  const auto sensitivity = [](const Decisions& one) { return one.sensitivity().value(); };
  std::size_t hits = 0, images = 0;
  for (const Decisions& one : decisions) {
    hits += one.true_positives;
    images += one.true_positives + one.false_negatives;
  }
  figures[Figure::accuracy] = Proportion{hits, images}.value();
  figures[Figure::balanced_accuracy] = mean_of(sensitivity);
  figures[Figure::sensitivity] = overall(sensitivity);
  figures[Figure::specificity] =
      overall([](const Decisions& one) { return one.specificity().value(); });
  figures[Figure::ppv] = overall([](const Decisions& one) { return one.ppv().value(); });
  figures[Figure::npv] = overall([](const Decisions& one) { return one.npv().value(); });
  figures[Figure::f1] = overall([](const Decisions& one) { return one.f1(); });
  figures[Figure::matthews_correlation] = matthews_correlation(confusion);
  figures[Figure::cohen_kappa] = cohen_kappa(confusion);
  const auto count = static_cast<double>(images);
  figures[Figure::log_loss] = images == 0 ? kUndefined : weighted(log_loss_, draw) / count;
  figures[Figure::brier_score] = images == 0 ? kUndefined : weighted(brier_, draw) / count;
  return figures;
}

}  // namespace fathom::stats
