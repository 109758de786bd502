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
  const image::Image sheet = view_sheet(open_dataset(options_for(folder_.path())));
  EXPECT_EQ(sheet.height, 4 + 2 * 2 * 4 * kRow);
  EXPECT_EQ(sheet.width, 4 + 9 * (32 + 4));
}

TEST_F(Sheets, ShowARowForEveryCorruption) {
  const image::Image sheet = corruption_sheet(open_dataset(options_for(folder_.path())));
  EXPECT_EQ(sheet.height, 4 + 2 * static_cast<int>(image::corruptions().size()) * kRow);
  EXPECT_EQ(sheet.width, 4 + 6 * (32 + 4));
  // The first cell is an image of the first class as it is.
  const std::uint8_t value = sheet.rgb[(20 * static_cast<std::size_t>(sheet.width) + 8) * 3];
  EXPECT_EQ(value % 40, 0);
}

TEST_F(Sheets, PassOverImagesThatCannotBeRead) {
  const image::Image whole = corruption_sheet(open_dataset(options_for(folder_.path())));
  for (int i = 0; i < 3; ++i) {
    write_file_atomically(folder_ / ("a/" + std::to_string(i) + ".png"), "no image");
  }
  const image::Image sheet = corruption_sheet(open_dataset(options_for(folder_.path())));
  EXPECT_EQ(sheet.height, whole.height);
}

}  // namespace
}  // namespace fathom::data
