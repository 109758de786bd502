// Files that are not the model that was written: each has its own message.
#include <fstream>

#include "fathom/base/atomic_file.h"
#include "fathom/weights/seal.h"
#include "tests/deploy/models.h"

namespace fathom::deploy {
namespace {

namespace fs = std::filesystem;

class ModelFile : public testing::Test {
 protected:
  /// Writes the model with another card, sealed as a program would.
  void write_card(const Json& card) {
    weights::write_sealed(file_, model_.tensors, {{kModelKey, card.dump()}});
  }

  /// What reading the file and building its network says.
  std::string problem() const {
    return tests::error_of([&] { TunedModel(read_model(file_), train::Precision::fp32); });
  }

  void expect_problem(const std::string& part) const {
    const std::string message = problem();
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with(file_.string())) << message;
  }

  tests::TemporaryFolder folder_;
  fs::path file_ = folder_ / "model.safetensors";
  Model model_ = tests::random_model("squeezenet1_1");
};

TEST_F(ModelFile, KeepsItsCard) {
  model_.card.classes = {"a", "b", "c"};
  model_.card.positive = "";
  model_.card.threshold = NAN;
  model_.card.stain = "macenko";
  model_.card.weights.preprocessing.channels = "BGR";
  model_.card.training["seed"] = 7;
  write_model(file_, model_);
  const Model read = read_model(file_);
  EXPECT_EQ(to_json(read.card).dump(), to_json(model_.card).dump());
  EXPECT_TRUE(std::isnan(read.card.threshold));
  EXPECT_EQ(read.card.weights.preprocessing, model_.card.weights.preprocessing);
}

TEST_F(ModelFile, TruncatedIsRefused) {
  write_model(file_, model_);
  const auto whole = fs::file_size(file_);
  for (const auto size : {std::uintmax_t{0}, std::uintmax_t{5}, std::uintmax_t{1000}, whole - 1}) {
    fs::resize_file(file_, size);
    EXPECT_TRUE(problem().starts_with(file_.string())) << size;
    write_model(file_, model_);
  }
}

TEST_F(ModelFile, AChangedNumberOrCardIsRefused) {
  write_model(file_, model_);
  const std::string whole = read_file(file_);
  std::string changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  write_file_atomically(file_, changed);
  expect_problem("damaged");
  changed = whole;
  const std::size_t temperature = changed.find("temperature\\\":1.5");
  ASSERT_NE(temperature, std::string::npos);
  changed[temperature + std::string("temperature\\\":1.").size()] = '6';
  write_file_atomically(file_, changed);
  expect_problem("damaged");
}

TEST_F(ModelFile, WithoutItsSealIsRefused) {
  weights::write_safetensors(file_, model_.tensors, {{kModelKey, to_json(model_.card).dump()}});
  expect_problem("lost its seal");
}

TEST_F(ModelFile, EveryKeyOfTheCardIsNeeded) {
  const Json card = to_json(model_.card);
  for (const auto& [key, value] : card.items()) {
    Json less = card;
    less.erase(key);
    write_card(less);
    expect_problem("'" + key + "'");
  }
}

TEST_F(ModelFile, ImpossibleCardsAreRefused) {
  const auto with = [&](const char* key, const Json& value) {
    Json card = to_json(model_.card);
    card[key] = value;
    write_card(card);
  };
  with("model_version", kModelVersion + 1);
  expect_problem("a newer fathom wrote this model");
  with("model_version", "1");
  expect_problem("no whole number 'model_version'");
  with("temperature", 0);
  expect_problem("temperature");
  with("threshold", 2);
  expect_problem("threshold is 2");
  with("classes", {"normal"});
  expect_problem("two or more different names");
  with("classes", {"normal", "normal"});
  expect_problem("two or more different names");
  with("positive", "cancer");
  expect_problem("positive is 'cancer'");
  with("resize", "by wish");
  expect_problem("resize");
  with("stain", "blue");
  expect_problem("stain");
  with("colour", 1);
  expect_problem("unknown setting 'colour'");
  with("figures", 3);
  expect_problem("'figures' is no JSON object");
  weights::write_sealed(file_, model_.tensors, {{kModelKey, "{"}});
  expect_problem("not a JSON object");
}

TEST_F(ModelFile, AnUnknownArchitectureIsNamed) {
  model_.card.weights.architecture = "squeezenet9";
  write_model(file_, model_);
  expect_problem("unknown architecture 'squeezenet9'");
}

TEST_F(ModelFile, TensorsThatDoNotFitAreNamed) {
  const Model sound = model_;
  model_.tensors.erase("features.0.weight");
  write_model(file_, model_);
  expect_problem("1 tensor missing: features.0.weight");
  model_ = sound;
  model_.tensors["features.99.weight"] = model_.tensors.at("features.0.weight");
  write_model(file_, model_);
  expect_problem("1 tensor left over: features.99.weight");
  model_ = sound;
  model_.tensors[kHeadBias] = zoo::from_tensor(torch::zeros({3}));
  write_model(file_, model_);
  expect_problem("head.bias is F32 of 3, must be F32 of 2 (classes)");
  model_.tensors.erase(kHeadWeight);
  write_model(file_, model_);
  expect_problem("the tensor head.weight is missing");
  model_ = sound;
  model_.tensors[kHeadBias] = zoo::from_tensor(torch::full({2}, NAN));
  write_model(file_, model_);
  expect_problem("holds NaN or infinity");
}

TEST_F(ModelFile, OtherFilesAreToldApart) {
  weights::write_safetensors(file_, model_.tensors, {{"fathom.unit", "{}"}});
  expect_problem("only the tuned part of one training");
  weights::write_safetensors(file_, model_.tensors);
  expect_problem("not a model that fathom exported");
  write_file_atomically(file_, "an image");
  expect_problem("not a weight file");
  fs::remove(file_);
  EXPECT_NE(problem().find(file_.string()), std::string::npos);
}

}  // namespace
}  // namespace fathom::deploy
