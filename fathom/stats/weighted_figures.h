// Every figure of a set of class probabilities at once, with groups of images counted several times
// or not at all: what the bootstrap asks for in each draw. Figures of plain predictions: scores.h.
#pragma once

#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "fathom/stats/bootstrap.h"
#include "fathom/stats/decisions.h"
#include "fathom/stats/scores.h"

namespace fathom::stats {

/// As defined in scores.h and decisions.h. With two classes of the positive class, else the mean
/// over the classes for which a figure is defined. Those at a threshold are of two classes alone.
enum class Figure : std::size_t {
  auc,
  average_precision,
  accuracy,
  balanced_accuracy,
  sensitivity,
  specificity,
  ppv,
  npv,
  sensitivity_at_95_specificity,  ///< kFixedSpecificity
  sensitivity_at_threshold,
  specificity_at_threshold,
  ppv_at_threshold,
  npv_at_threshold,
  f1,
  matthews_correlation,
  cohen_kappa,
  log_loss,
  brier_score
};

struct FigureKind {
  Figure figure;
  std::string_view name;
  Interval range;  ///< of all values that the figure can have
};

/// In the order of Figure.
inline constexpr std::array<FigureKind, 18> kFigureKinds{
    {{Figure::auc, "auc", {0, 1}},
     {Figure::average_precision, "average_precision", {0, 1}},
     {Figure::accuracy, "accuracy", {0, 1}},
     {Figure::balanced_accuracy, "balanced_accuracy", {0, 1}},
     {Figure::sensitivity, "sensitivity", {0, 1}},
     {Figure::specificity, "specificity", {0, 1}},
     {Figure::ppv, "ppv", {0, 1}},
     {Figure::npv, "npv", {0, 1}},
     {Figure::sensitivity_at_95_specificity, "sensitivity_at_95_specificity", {0, 1}},
     {Figure::sensitivity_at_threshold, "sensitivity_at_threshold", {0, 1}},
     {Figure::specificity_at_threshold, "specificity_at_threshold", {0, 1}},
     {Figure::ppv_at_threshold, "ppv_at_threshold", {0, 1}},
     {Figure::npv_at_threshold, "npv_at_threshold", {0, 1}},
     {Figure::f1, "f1", {0, 1}},
     {Figure::matthews_correlation, "matthews_correlation", {-1, 1}},
     {Figure::cohen_kappa, "cohen_kappa", {-1, 1}},
     {Figure::log_loss, "log_loss", {0, std::numeric_limits<double>::infinity()}},
     {Figure::brier_score, "brier_score", {0, 2}}}};

inline constexpr std::string_view name_of(Figure figure) {
  return kFigureKinds[static_cast<std::size_t>(figure)].name;
}

/// Something for every figure.
template <class T>
class PerFigure {
 public:
  T& operator[](Figure figure) { return items_[static_cast<std::size_t>(figure)]; }
  const T& operator[](Figure figure) const { return items_[static_cast<std::size_t>(figure)]; }

 private:
  std::array<T, kFigureKinds.size()> items_{};
};

/// Predictions prepared once, whose figures under any weights then take one pass. It keeps what it
/// needs, about 8 bytes per image and class.
class WeightedFigures {
 public:
  /// No probability may be NaN. `positive`: the class that counts as positive when there are two.
  /// `threshold`: of its probability, from which on an image is taken for it; NaN for none, and
  /// with several classes.
  WeightedFigures(const Predictions& predictions, std::size_t positive, const Groups& groups,
                  double threshold);

  /// The figures when the images of group g count draw[g] times; NaN where one is not defined.
  PerFigure<double> of(Draw draw) const;

 private:
  /// An image's group and cell of the confusion matrix; of a second one behind it where the
  /// probability of the positive class is at or above the threshold.
  struct Entry {
    std::uint32_t group, cell;
  };

  /// The confusion matrices of the images below and above the threshold, one behind the other.
  std::vector<std::size_t> count_cells(Draw draw) const;
  Decisions at_threshold(const std::vector<std::size_t>& cells) const;

  std::size_t classes_, positive_;
  bool has_threshold_;
  std::vector<RankedScores> rankings_;  ///< of the positive class, or of every class
  std::vector<Entry> entries_;
  std::vector<double> log_loss_, brier_;  ///< sums by group
};

}  // namespace fathom::stats
