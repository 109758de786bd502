#include <gtest/gtest.h>

#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {

TEST(ImageId, IsTheBeginningOfThePixelHash) {
  EXPECT_EQ(image_id("00000000000000ff" + std::string(48, '7')), 255U);
  EXPECT_NE(image_id(pixel_hash(plain_image(1))), image_id(pixel_hash(plain_image(2))));
}

TEST(LoadInput, NormalizesStainsAndSaysSoInItsHash) {
  const tests::TemporaryFolder folder;
  image::Image patch(32, 32);
  for (std::size_t i = 0; i < patch.rgb.size(); ++i) {
    patch.rgb[i] = static_cast<std::uint8_t>(60 + i * 7 % 120);
  }
  std::filesystem::create_directories(folder / "a");
  write_file_atomically(folder / "a/0.png", image::encode_png(patch));
  write_image(folder / "b/0.png", 9);
  DataOptions options = options_for(folder.path());
  Dataset plain = open_dataset(options);
  options.stain = "reinhard";
  Dataset normalized = open_dataset(options);
  scan(plain, false);
  scan(normalized, false);
  const Sample& sample = plain.samples[0];
  EXPECT_EQ(normalized.samples[0].hash, sample.hash);
  EXPECT_EQ(load_image(normalized, sample), patch);
  EXPECT_EQ(load_input(plain, sample), patch);
  EXPECT_NE(load_input(normalized, sample), patch);
  EXPECT_EQ(input_hash(plain, sample), sample.hash);
  EXPECT_NE(input_hash(normalized, sample), sample.hash);
  EXPECT_EQ(input_hash(normalized, sample).size(), sample.hash.size());
}

TEST(LoadInput, RefusesAnImageThatHasChanged) {
  const tests::TemporaryFolder folder;
  write_image(folder / "a/0.png", 1);
  write_image(folder / "b/0.png", 2);
  Dataset dataset = open_dataset(options_for(folder.path()));
  scan(dataset, false);
  write_image(folder / "a/0.png", 3);
  EXPECT_EQ(tests::error_of([&] { load_input(dataset, dataset.samples[0]); }),
            "a/0.png: the image has changed since the study was planned");
}

}  // namespace
}  // namespace fathom::data
