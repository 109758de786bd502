#include <gtest/gtest.h>

#include "fathom/results/input_sizes.h"

namespace fathom::results {
namespace {

constexpr ImageSizes kOneSize{96, 96, 96, 96, 0};
constexpr ImageSizes kMixed{40, 1200, 60, 900, 34};

std::vector<ArchitectureSummary> networks(int first, int second) {
  return {{.name = "vgg16", .title = "VGG16", .input_size = first},
          {.name = "inception_v3", .title = "InceptionV3", .input_size = second}};
}

TEST(InputSizes, AreSaidForEveryNetworkWhereTheyDiffer) {
  EXPECT_EQ(inputs_in_words(networks(96, 96)), "96 x 96 pixels");
  EXPECT_EQ(inputs_in_words(networks(224, 299)),
            "224 x 224 pixels for VGG16 and 299 x 299 pixels for InceptionV3");
  EXPECT_EQ(inputs_in_words(networks(224, 0)), "224 x 224 pixels for VGG16") << "older studies";
  EXPECT_EQ(inputs_in_words(networks(0, 0)), "");
}

TEST(InputSizes, OfImagesAreTheirExtent) {
  EXPECT_EQ(sizes_in_words(kOneSize), "96 x 96 pixels");
  EXPECT_EQ(sizes_in_words(kMixed), "40 to 1200 pixels high and 60 to 900 wide");
  EXPECT_EQ(sizes_in_words({50, 50, 80, 80, 7}), "50 pixels high and 80 wide");
}

TEST(InputSizes, ImagesThatAreGivenAsTheyAreNeedNoWarning) {
  EXPECT_EQ(resizing_warning("The images", kOneSize, networks(96, 96)), "");
}

TEST(InputSizes, ResizedImagesAreWarnedOf) {
  EXPECT_EQ(resizing_warning("The images", kOneSize, networks(96, 299)),
            "The images are 96 x 96 pixels; networks see them resized to 96 x 96 pixels for VGG16 "
            "and 299 x 299 pixels for InceptionV3 (--image-size).");
}

TEST(InputSizes, LostProportionsAreWarnedOf) {
  const std::string text = resizing_warning("The images", kMixed, networks(224, 224));
  EXPECT_TRUE(
      text.starts_with("The images are 40 to 1200 pixels high and 60 to 900 wide; networks "
                       "see them resized to 224 x 224 pixels (--image-size). 34 of them "
                       "are not square"))
      << text;
  EXPECT_NE(resizing_warning("The images", {9, 9, 9, 8, 1}, networks(32, 32)).find("1 of them is"),
            std::string::npos);
}

}  // namespace
}  // namespace fathom::results
