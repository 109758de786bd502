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

void choose_threshold(TestFigures& figures, const PredictionsFile& file, std::size_t positive) {
  figures.threshold = stats::kUndefined;
  if (file.classes.size() != 2) return;
  const stats::ClassScores valid = stats::class_scores(file.valid, positive);
  const stats::ClassScores test = stats::class_scores(file.test, positive);
  figures.threshold = stats::youden_threshold(valid.scores, valid.is_positive);
  if (std::isnan(figures.threshold)) return;
  figures.at_threshold = stats::decide(test.scores, test.is_positive, figures.threshold);
}

Calibration calibration_of(const stats::Predictions& predictions, std::size_t positive) {
  const stats::TopLabels top = stats::top_labels(predictions);
  Calibration made;
  made.bins = stats::reliability(top.stated, top.came_true);
  made.error = stats::expected_calibration_error(made.bins);
  made.log_loss = stats::score(predictions, positive).log_loss;
  return made;
}

}  // namespace

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
    return stats::sensitivity_at_specificity(scores, positives, kFixedSpecificity);
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
  choose_threshold(figures, file, positive);
  figures.temperature = stats::fit_temperature(file.valid);
  figures.as_given = calibration_of(test, positive);
  figures.calibrated =
      std::isnan(figures.temperature)
          ? figures.as_given
          : calibration_of(stats::with_temperature(test, figures.temperature), positive);
  return figures;
}

}  // namespace fathom::results
