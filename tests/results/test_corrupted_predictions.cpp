#include <gmock/gmock.h>

#include <cmath>

#include "fathom/base/atomic_file.h"
#include "fathom/base/hash.h"
#include "fathom/results/corrupted_predictions.h"
#include "fathom/weights/state_dict.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using testing::HasSubstr;

/// 3 of 5 test images of two classes.
CorruptedPredictions example_corrupted() {
  return {.classes = 2,
          .test_rows = {0, 3, 4},
          .uncorrupted = {-0.5F, -1, -1e-9F, -20, -0.25F, -1.5F},
          .corrupted = {{{"stain", 1}, {-1, -0.5F, -20, 0, -1.5F, -0.25F}},
                        {{"stain_shift", 5}, {-1, -1, -1, -1, -1, -1}}}};
}

stats::Predictions five_images(std::size_t classes = 2) {
  return {classes, std::vector<double>(5 * classes), std::vector<int>(5)};
}

/// What is said of a file in which one tensor is another.
std::string error_with(const std::string& name, const std::vector<std::int64_t>& shape,
                       const std::vector<float>& values, std::size_t classes = 2) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "c.safetensors";
  write_corrupted(path, example_corrupted());
  weights::WeightFile file = weights::read_weight_file(path);
  file.tensors[name] = {weights::DType::f32, shape, std::as_bytes(std::span(values)), nullptr};
  weights::write_safetensors(folder / "other.safetensors", file.tensors);
  return tests::error_of([&] {
    read_corrupted(folder / "other.safetensors", sha256_file(folder / "other.safetensors"),
                   five_images(classes));
  });
}

}  // namespace

TEST(CorruptedPredictions, AreReadAsTheyWereWritten) {
  const tests::TemporaryFolder folder;
  const CorruptedPredictions written = example_corrupted();
  const std::string hash = write_corrupted(folder / "units/u/c.safetensors", written);
  const auto read = read_corrupted(folder / "units/u/c.safetensors", hash, five_images());
  EXPECT_EQ(read.classes, 2U);
  EXPECT_EQ(read.test_rows, written.test_rows);
  EXPECT_EQ(read.uncorrupted, written.uncorrupted);
  EXPECT_EQ(read.corrupted, written.corrupted);
  EXPECT_EQ(write_corrupted(folder / "again.safetensors", written), hash);
}

TEST(CorruptedPredictions, ThatAreNotWhatTheUnitWroteAreRefused) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "c.safetensors";
  write_corrupted(path, example_corrupted());
  EXPECT_THAT(tests::error_of([&] { read_corrupted(path, std::string(64, 'a'), five_images()); }),
              HasSubstr("not the file that the unit wrote"));
  EXPECT_THAT(tests::error_of([&] { read_corrupted(folder / "none", "", five_images()); }),
              HasSubstr("none"));
  write_file_atomically(path, "not a tensor");
  EXPECT_NE(tests::error_of([&] { read_corrupted(path, sha256_file(path), five_images()); }), "");
}

TEST(CorruptedPredictions, ThatAreMalformedAreRefused) {
  EXPECT_THAT(error_with("test_row", {3}, {0, 1, 2}), HasSubstr("missing or of another type"));
  EXPECT_THAT(error_with("uncorrupted", {2, 2}, std::vector<float>(4)),
              HasSubstr("'uncorrupted' must be of 3 images and 2 classes"));
  EXPECT_THAT(error_with("stain_2", {3, 2}, {-1, -1, 0.5F, -1, -1, -1}),
              HasSubstr("'stain_2' has values that are no logarithms"));
  EXPECT_THAT(error_with("stain_2", {3, 2}, {-1, -1, NAN, -1, -1, -1}), HasSubstr("'stain_2' has"));
  EXPECT_THAT(error_with("stain", {3, 2}, std::vector<float>(6)), HasSubstr("is not named by"));
  EXPECT_THAT(error_with("stain_x", {3, 2}, std::vector<float>(6)), HasSubstr("is not named by"));
  EXPECT_THAT(error_with("stain_2", {3, 2}, std::vector<float>(6), 3),
              HasSubstr("3 images and 3 classes"));
  const tests::TemporaryFolder folder;
  for (const std::vector<std::int64_t>& rows :
       {std::vector<std::int64_t>{0, 3, 5}, {-1, 3, 4}, {0, 3, 3}}) {
    CorruptedPredictions file = example_corrupted();
    file.test_rows = rows;
    const std::string hash = write_corrupted(folder / "c", file);
    EXPECT_THAT(tests::error_of([&] { read_corrupted(folder / "c", hash, five_images()); }),
                HasSubstr("must be one or more of the 5 test rows, ascending"));
  }
}

}  // namespace fathom::results
