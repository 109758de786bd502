// In what size networks see images, and that a plan says so.
#include <gmock/gmock.h>

#include "fathom/study/input_size.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// Needs 75 pixels and is usually given 299.
const zoo::Architecture& inception() { return zoo::find_architecture("inception_v3"); }

constexpr results::ImageSizes squares(int side) { return {side, side, side, side, 0}; }

}  // namespace

TEST(InputSize, IsThatOfTheImagesWhereAllAreSquareAndOfOneSize) {
  EXPECT_EQ(choose_input_size(0, squares(96), inception()), 96);
  EXPECT_EQ(choose_input_size(0, squares(50), inception()), 75) << "what it needs";
}

TEST(InputSize, IsWhatTheArchitectureIsUsuallyGivenWhereImagesDiffer) {
  EXPECT_EQ(choose_input_size(0, {90, 96, 90, 96, 0}, inception()), 299) << "squares of two sizes";
  EXPECT_EQ(choose_input_size(0, {96, 96, 128, 128, 5}, inception()), 299) << "not square";
  EXPECT_EQ(choose_input_size(0, {96, 96, 95, 96, 1}, inception()), 299) << "one is not square";
}

TEST(InputSize, IsWhatIsWantedUnlessTheNetworkNeedsMore) {
  EXPECT_EQ(choose_input_size(128, squares(96), inception()), 128);
  EXPECT_EQ(tests::error_of([] { choose_input_size(74, squares(96), inception()); }),
            "image_size = 74: inception_v3 needs at least 75 pixels");
}

TEST(InputSize, APlanWarnsOfImagesThatAreSqueezed) {
  tests::TinyStudy study;
  EXPECT_THAT(study.plan().study.data.warnings, Not(Contains(HasSubstr("resized"))));
  const data::Dataset images = data::open_dataset(study.options.data);
  write_file_atomically(images.root / images.samples[3].id,
                        image::encode_png(image::Image(32, 20)));
  study.options.out = study.folder / "other";
  const Plan plan = study.plan();
  EXPECT_EQ(plan.study.architectures[0].input_size, 224);
  EXPECT_EQ(plan.study.data.sizes, (results::ImageSizes{32, 32, 20, 32, 1}));
  EXPECT_THAT(plan.study.data.warnings,
              Contains(AllOf(HasSubstr("The images are 32 pixels high and 20 to 32 wide"),
                             HasSubstr("resized to 224 x 224 pixels"),
                             HasSubstr("1 of them is not square"))));
  EXPECT_EQ(read_plan(study.options.out).study.architectures[0].input_size, 224);
}

TEST(InputSize, APlanWarnsOfExternalImagesOfOtherSizes) {
  tests::TinyStudy study;
  const auto other = tests::tiny_data(study.folder / "other", 48, 40);
  study.options.data.external = {"site2=" + other.data};
  EXPECT_THAT(study.plan().study.data.warnings,
              Contains("The images of the external set 'site2' are 40 x 40 pixels; networks see "
                       "them resized to 32 x 32 pixels (--image-size)."));
}

}  // namespace fathom::study
