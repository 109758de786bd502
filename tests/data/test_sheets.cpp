#include <gtest/gtest.h>

#include "fathom/data/sheets.h"
#include "fathom/image/corruption.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {

constexpr int kRow = 16 + 32 + 4;  ///< caption, cell, gap

class Sheets : public testing::Test {
 protected:
  Sheets() {
    for (int i = 0; i < 4; ++i) {
      const std::string file = std::to_string(i) + ".png";
      write_image(folder_ / ("a/" + file), 40 * i, 32, 32);
      write_image(folder_ / ("b/" + file), 40 * i + 20, 32, 32);
    }
  }
  tests::TemporaryFolder folder_;
};

TEST_F(Sheets, ShowTwoImagesOfEachClassAndTheirViews) {
  const image::Image sheet = view_sheet(open_dataset(options_for(folder_.path())), {});
  EXPECT_EQ(sheet.height, 4 + 2 * 2 * 5 * kRow);
  EXPECT_EQ(sheet.width, 4 + 9 * (32 + 4));
}

TEST_F(Sheets, ShowTheViewsOfTheStudy) {
  const auto texture = [](std::size_t seed) {
    image::Image image(32, 32);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
      image.rgb[i] = static_cast<std::uint8_t>(120 + (i * i + seed) % 100);
    }
    return image;
  };
  for (std::size_t i = 0; i < 4; ++i) {
    for (const std::string name : {"a/", "b/"}) {
      write_file_atomically(folder_ / (name + std::to_string(i) + ".png"),
                            image::encode_png(texture(i)));
    }
  }
  Dataset dataset = open_dataset(options_for(folder_.path()));
  const image::Image sheet = view_sheet(dataset, {});
  EXPECT_EQ(view_sheet(dataset, {}), sheet);
  EXPECT_NE(view_sheet(dataset, {.seed = 1}), sheet);
  EXPECT_EQ(view_sheet(dataset, {.jittered = 12}).width, 4 + 13 * (32 + 4));
  EXPECT_NE(view_sheet(dataset, {.size = 16}), sheet);
  dataset.stain = "reinhard";
  EXPECT_NE(view_sheet(dataset, {}), sheet);
}

TEST_F(Sheets, ShowARowForEveryCorruption) {
  const image::Image sheet = corruption_sheet(open_dataset(options_for(folder_.path())), {});
  EXPECT_EQ(sheet.height, 4 + 2 * static_cast<int>(image::corruptions().size()) * kRow);
  EXPECT_EQ(sheet.width, 4 + 6 * (32 + 4));
  // The first cell is an image of the first class as it is.
  const std::uint8_t value = sheet.rgb[(20 * static_cast<std::size_t>(sheet.width) + 8) * 3];
  EXPECT_EQ(value % 40, 0);
}

TEST_F(Sheets, PassOverImagesThatCannotBeRead) {
  const image::Image whole = corruption_sheet(open_dataset(options_for(folder_.path())), {});
  for (int i = 0; i < 3; ++i) {
    write_file_atomically(folder_ / ("a/" + std::to_string(i) + ".png"), "no image");
  }
  const image::Image sheet = corruption_sheet(open_dataset(options_for(folder_.path())), {});
  EXPECT_EQ(sheet.height, whole.height);
}

}  // namespace
}  // namespace fathom::data
