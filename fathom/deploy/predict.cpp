#include "fathom/deploy/predict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/unlabelled.h"
#include "fathom/deploy/tuned_model.h"
#include "fathom/stats/calibration.h"
#include "fathom/stats/groups.h"
#include "fathom/study/data_summary.h"
#include "fathom/train/evaluate.h"
#include "fathom/train/image_store.h"

namespace fathom::deploy {
namespace {

/// Numbers the labels as the model's outputs.
void take_classes(data::Dataset& dataset, const ModelCard& card, const std::string& where) {
  std::vector<int> numbers;
  for (const std::string& name : dataset.classes) {
    const auto found = std::ranges::find(card.classes, name);
    if (found == card.classes.end()) {
      throw Error(fmt::format(
          "{}: its class '{}' is none of the model's ({}). Name its classes as the model does in a "
          "table path,label; or give the images as paths, without their labels",
          where, name, fmt::join(card.classes, ", ")));
    }
    numbers.push_back(static_cast<int>(found - card.classes.begin()));
  }
  for (data::Sample& sample : dataset.samples) {
    sample.label = numbers[static_cast<std::size_t>(sample.label)];
  }
  dataset.classes = card.classes;
}

/// Some samples of a data set, to be held in memory together.
data::Dataset part_of(const data::Dataset& whole, std::size_t first, std::size_t count) {
  data::Dataset part;
  part.root = whole.root;
  part.source = whole.source;
  part.stain = whole.stain;
  const auto begin = whole.samples.begin() + static_cast<std::ptrdiff_t>(first);
  part.samples.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return part;
}

train::ImageStore read_images(const data::Dataset& dataset, int size) {
  try {
    return {dataset, size};
  } catch (const Error& e) {
    throw Error(
        fmt::format("{}. Repair or remove it, or leave such images out with --skip-bad", e.what()));
  }
}

/// `first`: the sample of the first row.
void refuse_overflow(const torch::Tensor& logits, const data::Dataset& dataset, std::size_t first) {
  const torch::Tensor bad = logits.isfinite().all(1).logical_not().nonzero();
  if (bad.numel() == 0) return;
  const auto row = static_cast<std::size_t>(bad[0].item<std::int64_t>());
  throw Error(fmt::format("{}: the model gives no finite number for it; is its file sound?",
                          dataset.samples[first + row].id));
}

std::string decided(const ModelCard& card, double positive_probability) {
  const std::size_t positive = positive_index(card);
  return card.classes[positive_probability >= card.threshold ? positive : 1 - positive];
}

double calibration_error(const stats::Predictions& predictions) {
  const stats::TopLabels top = stats::top_labels(predictions);
  return stats::expected_calibration_error(stats::reliability(top.stated, top.came_true));
}

stats::Groups groups_of(const data::Dataset& dataset) {
  if (!dataset.has_groups) return stats::single_images(dataset.samples.size());
  std::vector<std::string> names;
  for (const data::Sample& sample : dataset.samples) names.push_back(sample.group);
  return stats::make_groups(names);
}

}  // namespace

std::size_t positive_index(const ModelCard& card) {
  if (card.positive.empty()) return 0;
  return static_cast<std::size_t>(std::ranges::find(card.classes, card.positive) -
                                  card.classes.begin());
}

data::Dataset open_input(const PredictInput& input, const ModelCard& card) {
  data::Dataset dataset =
      input.has_labels() ? data::open_dataset(input.data) : data::open_images(input.paths);
  // Of labelled images the hashes are wanted too: they tell whether the study trained on them.
  if (input.has_labels() || input.data.skip_bad) data::scan(dataset, input.data.skip_bad);
  if (dataset.samples.empty()) throw Error("no image is left that can be read");
  if (input.has_labels()) take_classes(dataset, card, input.data.data);
  dataset.stain = card.stain;
  return dataset;
}

stats::Predictions predict(const Model& model, const data::Dataset& dataset,
                           train::Precision precision,
                           const std::function<void(std::size_t)>& keep_going) {
  const TunedModel network(model, precision);
  stats::Predictions predictions{.classes = model.card.classes.size()};
  for (std::size_t first = 0; first < dataset.samples.size(); first += train::kScoreBatch) {
    keep_going(first);
    const std::size_t count = std::min(train::kScoreBatch, dataset.samples.size() - first);
    const train::ImageStore images =
        read_images(part_of(dataset, first, count), static_cast<int>(model.card.input_size));
    std::vector<std::int64_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    const torch::Tensor batch = images.batch(all, {}, model.card.weights.preprocessing);
    const torch::Tensor logits = network.logits(batch);
    refuse_overflow(logits, dataset, first);
    train::append_probabilities(predictions, logits);
  }
  for (const data::Sample& sample : dataset.samples) predictions.labels.push_back(sample.label);
  return predictions;
}

std::string predictions_csv(const ModelCard& card, const data::Dataset& dataset,
                            const stats::Predictions& predictions, bool with_labels) {
  const bool with_threshold = !std::isnan(card.threshold);
  const stats::Predictions calibrated = stats::with_temperature(predictions, card.temperature);
  std::vector<std::string> cells{"image"};
  if (with_labels) cells.emplace_back("label");
  cells.emplace_back("predicted");
  if (with_threshold) cells.emplace_back("at_threshold");
  for (const std::string& name : card.classes) cells.push_back("p_" + name);
  std::string text = csv_line(cells);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double* given = &predictions.probabilities[i * predictions.classes];
    const double* row = &calibrated.probabilities[i * predictions.classes];
    cells = {dataset.samples[i].id};
    if (with_labels) {
      cells.push_back(card.classes[static_cast<std::size_t>(predictions.labels[i])]);
    }
    cells.push_back(card.classes[stats::predicted_class(predictions, i)]);
    if (with_threshold) cells.push_back(decided(card, given[positive_index(card)]));
    for (std::size_t c = 0; c < predictions.classes; ++c) {
      cells.push_back(fmt::format("{:.9g}", row[c]));
    }
    text += csv_line(cells);
  }
  return text;
}

Evaluation evaluate(const ModelCard& card, const data::Dataset& dataset,
                    const stats::Predictions& predictions) {
  const std::size_t positive = positive_index(card);
  results::Resampling resampling(groups_of(dataset));
  resampling.add(predictions, positive, card.threshold);
  Evaluation made{.scores = resampling.scores().front()};
  made.calibration_error_before = calibration_error(predictions);
  made.calibration_error =
      calibration_error(stats::with_temperature(predictions, card.temperature));
  made.of_the_study = card.training.value("data_fingerprint", "") == study::fingerprint(dataset);
  return made;
}

}  // namespace fathom::deploy
