#include "fathom/report/methods_diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/report/generalization.h"
#include "fathom/report/methods.h"
#include "fathom/report/methods_statistics.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::listed_in_words;

std::string external_sentence(const results::DataSummary& data) {
  if (data.external.empty()) return "";
  std::vector<std::string> sets;
  for (const results::ExternalSummary& set : data.external) {
    sets.push_back(fmt::format("{} ({} images)", set.name, set.images));
  }
  return fmt::format(
      " Every training was also scored on images of other origin, which none was trained on: {}.",
      listed_in_words(sets));
}

/// "at most 1000 test images": the bound is a setting.
std::string test_images_in_words(const Study& study, const char* setting) {
  const std::string most = setting_in_words(*study.content.study, "study", setting);
  return most.empty() ? "some test images" : fmt::format("at most {} test images", most);
}

std::string corruption_sentence(const Study& study) {
  const std::vector<std::string>& kinds = study.evidence.corruptions;
  if (kinds.empty()) return "";
  return fmt::format(
      " Every training was also scored on {}, as they are and under {} corruptions ({}) at {} "
      "severities each, of which the mean AUC is reported (after Hendrycks and Dietterich, "
      "2019).",
      test_images_in_words(study, "corrupted_images"), kinds.size(), listed_in_words(kinds),
      study.generalizations.front().severities.size());
}

/// What was measured beyond the images that chose the levels.
struct Beyond {
  bool test = false, train = false;  ///< scored
  /// Some interval of these covers other images; some does not.
  bool gap_over_images = false, external_over_images = false, corrupted_over_images = false;
  bool external_over_trainings = false, corrupted_over_trainings = false;
  bool several_trainings = false;
};

Beyond beyond_of(const Study& study) {
  Beyond made;
  for (const results::LevelGeneralization& found : study.generalizations) {
    made.test |= found.valid_to_test.trainings > 0;
    made.train |= found.train_auc.trainings > 0;
    made.several_trainings |= found.valid_to_test.trainings > 1;
    made.gap_over_images |= found.valid_to_test.covers_images;
    for (const auto& [name, auc] : found.external) {
      if (auc.trainings == 0) continue;
      (auc.covers_images ? made.external_over_images : made.external_over_trainings) = true;
    }
    if (found.corrupted.trainings == 0) continue;
    (found.corrupted.covers_images ? made.corrupted_over_images : made.corrupted_over_trainings) =
        true;
  }
  return made;
}

std::string beyond_folds_sentence(const Beyond& beyond) {
  std::vector<std::string> over_images;
  if (beyond.external_over_images) over_images.emplace_back("on external sets");
  if (beyond.corrupted_over_images) over_images.emplace_back("under corruption");
  return " Intervals of the gaps between training, validation and test, of external sets and of "
         "corruptions are by the corrected resampled t-test over folds, with the variance between "
         "folds of a level as for its test figures" +
         (over_images.empty()
              ? "."
              : "; " + listed_in_words(over_images) +
                    ", where all folds share the images, with the error over images added (DeLong "
                    "et al., 1988).");
}

/// Differences to full tuning; "" where there are none.
std::string against_all_sentence(const Study& study) {
  const bool any = std::ranges::any_of(study.against_all, [](const auto& difference) {
    return difference && (difference->corrupted.trainings > 0 || !difference->external.empty());
  });
  if (!any) return "";
  return " Differences of these figures to the level that tunes everything are over the same "
         "trainings and images, with errors as those of differences of test AUCs.";
}

/// How the gaps between parts and the figures on external and corrupted images are known.
std::string beyond_sentences(const Study& study) {
  const Beyond beyond = beyond_of(study);
  std::string text;
  if (beyond.train) {
    text =
        " As many training images of each class as validation has were scored as validation images "
        "are, without augmentation and dropout.";
  }
  if (!beyond.test) return text;
  if (study.folds > 1) return text + beyond_folds_sentence(beyond) + against_all_sentence(study);
  std::vector<std::string> over_images, over_seeds;
  (beyond.gap_over_images ? over_images : over_seeds)
      .emplace_back("validation minus test AUC (on its own scale)");
  if (beyond.external_over_images) over_images.emplace_back("external sets");
  if (beyond.corrupted_over_images) {
    over_images.emplace_back("corruptions (over the corrupted images)");
  }
  if (beyond.train) over_seeds.emplace_back("training images");
  const auto add_over_seeds = [&](const char* figures, const std::string& why) {
    over_seeds.push_back(fmt::format("{} (where {})", figures, why));
  };
  if (beyond.external_over_trainings) {
    add_over_seeds("external sets", why_without_external_images(study));
  }
  if (beyond.corrupted_over_trainings) {
    add_over_seeds("corruptions", why_without_corrupted_images(study));
  }
  if (!over_images.empty()) {
    text += fmt::format(
        " Intervals of {} cover {} other {} by the method of DeLong et al. (1988), of which a mean "
        "or a difference of AUCs has the means or differences of the components{}.",
        listed_in_words(over_images), beyond.several_trainings ? "other seeds and" : "only",
        cases_in_words(study),
        beyond.several_trainings ? "; the variance between seeds and the degrees of freedom are as "
                                   "for validation"
                                 : "");
  }
  if (!over_seeds.empty()) {
    text += fmt::format(
        " {} of {} cover other seeds alone (Student's t, with the larger of the level's own "
        "variance and the pooled one); one training has none.",
        over_images.empty() ? "Intervals" : "Those", listed_in_words(over_seeds));
  }
  return text + against_all_sentence(study);
}

/// Whether probabilities of the positive class come true; "" where that is not measured.
std::string calibration_line_sentence(const results::Evidence& evidence) {
  const bool measured = std::ranges::any_of(evidence.units, [](const auto& unit) {
    return !std::isnan(unit.second.figures.as_given.line.intercept);
  });
  if (!measured) return "";
  return " Calibration intercept (with a slope of 1) and slope are those of a logistic regression "
         "of the class on the logit of its probability (Cox, 1958; Van Calster et al., 2019), of "
         "each training on test, without intervals.";
}

std::string calibration_sentence(const results::Evidence& evidence) {
  std::size_t bins = 0;
  for (const auto& [unit, found] : evidence.units) {
    bins = std::max(bins, found.figures.as_given.bins.size());
  }
  if (bins == 0) return "";
  return fmt::format(
             " Calibration is the expected calibration error on test over {} bins of equal width "
             "of the predicted class's probability, before and after temperature scaling fitted on "
             "validation (Guo et al., 2017); intervals of its means are Student's over trainings "
             "alone.",
             bins) +
         calibration_line_sentence(evidence);
}

std::string probe_sentence(const Study& study) {
  if (study.probes.empty()) return "";
  const results::ProbeSummary& probe = study.probes.front();
  const std::string where =
      probe.study_folds == 1 ? ""
      : probe.folds == probe.study_folds
          ? ", in every fold"
          : fmt::format(", in {} of {} folds", probe.folds, probe.study_folds);
  return fmt::format(
      " Without any tuning, a linear probe (logistic regression with an L2 penalty chosen by log "
      "loss on validation, on standardized features) and LogME (You et al., 2021) were computed at "
      "every boundary between blocks of the frozen network, on features averaged over positions of "
      "at most {} images of each part{}; intervals of the probe's AUC cover other {}. Their rank "
      "correlation with the tuned test AUC is Spearman's, its interval that of Bonett and Wright "
      "(2000).",
      probe.mean.most_images, where,
      probe.folds > 1 ? "folds, by the corrected resampled t-test (Nadeau and Bengio, 2003)"
      : study.content.study->data.groups > 0
          ? "groups of images, by the method of DeLong et al. (1988)"
          : "images, by the method of DeLong et al. (1988)");
}

std::string similarity_sentence(const Study& study) {
  const bool measured = std::ranges::any_of(
      study.summaries, [](const auto& level) { return !level.similarity.empty(); });
  if (!measured) return "";
  return fmt::format(
      " Features of every tuned network after each block, averaged over positions, were compared "
      "with those of the pretrained one on {} by linear CKA (Kornblith et al., 2019) with the "
      "unbiased estimate of HSIC (Song et al., 2012).",
      test_images_in_words(study, "cka_images"));
}

}  // namespace

std::string diagnostics_sentences(const Study& study) {
  std::string text = external_sentence(study.content.study->data) + corruption_sentence(study);
  text += beyond_sentences(study) + calibration_sentence(study.evidence) + probe_sentence(study) +
          similarity_sentence(study);
  return text.empty() ? "" : text.substr(1) + " None of this took part in the choice of a depth.";
}

}  // namespace fathom::report
