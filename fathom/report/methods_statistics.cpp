#include "fathom/report/methods_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fathom/report/coverage.h"
#include "fathom/stats/bootstrap.h"
#include "fathom/stats/groups.h"

namespace fathom::report {
namespace {

using results::Comparison;

bool is_binary(const Study& study) { return study.content.study->data.classes.size() == 2; }

/// Of the levels of all architectures.
std::set<Coverage> coverage_of_all(const Study& study) {
  std::set<Coverage> found;
  for (const results::ArchitectureSummary& one : study.content.study->architectures) {
    found.merge(coverage_of(study.summaries, study.precisions, one.name));
  }
  return found;
}

bool has_groups_as_cases(const Study& study) {
  return std::ranges::any_of(study.precisions, [](const results::LevelPrecision& level) {
    return level.test.contains(results::Cases::groups_by_mean);
  });
}

/// Whether validation groups tell a threshold: each must be of one class.
bool has_group_thresholds(const Study& study) {
  return std::ranges::any_of(study.evidence.units, [](const auto& unit) {
    const auto groups = unit.second.test_scores.find(results::Cases::groups_by_mean);
    return groups != unit.second.test_scores.end() && !std::isnan(groups->second.threshold);
  });
}

std::string folds_sentences(const Study& study) {
  std::string text =
      " Means are over folds, each averaged over its seeds; their intervals cover other folds, by "
      "the corrected resampled t-test (Nadeau and Bengio, 2003). The variance between folds is "
      "that of the level or that pooled over the levels of its architecture, whichever is larger, "
      "with the degrees of freedom of the pooled one: the sum over the levels of folds less one.";
  if (!study.evidence.one_test_part) return text;
  return text + fmt::format(
                    " All folds were tested on the same images, so that on test the variance over "
                    "{} that folds share is added, with degrees of freedom after Hillis (2007).",
                    cases_in_words(study));
}

std::string seeds_sentences(const Study& study) {
  return fmt::format(
      " Intervals of the validation AUC and of the test figures of a level cover other seeds and "
      "other images, with seeds as random readers and {0} as cases (Obuchowski and Rockette, "
      "1995). The variance between seeds is that of the level or that pooled over the levels of "
      "its architecture, whichever is larger, with the degrees of freedom of the pooled one: the "
      "sum over the levels of seeds less one. The covariance over {0} is by the method of DeLong "
      "et al. (1988) on validation, and on test, for the AUC too, that of {1} bootstrap draws of "
      "{0}. Degrees of freedom of the sum are those of Hillis (2007), except that he takes the "
      "part of the cases for known: here it counts with the number of {0} less one on test, and on "
      "validation with as many at most, fewer where few {0} make up most of it (Satterthwaite, "
      "1946).",
      cases_in_words(study), stats::BootstrapOptions().draws);
}

std::string one_training_sentence(const Study& study) {
  return fmt::format(
      " Intervals of levels with one training cover other {0} alone, with the training as it is: "
      "of the validation AUC by the method of DeLong et al. (1988), of test figures by the "
      "variance over {1} bootstrap draws of {0} and Student's t.",
      cases_in_words(study), stats::BootstrapOptions().draws);
}

/// What is done about images that come in groups; "" where none are known.
std::string clustering_sentence(const Study& study) {
  if (!study.evidence.grouped) return "";
  return fmt::format(
      " For groups of images, DeLong's components are summed over each group after Obuchowski "
      "(1997), with one simplification: the term between the two classes is scaled by the "
      "geometric mean of the factors of the other two terms. Where a class is in fewer than {} "
      "groups no error over groups is stated.",
      stats::kFewestGroups);
}

/// Intervals of each class of the level that is shown closer; "" with two classes.
std::string classes_sentence(const Study& study) {
  if (is_binary(study)) return "";
  return " Intervals of single classes are made as that of the validation AUC, of sensitivity and "
         "specificity with the error of the linearized ratio, and with the level's own variance "
         "between trainings; the F1 of a class has none.";
}

std::string levels_sentences(const Study& study) {
  const std::set<Coverage> coverage = coverage_of_all(study);
  std::string text;
  if (coverage.contains(Coverage::folds) || coverage.contains(Coverage::folds_and_images))
    text += folds_sentences(study);
  if (coverage.contains(Coverage::seeds_and_images)) text += seeds_sentences(study);
  if (coverage.contains(Coverage::images)) text += one_training_sentence(study);
  if (text.empty() && !coverage.contains(Coverage::trainings)) return "";
  if (!text.empty()) text += clustering_sentence(study) + classes_sentence(study);
  if (coverage.contains(Coverage::trainings)) {
    text +=
        " Where predictions were missing, intervals are Student's over trainings alone, which "
        "takes all trainings for independent.";
  }
  return " Intervals are two-sided, 95 % and not corrected for their number." + text +
         " Intervals of figures between two bounds are made on the scale of the log odds between "
         "them, those of the log loss on that of its logarithm, by the delta method.";
}

std::string unit_sentences(const Study& study) {
  if (study.evidence.units.empty()) return "";
  return fmt::format(
      " results.json also has intervals of every single training over {0} alone: of all figures by "
      "the expanded percentile bootstrap (Hesterberg, 2015) over at least {1} {0}, of the AUC by "
      "DeLong's method as well, and of proportions by Wilson's (1927){2}.",
      cases_in_words(study), stats::kFewestDrawnGroups,
      study.evidence.grouped ? " with the effective number of images, over groups (Rao and Scott, "
                               "1992; Korn and Graubard, 1998)"
                             : "");
}

/// How the differences of two levels are made; "" where no two could be compared.
std::string difference_sentences(const Study& study, const Comparison& comparison) {
  if (comparison.levels.size() < 2) return "";
  if (comparison.folds > 1) {
    return "Depths were compared two by two over the same folds, each averaged over the seeds that "
           "both depths have there, by the corrected resampled t-test (Nadeau and Bengio, 2003). "
           "The variance between folds of a difference is the pair's own or that pooled over the "
           "pairs of depths with all trainings (over all pairs where that tells more), whichever "
           "is "
           "larger, with (depths - 1)(folds - 1) degrees of freedom. ";
  }
  return fmt::format(
      "Depths were compared two by two over the same seeds and images, with seeds as random "
      "readers and {0} as cases (Obuchowski and Rockette, 1995) and the covariance over {0} by the "
      "method of DeLong et al. (1988), on validation and on test. The variance between seeds of a "
      "difference is the pair's own or that pooled over the pairs of depths with all trainings "
      "(over all pairs where that tells more), whichever is larger, with (depths - 1)(seeds - 1) "
      "degrees of freedom; those of the sum are as above for validation. ",
      cases_in_words(study));
}

std::string rule_sentences(const Study& study, const Comparison& comparison) {
  return fmt::format(
      "A depth was recommended if it was the shallowest shown, at {:g} % confidence, to lose less "
      "than {:g} of validation AUC against every other depth: one-sided tests, all of which must "
      "succeed for a depth (intersection-union), corrected as comparisons with the best depth, "
      "whichever that is (Hsu, 1981), by the step-down procedure of Dunnett and Tamhane (1991) "
      "with errors of depths that are alike (correlations of 1/2); all depths but one can be "
      "inferior{}. Where a deeper one was shown as well and takes fewer FLOPs to train "
      "(normalization layers alone reach through all "
      "blocks), that one was. Intervals of differences are two-sided, 95 %, on the scale of the "
      "AUC and not corrected. {}",
      100 * comparison.rule.confidence, comparison.rule.margin,
      study.comparisons.size() > 1 ? "; each architecture by itself" : "",
      comparison.say_of_test_in_words());
}

/// The differences on test with the trainings as they are; "" where there are none.
std::string images_alone_sentence(const Study& study, const Comparison& comparison) {
  const bool known = std::ranges::any_of(
      comparison.test_images_alone,
      [](const results::ImagesAlone& one) { return !std::isnan(one.by_delong.low); });
  if (!known || comparison.levels.size() < 2) return "";
  return fmt::format(
      " Beside them the differences on test to the depth with the highest validation AUC are "
      "stated with the trainings as they are: with 95 % intervals over {0} alone by the covariance "
      "of DeLong et al. (1988) with Student's t and by the paired expanded percentile bootstrap "
      "(Hesterberg, 2015), and a two-sided p of no difference by the former, corrected after Holm "
      "(1979) over the depths.",
      cases_in_words(study));
}

}  // namespace

const char* cases_in_words(const Study& study) {
  return study.evidence.grouped ? "groups of images" : "images";
}

std::string figures_sentences(const Study& study) {
  const results::DataSummary& data = study.content.study->data;
  std::string text = fmt::format(
      "AUC is the area under the ROC curve{}. Accuracy, sensitivity, specificity, PPV, NPV, F1, "
      "Matthews' correlation and Cohen's kappa take an image for the class with the largest "
      "probability. Sensitivity at 95 % specificity is the highest of all thresholds that reach it "
      "on the scored images. The Brier score is summed over the classes (0 to 2).",
      is_binary(study) ? ", positive class " + data.positive
                       : " of each class against the others, averaged over the classes, as are "
                         "average precision, sensitivity, specificity, PPV, NPV and F1");
  if (is_binary(study)) {
    text +=
        " Figures at a threshold are at that of each training with the largest Youden index "
        "(Youden, 1950) on its validation images.";
  }
  if (has_groups_as_cases(study)) {
    text +=
        " Groups were also scored as cases, by the mean and by the maximum of their images' "
        "probabilities";
    text += !is_binary(study)             ? "."
            : has_group_thresholds(study) ? ", at thresholds of their own: of each training that "
                                            "with the largest Youden index on its validation "
                                            "groups, scored alike."
                                          : "; at no threshold, as validation has groups with "
                                            "images of several classes, which tell none.";
  }
  return text;
}

std::string intervals_sentences(const Study& study) {
  const std::string text = levels_sentences(study) + unit_sentences(study);
  return text.empty() ? "" : text.substr(1);
}

std::string comparison_sentences(const Study& study) {
  const Comparison& comparison = study.comparisons.front();
  return difference_sentences(study, comparison) + rule_sentences(study, comparison) +
         images_alone_sentence(study, comparison);
}

}  // namespace fathom::report
