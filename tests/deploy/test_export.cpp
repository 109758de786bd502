// From a study that really ran to a model in one file, and back to the study's own predictions.
#include <fstream>

#include "fathom/base/atomic_file.h"
#include "fathom/deploy/export.h"
#include "fathom/deploy/predict.h"
#include "fathom/deploy/tuned_model.h"
#include "fathom/results/figures.h"
#include "fathom/stats/clustered.h"
#include "tests/study/tiny_study.h"

namespace fathom::deploy {
namespace {

namespace fs = std::filesystem;

/// A tiny study that has run.
struct RanStudy : tests::TinyStudy {
  explicit RanStudy(const std::string& architecture, std::vector<std::string> depths) {
    weights::WeightFile file;
    const auto random = tests::random_weights(architecture);
    file.tensors = random.tensors;
    weights::WeightStore(folder / "cache/weights").import(file, random.card);
    options.arch = {architecture};
    options.depths = std::move(depths);
    options.seeds = 1;
    options.train.learning_rates = {1e-3};
    options.data.stain = "reinhard";
    study::run_plan(plan());
  }

  std::vector<results::UnitRecord> units() const {
    return results::read_journals(options.out).units;
  }
  fs::path unit_folder(const results::UnitRecord& unit) const {
    return fs::path(options.out) / "units" / unit.key.id();
  }
  results::PredictionsFile predictions_of(const results::UnitRecord& unit) const {
    return results::read_predictions(unit_folder(unit) / "predictions.csv",
                                     unit.predictions_sha256);
  }
  Exported exported(const std::string& unit, const std::string& weights = "") const {
    return export_model(
        {.study = options.out, .wish = {.unit = unit}, .weights = weights, .fathom = "9.9"});
  }
};

const RanStudy& squeezenet() {
  static const RanStudy study("squeezenet1_1", {"head", "fire9", "all"});
  return study;
}

/// The recorded rows of both parts, by image.
std::map<std::string, std::vector<double>> rows_of(const results::PredictionsFile& file) {
  std::map<std::string, std::vector<double>> rows;
  const auto add = [&](const std::vector<std::string>& images, const stats::Predictions& part) {
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double* row = &part.probabilities[i * part.classes];
      rows[images[i]].assign(row, row + part.classes);
    }
  };
  add(file.valid_images, file.valid);
  add(file.test_images, file.test);
  return rows;
}

/// The exported model, read from its file alone, gives every recorded probability again, but for
/// the order of additions, which depends on the other images of a batch.
void expect_the_recorded_predictions(const RanStudy& study, const results::UnitRecord& unit,
                                     double tolerance) {
  const tests::TemporaryFolder folder;
  write_model(folder / "model.safetensors", study.exported(unit.key.id()).model);
  const Model model = read_model(folder / "model.safetensors");
  const PredictInput input{.data = study.options.data};
  const data::Dataset dataset = open_input(input, model.card);
  const stats::Predictions predicted =
      predict(model, dataset, train::Precision::fp32, [](std::size_t) {});
  const auto recorded = rows_of(study.predictions_of(unit));
  std::size_t compared = 0;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const auto row = recorded.find(dataset.samples[i].id);
    if (row == recorded.end()) continue;  // a training image
    ++compared;
    for (std::size_t c = 0; c < predicted.classes; ++c) {
      EXPECT_NEAR(predicted.probabilities[i * predicted.classes + c], row->second[c], tolerance)
          << unit.key.id() << " " << row->first;
    }
  }
  EXPECT_EQ(compared, recorded.size());
  EXPECT_GT(compared, 0U);
}

TEST(Export, GivesThePredictionsThatTheStudyRecorded) {
  for (const results::UnitRecord& unit : squeezenet().units()) {
    expect_the_recorded_predictions(squeezenet(), unit, 1e-6);
  }
}

TEST(Export, BringsTunedNormalizationStatisticsAlong) {
  const RanStudy study("mobilenet_v2", {"1", "norm-only"});
  for (const results::UnitRecord& unit : study.units()) {
    expect_the_recorded_predictions(study, unit, 1e-5);  // fresh weights let rounding grow
  }
}

TEST(Export, TheCardSaysWhatTheStudyKnows) {
  const RanStudy& study = squeezenet();
  const results::UnitRecord unit = study.units()[1];
  const ModelCard card = study.exported(unit.key.id()).model.card;
  const results::TestFigures figures = results::test_figures(study.predictions_of(unit), 1);
  EXPECT_EQ(card.temperature, figures.temperature);
  EXPECT_EQ(card.threshold, figures.threshold);
  EXPECT_EQ(card.fathom, "9.9");
  EXPECT_EQ(card.input_size, 32);
  EXPECT_EQ(card.stain, "reinhard");
  EXPECT_EQ(card.precision, "fp32");
  EXPECT_EQ(card.classes, study.plan().dataset.classes);
  EXPECT_EQ(card.positive, card.classes.back());
  EXPECT_EQ(card.weights.name, "squeezenet1_1-random");
  EXPECT_EQ(card.training["unit"], unit.key.id());
  EXPECT_EQ(card.training["level"]["name"], unit.key.level.name);
  EXPECT_EQ(card.training["data_fingerprint"], study.plan().study.data.fingerprint);
  EXPECT_NEAR(card.figures["validation"]["auc"]["value"], unit.validation.auc, 1e-9);
  EXPECT_NEAR(card.figures["test"]["image"]["auc"]["value"], unit.test->auc, 1e-9);
  const results::PredictionsFile file = study.predictions_of(unit);
  EXPECT_EQ(card.figures["test_at_threshold"]["sensitivity"]["value"],
            stats::decide(file.test, 1, stats::single_images(file.test.size()), card.threshold)
                .sensitivity.value());
  EXPECT_NE(card.figures["test_at_threshold"]["intervals"].get<std::string>().find("Wilson"),
            std::string::npos);
  EXPECT_EQ(card.figures["test_calibration"]["bins"], 15);
  EXPECT_EQ(card.figures["test_calibration"]["error"], figures.as_given.error);
  EXPECT_EQ(card.figures["test_calibration"]["error_at_temperature"], figures.calibrated.error);
}

TEST(Export, NothingOfTheDataButItsClassesIsInTheFile) {
  const RanStudy& study = squeezenet();
  const tests::TemporaryFolder folder;
  const fs::path file = folder / "model.safetensors";
  write_model(file, study.exported(study.units()[0].key.id()).model);
  const std::string bytes = read_file(file);
  const study::Plan plan = study.plan();
  for (const data::Sample& sample : plan.dataset.samples) {
    EXPECT_EQ(bytes.find(sample.id), std::string::npos);
    EXPECT_EQ(bytes.find("\"" + sample.group + "\""), std::string::npos);
  }
  EXPECT_EQ(bytes.find(study.folder.path().filename().string()), std::string::npos);
  EXPECT_NE(bytes.find(plan.dataset.classes[0]), std::string::npos);
}

TEST(Export, OtherPretrainedWeightsAreRefused) {
  const RanStudy& study = squeezenet();
  const std::string unit = study.units()[0].key.id();
  const fs::path sound = study.folder / "cache/weights/squeezenet1_1-random.safetensors";
  EXPECT_EQ(study.exported(unit, sound).model.card.weights.name, "squeezenet1_1-random");

  weights::PretrainedWeights other = tests::random_weights("squeezenet1_1");
  other.tensors["features.0.bias"] = zoo::from_tensor(torch::ones({64}));
  other.card.name = "other";
  const tests::TemporaryFolder folder;
  weights::WeightFile file;
  file.tensors = other.tensors;
  weights::WeightStore(folder.path()).import(file, other.card);
  const std::string message =
      tests::error_of([&] { study.exported(unit, folder / "other.safetensors"); });
  EXPECT_NE(message.find("other: not the pretrained weights of squeezenet1_1 that the study"),
            std::string::npos)
      << message;
}

TEST(Export, DamagedAndExchangedFilesOfAUnitAreRefused) {
  const RanStudy study("squeezenet1_1", {"head", "fire9"});
  const std::vector<results::UnitRecord> units = study.units();
  const std::string id = units[1].key.id();
  const fs::path file = study.unit_folder(units[1]) / "best.safetensors";
  const auto problem = [&] { return tests::error_of([&] { study.exported(id); }); };
  const std::string whole = read_file(file);
  std::string changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  write_file_atomically(file, changed);
  EXPECT_NE(problem().find("damaged"), std::string::npos) << problem();
  write_file_atomically(file, read_file(study.unit_folder(units[0]) / "best.safetensors"));
  EXPECT_NE(problem().find("it is of another training"), std::string::npos) << problem();
  // As before files were sealed, and with a tensor less.
  weights::WeightFile tuned;
  write_file_atomically(file, whole);
  tuned = weights::read_weight_file(file);
  tuned.metadata.erase("fathom.content");
  tuned.tensors.erase(tuned.tensors.begin());
  const fs::path lesser = study.folder / "lesser.safetensors";
  weights::write_safetensors(lesser, tuned.tensors, tuned.metadata);
  fs::rename(lesser, file);
  EXPECT_NE(problem().find("it does not hold what this training tunes: it lacks features."),
            std::string::npos)
      << problem();
  write_file_atomically(file, whole);
  fs::remove(study.unit_folder(units[1]) / "predictions.csv");
  EXPECT_NE(problem().find("predictions.csv"), std::string::npos) << problem();
}

}  // namespace
}  // namespace fathom::deploy
