#include <gtest/gtest.h>

#include "tests/image/cases.h"
#include "tests/support.h"

namespace fathom::image {
namespace {

class Transform : public testing::Test {
 protected:
  Transform() { tests::run_oracle("transform_cases.py", {folder_.path().string()}); }
  Image read(const std::string& name) const { return read_case(folder_ / (name + ".rgb")); }
  tests::TemporaryFolder folder_;
};

TEST_F(Transform, DihedralViewsAreThoseOfNumpy) {
  const Image image = read("image");
  for (int view = 0; view < kDihedralViews; ++view) {
    EXPECT_EQ(dihedral_view(image, view), read("view" + std::to_string(view))) << view;
  }
}

TEST_F(Transform, ShrinkingAveragesAreas) {
  expect_near(resize(read("image"), 6, 9), read("halved"), 1);
  expect_near(resize(read("image"), 4, 6), read("third"), 1);
}

TEST(Resize, KeepsAnImageOfTheRightSize) {
  Image image(3, 5);
  image.rgb[7] = 99;
  EXPECT_EQ(resize(image, 3, 5), image);
}

TEST(Resize, EnlargesBilinearlyAlongOneSideWhileItShrinksTheOther) {
  Image image(2, 2);  // left column 0 and 200, right column 100 and 100 (all channels)
  for (int c = 0; c < 3; ++c) {
    image.rgb[c] = 0;
    image.rgb[3 + c] = 100;
    image.rgb[6 + c] = 200;
    image.rgb[9 + c] = 100;
  }
  // Rows average to 100, 100; along x a constant stays a constant.
  const Image result = resize(image, 1, 4);
  for (const std::uint8_t value : result.rgb) EXPECT_EQ(value, 100);
}

}  // namespace
}  // namespace fathom::image
