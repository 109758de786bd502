// How good a set of class probabilities is: ranking, hits, calibration-free figures. Pure numbers.
// Not for comparing two models: that is for the statistics of depths.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fathom::stats {

/// Class probabilities of n images: probabilities[i * classes + c], rows sum to 1.
struct Predictions {
  std::size_t classes = 0;
  std::vector<double> probabilities;
  std::vector<int> labels;  ///< true class per image

  std::size_t size() const { return labels.size(); }
};

/// One class against the rest: its score in every image, and whether the image is of it.
struct ClassScores {
  std::vector<double> scores;
  std::vector<int> is_positive;
};
ClassScores class_scores(const Predictions& predictions, std::size_t c);

/// -ln of the probability that image i's true class was given, clipped to 1e-15.
double log_loss_of(const Predictions& predictions, std::size_t i);

/// The mean of what is not NaN; NaN when nothing is.
double mean_of_defined(std::span<const double> values);

/// The class of image i with the largest probability, the first of equals.
std::size_t predicted_class(const Predictions& predictions, std::size_t i);

/// counts[truth * classes + predicted].
struct ConfusionMatrix {
  std::size_t classes = 0;
  std::vector<std::size_t> counts;

  std::size_t at(std::size_t truth, std::size_t predicted) const {
    return counts[truth * classes + predicted];
  }
};

/// NaN marks what is not defined: no image of a class, or no image outside it. A macro figure is
/// the mean over the classes for which it is defined.
struct Scores {
  double auc = 0;  ///< binary: of the positive class; else macro one-vs-rest
  double accuracy = 0;
  double balanced_accuracy = 0;   ///< mean recall over the classes present
  double sensitivity = 0;         ///< binary: recall of the positive class; else macro one-vs-rest
  double specificity = 0;         ///< binary: recall of the negative class; else macro one-vs-rest
  double f1 = 0;                  ///< binary: of the positive class; else macro
  double log_loss = 0;            ///< mean -ln p(truth), natural logarithm, p clipped to 1e-15
  std::vector<double> class_auc;  ///< one-vs-rest, one per class
  std::vector<double> class_sensitivity;  ///< one-vs-rest, one per class
  std::vector<double> class_specificity;
  std::vector<double> class_f1;
  ConfusionMatrix confusion;
};

struct RocPoint {
  double false_positive_rate;
  double true_positive_rate;
  double threshold;  ///< a score at or above it counts as positive; +inf at (0, 0)
};

/// Area under the ROC curve = P(positive scores higher) + P(equal) / 2 (Hanley & McNeil 1982,
/// doi:10.1148/radiology.143.1.7063747). NaN when one of the two sides is empty or a score is NaN.
double auc(std::span<const double> scores, std::span<const int> is_positive);

/// The ROC curve from (0,0) to (1,1), one point per distinct score; points inside a straight
/// segment are left out. No points where the area is NaN.
std::vector<RocPoint> roc_curve(std::span<const double> scores, std::span<const int> is_positive);

ConfusionMatrix confusion_matrix(const Predictions& predictions);

/// All figures. `positive` is the class that counts as positive when there are two.
Scores score(const Predictions& predictions, std::size_t positive);

}  // namespace fathom::stats
