#include <fstream>
#include <set>

#include "fathom/study/options.h"
#include "tests/support.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;

StudyOptions read_text(const std::string& text) {
  const tests::TemporaryFolder folder;
  std::ofstream(folder / "s.toml") << text;
  return read_options(folder / "s.toml");
}

}  // namespace

TEST(StudyOptions, EveryKeyIsAFlagByItself) {
  StudyOptions options;
  std::set<std::string> flags;
  for (const Section& section : options.sections()) {
    for (const Field& field : section.fields) {
      EXPECT_TRUE(flags.insert(field.flag()).second) << field.flag() << " stands twice";
      EXPECT_FALSE(field.help.empty()) << field.name;
    }
  }
}

TEST(StudyOptions, DefaultsAreAllowedValues) {
  StudyOptions options, copy;
  EXPECT_NO_THROW(set_options(copy, to_json(options), "defaults"));
  EXPECT_EQ(to_json(copy), to_json(options));
}

TEST(StudyOptions, TomlSetsWhatItNames) {
  const StudyOptions options = read_text(
      "[study]\narch = ['vgg16', 'squeezenet1_1']\nseeds = 5\nmargin = 0.02\n"
      "[data]\nskip_bad = true\nvalid_fraction = 0.25\n"
      "[train]\nlearning_rates = [1e-3, 1]\noptimizer = 'sgd'\n");
  EXPECT_EQ(options.arch, (std::vector<std::string>{"vgg16", "squeezenet1_1"}));
  EXPECT_EQ(options.seeds, 5);
  EXPECT_EQ(options.rule.margin, 0.02);
  EXPECT_EQ(options.rule.confidence, 0.95);
  EXPECT_TRUE(options.data.skip_bad);
  EXPECT_EQ(options.data.valid_fraction, 0.25);
  EXPECT_EQ(options.train.learning_rates, (std::vector<double>{1e-3, 1}));
  EXPECT_EQ(options.train.optimizer, "sgd");
}

TEST(StudyOptions, PathsAreMeantFromTheFileThatNamesThem) {
  const tests::TemporaryFolder folder;
  std::ofstream(folder / "s.toml")
      << "[study]\nout = 'result'\nweights = ['imported-name', 'vgg16=w/file.pth']\n"
         "[data]\ndata = 'images'\nexternal = ['b=other', 'c=folder:of/c']\n";
  const StudyOptions options = read_options(folder / "s.toml");
  EXPECT_EQ(options.out, (folder / "result").string());
  EXPECT_EQ(options.data.data, (folder / "images").string());
  EXPECT_EQ(options.data.external[0], "b=" + (folder / "other").string());
  EXPECT_EQ(options.data.external[1], "c=folder:" + (folder / "of/c").string());
  EXPECT_EQ(options.weights[0], "imported-name");
  EXPECT_EQ(options.weights[1], "vgg16=" + (folder / "w/file.pth").string());
}

TEST(StudyOptions, APathThatBeginsAsASourceStaysAPath) {
  const tests::TemporaryFolder folder;
  std::ofstream(folder / "s.toml") << "[data]\ndata = 'x'\nexternal = ['b=./folder:other']\n";
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const StudyOptions options = read_options("s.toml");
  std::filesystem::current_path(before);
  EXPECT_EQ(options.data.external[0], "b=./folder:other");
}

TEST(StudyOptions, MistakesAreNamedWithWhatIsAllowed) {
  const auto message = [](const std::string& text) {
    return tests::error_of([&] { read_text(text); });
  };
  EXPECT_NE(message("[train]\nepoch = 3\n").find("did you mean 'epochs'"), std::string::npos);
  EXPECT_NE(message("[tran]\nepochs = 3\n").find("did you mean 'train'"), std::string::npos);
  EXPECT_NE(message("[train]\noptimizer = 'adm'\n").find("did you mean 'adam'"), std::string::npos);
  EXPECT_NE(message("[train]\nepochs = 0\n").find("1 to 10000"), std::string::npos);
  EXPECT_NE(message("[train]\nepochs = 'three'\n").find("whole number"), std::string::npos);
  EXPECT_NE(message("[train]\nepochs = 2.5\n").find("2.5"), std::string::npos);
  EXPECT_NE(message("[train]\nlearning_rates = 1e-3\n").find("list of numbers"), std::string::npos);
  EXPECT_NE(message("[data]\ntrain_fraction = 0.5\n").find("did you mean 'train_fractions'"),
            std::string::npos);
  EXPECT_NE(message("[data]\ntrain_fractions = 0.5\n").find("list of numbers"), std::string::npos);
  EXPECT_NE(message("[data]\ntrain_fractions = [0.5, 0]\n").find("0.001 to 1"), std::string::npos);
  EXPECT_NE(message("[data]\ntrain_fractions = [1.5]\n").find("0.001 to 1"), std::string::npos);
  EXPECT_NE(message("[study]\nblocks = 'fin'\n").find("did you mean 'fine'"), std::string::npos);
  EXPECT_NE(message("[study]\nmargin = 0\n").find("0.0001 to 0.5"), std::string::npos);
  EXPECT_NE(message("[study]\nconfidence = 95\n").find("0.5 to 0.999"), std::string::npos);
  EXPECT_NE(message("[train\nepochs = 3\n").find("s.toml:"), std::string::npos);
  EXPECT_NE(message("[train]\nepochs = 2026-01-01\n").find("s.toml:2"), std::string::npos);
  EXPECT_NE(tests::error_of([] { read_options("/nowhere/s.toml"); }).find("/nowhere/s.toml"),
            std::string::npos);
}

TEST(StudyOptions, WhatHasNoDefaultMustBeSaid) {
  StudyOptions options;
  EXPECT_NE(tests::error_of([&] { check_complete(options); }).find("--data"), std::string::npos);
  options.data.data = "x";
  EXPECT_NE(tests::error_of([&] { check_complete(options); }).find("--arch"), std::string::npos);
}

TEST(StudyOptions, EverySettingOfTheExamplesIsKnown) {
  std::size_t examples = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(FATHOM_SOURCE_DIR) / "configs")) {
    EXPECT_NO_THROW(read_options(entry.path())) << entry.path();
    ++examples;
  }
  EXPECT_GE(examples, 2U);
}

}  // namespace fathom::study
