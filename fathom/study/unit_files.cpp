#include "fathom/study/unit_files.h"

#include <fmt/format.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/results/predictions.h"
#include "fathom/train/boundaries.h"
#include "fathom/weights/seal.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

std::string history_csv(const std::vector<results::EpochRecord>& history) {
  std::string text =
      csv_line({"epoch", "learning_rate", "train_loss", "valid_loss", "valid_auc", "seconds"});
  for (const results::EpochRecord& e : history) {
    text += csv_line({std::to_string(e.epoch), fmt::format("{:.6g}", e.learning_rate),
                      fmt::format("{:.6g}", e.train_loss), fmt::format("{:.6g}", e.valid_loss),
                      fmt::format("{:.6g}", e.valid_auc), fmt::format("{:.3f}", e.seconds)});
  }
  return text;
}

/// What best.safetensors needs to become a model again: it holds what was trained; the frozen
/// rest is in the pretrained weights that it names by hash.
std::map<std::string, std::string> model_metadata(const Plan& plan, const train::UnitTask& task) {
  return {{"fathom.unit", results::to_json(task.key).dump()},
          {"fathom.card", weights::to_json(task.weights->card).dump()},
          {"fathom.classes", Json(plan.dataset.classes).dump()},
          {"fathom.input_size", std::to_string(task.inputs->images().size())}};
}

results::PredictionsFile predictions_file(const Plan& plan, const train::UnitTask& task,
                                          const train::UnitOutcome& outcome) {
  results::PredictionsFile file;
  file.classes = plan.dataset.classes;
  file.valid = outcome.valid;
  file.test = outcome.test;
  const auto names = [&](data::Split part, std::string data::Sample::*name) {
    std::vector<std::string> of_part;
    for (const std::int64_t i : train::part_indices(*task.assignment, part)) {
      of_part.push_back(plan.dataset.samples[static_cast<std::size_t>(i)].*name);
    }
    return of_part;
  };
  file.valid_images = names(data::Split::valid, &data::Sample::id);
  file.test_images = names(data::Split::test, &data::Sample::id);
  if (plan.dataset.has_groups) {
    file.valid_groups = names(data::Split::valid, &data::Sample::group);
    file.test_groups = names(data::Split::test, &data::Sample::group);
  }
  return file;
}

results::PredictionsFile external_file(const data::ExternalSet& set,
                                       const stats::Predictions& predictions) {
  results::PredictionsFile file;
  file.classes = set.dataset.classes;
  file.valid.classes = file.classes.size();
  file.test = predictions;
  for (const data::Sample& sample : set.dataset.samples) {
    file.test_images.push_back(sample.id);
    if (set.dataset.has_groups) file.test_groups.push_back(sample.group);
  }
  return file;
}

}  // namespace

fs::path unit_folder(const Plan& plan, const std::string& id) {
  return fs::path(plan.options.out) / "units" / id;
}

fs::path checkpoint_file(const Plan& plan, const std::string& id) {
  return unit_folder(plan, id) / "checkpoint.safetensors";
}

void write_unit_files(const Plan& plan, const train::UnitTask& task,
                      train::UnitOutcome& outcome) try {
  const fs::path folder = unit_folder(plan, task.key.id());
  write_file_atomically(folder / "history.csv", history_csv(outcome.record.history));
  weights::write_sealed(folder / "best.safetensors", outcome.tuned, model_metadata(plan, task));
  outcome.record.predictions_sha256 =
      results::write_predictions(folder / "predictions.csv", predictions_file(plan, task, outcome));
  for (std::size_t i = 0; i < outcome.external.size(); ++i) {
    results::ExternalScores& scores = outcome.record.external[i];
    scores.predictions_sha256 =
        results::write_predictions(folder / results::external_file_name(scores.name),
                                   external_file(plan.external[i], outcome.external[i]));
  }
  if (!outcome.corrupted.test_rows.empty()) {
    outcome.record.corrupted_sha256 =
        results::write_corrupted(folder / results::kCorruptedFile, outcome.corrupted);
  }
} catch (const Error& error) {
  throw Error(fmt::format(
      "{}. Nothing that was recorded before is lost: see that the disk has room and start the "
      "same command again",
      error.what()));
}

}  // namespace fathom::study
