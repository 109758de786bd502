#include <cmath>
#include <fstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/csv.h"
#include "fathom/base/random.h"
#include "fathom/deploy/predict.h"
#include "fathom/image/image.h"
#include "fathom/stats/calibration.h"
#include "fathom/study/data_summary.h"
#include "tests/deploy/models.h"

namespace fathom::deploy {
namespace {

namespace fs = std::filesystem;

class Predict : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    model_ = std::make_unique<Model>(tests::random_model("squeezenet1_1"));
  }
  static void TearDownTestSuite() { model_.reset(); }

  /// Writes an image of random pixels; returns its path.
  std::string write_image(const std::string& name, std::uint64_t seed, int height = 40,
                          int width = 40) const {
    image::Image image(height, width);
    Random random(seed);
    for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(random.below(256));
    write_file_atomically(folder_ / name, image::encode_png(image));
    return folder_ / name;
  }

  static stats::Predictions predicted(const data::Dataset& dataset) {
    return predict(*model_, dataset, train::Precision::fp32, [](std::size_t) {});
  }

  std::string problem(const PredictInput& input) const {
    return tests::error_of([&] { predicted(open_input(input, model_->card)); });
  }

  static inline std::unique_ptr<Model> model_;
  tests::TemporaryFolder folder_;
};

std::vector<std::string> ids_of(const data::Dataset& dataset) {
  std::vector<std::string> ids;
  for (const data::Sample& sample : dataset.samples) ids.push_back(sample.id);
  return ids;
}

TEST_F(Predict, PathsAreTakenInTheirOrderAndFoldersToTheirEnd) {
  const std::string b = write_image("b.png", 1), in_a = write_image("a/deep/x.png", 2),
                    in_a2 = write_image("a/y.png", 3);
  write_file_atomically(folder_ / "a/movie.avi", "no image");
  const data::Dataset dataset = open_input({.paths = {b, folder_ / "a", b}}, model_->card);
  EXPECT_EQ(ids_of(dataset), (std::vector{b, in_a, in_a2}));
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, (folder_ / "a/movie.avi").string());
  const stats::Predictions all = predicted(dataset);
  ASSERT_EQ(all.probabilities.size(), 6U);
  const stats::Predictions alone = predicted(open_input({.paths = {in_a}}, model_->card));
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_NEAR(all.probabilities[2 + c], alone.probabilities[c], 1e-6);
  }
}

TEST_F(Predict, MoreImagesThanFitABatchAreAllSeen) {
  std::vector<std::string> paths;
  for (std::uint64_t i = 0; i < 130; ++i) {
    paths.push_back(write_image(std::to_string(i) + ".png", i, 8, 8));
  }
  std::vector<std::size_t> done;
  const data::Dataset dataset = open_input({.paths = paths}, model_->card);
  const stats::Predictions all = predict(*model_, dataset, train::Precision::fp32,
                                         [&](std::size_t count) { done.push_back(count); });
  EXPECT_EQ(all.size(), 130U);
  EXPECT_EQ(done, (std::vector<std::size_t>{0, 128}));
  const stats::Predictions last = predicted(open_input({.paths = {paths[129]}}, model_->card));
  EXPECT_NEAR(all.probabilities[258], last.probabilities[0], 1e-6);
}

TEST_F(Predict, AnImageThatCannotBeReadStopsOrIsListed) {
  const std::string good = write_image("good.png", 1), bad = folder_ / "bad.png";
  write_file_atomically(bad, "\x89PNG and no more");
  PredictInput input{.paths = {good, bad}};
  EXPECT_NE(problem(input).find("bad.png"), std::string::npos);
  EXPECT_NE(problem(input).find("--skip-bad"), std::string::npos);
  input.data.skip_bad = true;
  const data::Dataset dataset = open_input(input, model_->card);
  EXPECT_EQ(ids_of(dataset), std::vector{good});
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, bad);
  input.paths = {bad};
  EXPECT_NE(problem(input).find("no image is left"), std::string::npos);
}

TEST_F(Predict, NothingToLookAtIsAnError) {
  EXPECT_NE(problem({.paths = {folder_ / "nowhere"}}).find("no such file or folder"),
            std::string::npos);
  fs::create_directory(folder_ / "empty");
  EXPECT_NE(problem({.paths = {folder_ / "empty"}}).find("no image below it"), std::string::npos);
}

TEST_F(Predict, TheTableHoldsCalibratedProbabilitiesAndTheDecision) {
  const data::Dataset dataset =
      open_input({.paths = {write_image("one,1.png", 1), write_image("two.png", 2)}}, model_->card);
  const stats::Predictions given{2, {0.55, 0.45, 0.9, 0.1}, {-1, -1}};
  const CsvTable table = parse_csv(predictions_csv(model_->card, dataset, given, false), "table");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"image", "predicted", "at_threshold",
                                                     "p_normal", "p_tumour"}));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][0], (folder_ / "one,1.png").string());
  // The threshold is 0.4, the temperature 1.5.
  EXPECT_EQ(table.rows[0][1], "normal");
  EXPECT_EQ(table.rows[0][2], "tumour");
  EXPECT_EQ(table.rows[1][2], "normal");
  const double odds = std::pow(0.1 / 0.9, 1 / 1.5);
  EXPECT_NEAR(std::stod(table.rows[1][4]), odds / (1 + odds), 1e-9);
  EXPECT_NEAR(std::stod(table.rows[1][3]) + std::stod(table.rows[1][4]), 1, 1e-8);
}

TEST_F(Predict, LabelsGiveFiguresAndTheStudysOwnImagesAreKnown) {
  // Six images of two patients, the classes in another order than the model's.
  std::string csv = "path,label,group\n";
  for (std::uint64_t i = 0; i < 6; ++i) {
    write_image(std::to_string(i) + ".png", i, 32, 32);
    csv += std::to_string(i) + ".png," + (i < 3 ? "tumour" : "normal") + "," +
           (i % 2 == 0 ? "p1" : "p2") + "\n";
  }
  write_file_atomically(folder_ / "labels.csv", csv);
  PredictInput input;
  input.data.data = folder_ / "labels.csv";
  ModelCard card = model_->card;
  card.classes = {"tumour", "normal"};
  const data::Dataset dataset = open_input(input, card);
  EXPECT_EQ(dataset.samples[0].label, 0);
  EXPECT_EQ(dataset.samples[5].label, 1);
  const stats::Predictions given{
      2, {0.9, 0.1, 0.45, 0.55, 0.3, 0.7, 0.5, 0.5, 0.2, 0.8, 0.1, 0.9}, {0, 0, 0, 1, 1, 1}};
  const Evaluation evaluation = evaluate(card, dataset, given);
  EXPECT_EQ(evaluation.scores.cases, 6U);
  EXPECT_EQ(evaluation.scores.groups, 2U);
  EXPECT_NEAR(evaluation.scores.values[stats::Figure::auc], 7.0 / 9, 1e-12);
  EXPECT_NEAR(evaluation.scores.values[stats::Figure::accuracy], 3.0 / 6, 1e-12);
  // 0.9 and 0.45 of three tumours reach 0.4, and one normal image does.
  using stats::Figure;
  EXPECT_EQ(evaluation.scores.values[Figure::sensitivity_at_threshold], 2.0 / 3);
  EXPECT_EQ(evaluation.scores.values[Figure::specificity_at_threshold], 2.0 / 3);
  for (const Figure figure : {Figure::accuracy, Figure::sensitivity_at_threshold}) {
    EXPECT_TRUE(std::isnan(evaluation.scores.by_formula[figure].low)) << "of two patients";
    EXPECT_TRUE(std::isnan(evaluation.scores.by_bootstrap(figure).low));
  }
  EXPECT_FALSE(evaluation.of_the_study);
  card.training["data_fingerprint"] = study::fingerprint(dataset);
  EXPECT_TRUE(evaluate(card, dataset, given).of_the_study);
  const CsvTable table = parse_csv(predictions_csv(card, dataset, given, true), "table");
  EXPECT_EQ(table.columns[1], "label");
  EXPECT_EQ(table.rows[0][1], "tumour");
}

TEST_F(Predict, SeveralClassesHaveNoThresholdAndOneMayBeAbsent) {
  ModelCard card = model_->card;
  card.classes = {"a", "b", "c"};
  card.positive = "";
  card.threshold = NAN;
  write_image("a/1.png", 1);
  write_image("c/2.png", 2);
  PredictInput input;
  input.data.data = folder_.path();
  const data::Dataset dataset = open_input(input, card);
  EXPECT_EQ(dataset.samples[1].label, 2);
  const stats::Predictions given{3, {0.5, 0.3, 0.2, 0.1, 0.7, 0.2}, {0, 2}};
  const CsvTable table = parse_csv(predictions_csv(card, dataset, given, true), "table");
  EXPECT_EQ(table.columns,
            (std::vector<std::string>{"image", "label", "predicted", "p_a", "p_b", "p_c"}));
  EXPECT_EQ(table.rows[1][2], "b");
  const Evaluation evaluation = evaluate(card, dataset, given);
  EXPECT_EQ(evaluation.scores.values[stats::Figure::accuracy], 0.5);
  EXPECT_TRUE(std::isnan(evaluation.scores.values[stats::Figure::sensitivity_at_threshold]));
}

TEST_F(Predict, AClassThatTheModelDoesNotKnowIsRefused) {
  write_image("benign/1.png", 1);
  write_image("tumour/2.png", 2);
  PredictInput input;
  input.data.data = folder_.path();
  EXPECT_NE(problem(input).find("its class 'benign' is none of the model's (normal, tumour)"),
            std::string::npos)
      << problem(input);
}

TEST_F(Predict, ANetworkThatGivesNoNumbersIsNotBelieved) {
  Model huge = *model_;
  huge.tensors[kHeadWeight] =
      zoo::from_tensor(torch::full({2, 512}, std::numeric_limits<float>::max()));
  const std::string path = write_image("x.png", 1);
  const data::Dataset dataset = open_input({.paths = {path}}, huge.card);
  const std::string message =
      tests::error_of([&] { predict(huge, dataset, train::Precision::fp32, [](std::size_t) {}); });
  EXPECT_TRUE(message.starts_with(path)) << message;
}

}  // namespace
}  // namespace fathom::deploy
