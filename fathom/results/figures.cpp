#include "fathom/results/figures.h"

#include <cmath>

#include "fathom/base/error.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

/// One figure of the positive class when there are two, else averaged over the classes.
template <class Figure>
double overall(std::size_t classes, std::size_t positive, Figure figure) {
  if (classes == 2) return figure(positive);
  std::vector<double> values;
  for (std::size_t c = 0; c < classes; ++c) values.push_back(figure(c));
  return stats::mean_of_defined(values);
}

Calibration calibration_of(const stats::Predictions& predictions, std::size_t positive) {
  const stats::TopLabels top = stats::top_labels(predictions);
  Calibration made;
  made.bins = stats::reliability(top.stated, top.came_true);
  made.error = stats::expected_calibration_error(made.bins);
  made.log_loss = stats::score(predictions, positive).log_loss;
  made.line = {stats::kUndefined, stats::kUndefined};
  if (predictions.classes != 2) return made;
  made.line = stats::calibration_line(predictions, positive);
  const stats::ClassScores one = stats::class_scores(predictions, positive);
  made.positive_bins = stats::reliability(one.scores, one.is_positive);
  return made;
}

}  // namespace

double threshold_of(const stats::Predictions& valid, std::size_t positive) {
  if (valid.classes != 2) return stats::kUndefined;
  const stats::ClassScores one = stats::class_scores(valid, positive);
  return stats::youden_threshold(one.scores, one.is_positive);
}

TestFigures test_figures(const PredictionsFile& file, std::size_t positive) {
  const stats::Predictions& test = file.test;
  FATHOM_CHECK(positive < test.classes);
  TestFigures figures;
  const auto of_ranking = [&](auto figure) {
    return overall(test.classes, positive, [&](std::size_t c) {
      const stats::ClassScores one = stats::class_scores(test, c);
      return figure(one.scores, one.is_positive);
    });
  };
  figures.average_precision = of_ranking(stats::average_precision);
  figures.sensitivity_at_specificity = of_ranking([](const auto& scores, const auto& positives) {
    return stats::sensitivity_at_specificity(scores, positives, stats::kFixedSpecificity);
  });
  const stats::ConfusionMatrix confusion = stats::confusion_matrix(test);
  figures.ppv = overall(test.classes, positive, [&](std::size_t c) {
    return stats::one_vs_rest(confusion, c).ppv().value();
  });
  figures.npv = overall(test.classes, positive, [&](std::size_t c) {
    return stats::one_vs_rest(confusion, c).npv().value();
  });
  figures.matthews_correlation = stats::matthews_correlation(confusion);
  figures.cohen_kappa = stats::cohen_kappa(confusion);
  figures.brier_score = stats::brier_score(test);
  figures.threshold = threshold_of(file.valid, positive);
  figures.temperature = stats::fit_temperature(file.valid);
  figures.as_given = calibration_of(test, positive);
  figures.calibrated =
      std::isnan(figures.temperature)
          ? figures.as_given
          : calibration_of(stats::with_temperature(test, figures.temperature), positive);
  return figures;
}

}  // namespace fathom::results
