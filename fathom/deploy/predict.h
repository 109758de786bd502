// What a tuned model says of images, and, where their classes are known, how often it is right. No
// LibTorch headers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fathom/data/dataset.h"
#include "fathom/deploy/model_file.h"
#include "fathom/results/resampling.h"
#include "fathom/train/options.h"

namespace fathom::deploy {

/// What is to be looked at: `paths` without labels (data/unlabelled.h), or a data set with labels
/// whose classes are the model's. Of DataOptions data, source, label_by, only and skip_bad are
/// heard; with the last, images that cannot be read are left out.
struct PredictInput {
  std::vector<std::string> paths;
  data::DataOptions data;

  bool has_labels() const { return !data.data.empty(); }
};

/// The images with the model's classes and stain normalization. Throws Error as data::open_images
/// and data::open_dataset do, and on a class that the model does not know.
data::Dataset open_input(const PredictInput& input, const ModelCard& card);

/// Class probabilities of every image of `dataset`, in its order, before the temperature; labels
/// are the samples'. Images are read, resized and preprocessed as in the study; a batch at a
/// time, so that memory does not grow with their number. `precision` of the convolutions: what the
/// study used gives its probabilities again. `keep_going` is told how many images are done, and may
/// throw. Throws Error naming an image that cannot be read, and as TunedModel does.
stats::Predictions predict(const Model& model, const data::Dataset& dataset,
                           train::Precision precision,
                           const std::function<void(std::size_t)>& keep_going);

/// One row an image:
///   image[,label],predicted[,at_threshold],p_<class>,...
/// predicted: the class of the largest probability; at_threshold: the class by the threshold that
/// validation chose (two classes); p: after the temperature, "%.9g". label: where `with_labels`.
std::string predictions_csv(const ModelCard& card, const data::Dataset& dataset,
                            const stats::Predictions& predictions, bool with_labels);

/// How right a model is on labelled images. Figures of ranking and of predicted classes are of the
/// probabilities before the temperature, as in the study's report.
struct Evaluation {
  results::CaseScores scores;    ///< cases are images; drawn by groups where the data name any
  double calibration_error = 0;  ///< after the temperature (stats::expected_calibration_error)
  double calibration_error_before = 0;
  bool of_the_study = false;  ///< the images are those that the study split: most trained the model
};

Evaluation evaluate(const ModelCard& card, const data::Dataset& dataset,
                    const stats::Predictions& predictions);

/// Index of the class that counts as positive; with several classes 0, where none does.
std::size_t positive_index(const ModelCard& card);

}  // namespace fathom::deploy
