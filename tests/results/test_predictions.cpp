#include <gtest/gtest.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/hash.h"
#include "fathom/results/predictions.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using tests::error_of;

PredictionsFile example() {
  PredictionsFile file;
  file.classes = {"normal", "tumour, \"grade 2\""};
  file.valid_images = {"a.png", "dir/b,c.png"};
  file.valid = {2, {0.25, 0.75, static_cast<double>(0.1F), static_cast<double>(0.9F)}, {1, 0}};
  file.test_images = {"d.png"};
  file.test = {2, {1, 0}, {0}};
  return file;
}

void expect_equal(const stats::Predictions& a, const stats::Predictions& b) {
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.labels, b.labels);
  ASSERT_EQ(a.probabilities.size(), b.probabilities.size());
  for (std::size_t i = 0; i < a.probabilities.size(); ++i) {  // what LibTorch gives is float
    EXPECT_EQ(static_cast<float>(a.probabilities[i]), static_cast<float>(b.probabilities[i]));
  }
}

TEST(Predictions, ComeBackAsWritten) {
  const tests::TemporaryFolder folder;
  const PredictionsFile file = example();
  const std::string hash = write_predictions(folder / "units/u/predictions.csv", file);
  EXPECT_EQ(hash, sha256_file(folder / "units/u/predictions.csv"));
  const PredictionsFile back = read_predictions(folder / "units/u/predictions.csv", hash);
  EXPECT_EQ(back.classes, file.classes);
  EXPECT_EQ(back.valid_images, file.valid_images);
  EXPECT_EQ(back.test_images, file.test_images);
  expect_equal(back.valid, file.valid);
  expect_equal(back.test, file.test);
}

TEST(Predictions, AreAPlainTable) {
  const tests::TemporaryFolder folder;
  write_predictions(folder / "p.csv", example());
  EXPECT_EQ(read_file(folder / "p.csv"),
            "image,split,label,predicted,p_normal,\"p_tumour, \"\"grade 2\"\"\"\n"
            "a.png,valid,\"tumour, \"\"grade 2\"\"\",\"tumour, \"\"grade 2\"\"\",0.25,0.75\n"
            "\"dir/b,c.png\",valid,normal,\"tumour, \"\"grade 2\"\"\",0.100000001,0.899999976\n"
            "d.png,test,normal,normal,1,0\n");
}

TEST(Predictions, CarryTheGroupsWhereAnyAreKnown) {
  const tests::TemporaryFolder folder;
  PredictionsFile file = example();
  file.valid_groups = {"patient 1", ""};
  file.test_groups = {"p_2"};
  const std::string hash = write_predictions(folder / "p.csv", file);
  EXPECT_NE(read_file(folder / "p.csv").find("predicted,group,p_normal"), std::string::npos);
  const PredictionsFile back = read_predictions(folder / "p.csv", hash);
  EXPECT_EQ(back.valid_groups, file.valid_groups);
  EXPECT_EQ(back.test_groups, file.test_groups);
  expect_equal(back.valid, file.valid);
  expect_equal(back.test, file.test);
}

TEST(Predictions, AChangedFileIsRefused) {
  const tests::TemporaryFolder folder;
  const std::string hash = write_predictions(folder / "p.csv", example());
  write_file_atomically(folder / "p.csv",
                        read_file(folder / "p.csv") + "e.png,test,normal,normal,0,1\n");
  const std::string message = error_of([&] { read_predictions(folder / "p.csv", hash); });
  EXPECT_NE(message.find("not the file that the unit wrote"), std::string::npos) << message;
  EXPECT_NE(message.find(hash), std::string::npos) << message;
}

TEST(Predictions, MalformedFilesAreNamedWithTheLine) {
  const tests::TemporaryFolder folder;
  const std::string header = "image,split,label,predicted,p_a,p_b\n";
  const auto message_for = [&](const std::string& text) {
    write_file_atomically(folder / "p.csv", text);
    return error_of([&] { read_predictions(folder / "p.csv", sha256_hex(text)); });
  };
  const auto expect_in = [&](const std::string& text, const std::string& part) {
    const std::string message = message_for(text);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect_in("image,label\nx,y\n", "p.csv:1: the columns must be");
  expect_in("image,split,label,predicted,p_a\nx,test,a,a,1\n", "two or more classes");
  expect_in(header + "x,train,a,a,1,0\n", "p.csv:2: split 'train'; allowed are valid and test");
  expect_in(header + "x,test,a,a,1,0\ny,test,c,a,1,0\n", "p.csv:3: unknown class 'c'");
  expect_in(header + "x,test,a,a,nan,0\n", "p.csv:2: 'nan' is not a probability");
  expect_in(header + "x,test,a,a,1.5,0\n", "'1.5' is not a probability");
  expect_in(header + "x,test,a,a,0.5x,0\n", "'0.5x' is not a probability");
  expect_in(header + "x,test,a,a,1\n", "p.csv:2: 5 cells");
}

TEST(Predictions, AMissingFileIsNamed) {
  const tests::TemporaryFolder folder;
  const std::string message = error_of([&] { read_predictions(folder / "p.csv", "0"); });
  EXPECT_NE(message.find("p.csv: cannot read: no such file"), std::string::npos) << message;
}

}  // namespace
}  // namespace fathom::results
