#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <sstream>

#include "fathom/image/colour.h"
#include "fathom/image/stain.h"
#include "tests/image/cases.h"
#include "tests/support.h"

namespace fathom::image {
namespace {

std::vector<std::string> numbers_of(const StainVectors& stains) {
  std::vector<std::string> numbers;
  for (const auto& vector : stains) {
    for (const double part : vector) numbers.push_back(fmt::format("{}", part));
  }
  return numbers;
}

/// Patches drawn by the oracle, and real ones where they are at hand.
class StainCases : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<tests::TemporaryFolder>();
    std::vector<std::string> arguments{folder->path().string()};
    const std::filesystem::path real = tests::shared_path("data/pcam/valid/1");
    for (const char* name : {"patch0029614.jpg", "patch0029615.jpg"}) {
      if (std::filesystem::exists(real / name)) arguments.push_back((real / name).string());
    }
    patches = std::stoi(tests::run_oracle("stain_cases.py", arguments));
  }
  static void TearDownTestSuite() { folder.reset(); }
  static Image read(int i, const std::string& what = "") {
    return read_case(*folder / (std::to_string(i) + what + ".rgb"));
  }
  static inline std::unique_ptr<tests::TemporaryFolder> folder;
  static inline int patches = 0;
};

TEST_F(StainCases, AreThoseOfThePublishedFormulas) {
  for (int i = 0; i < patches; ++i) {
    const Image patch = read(i);
    SCOPED_TRACE("patch " + std::to_string(i));
    expect_near(normalize_stain(patch, "reinhard"), read(i, "_reinhard"), 1);
    // The percentiles are taken of the slope here and of the angle there.
    expect_near(normalize_stain(patch, "macenko"), read(i, "_macenko"), 2);
    expect_near(shift_hed(patch, {{1.2, 0.85, 1.1}, {0.05, -0.03, 0.02}}), read(i, "_hed"), 1);
    expect_near(apply(brighter(1.3), patch), read(i, "_bright"), 1);
    expect_near(apply(more_contrast(0.6, mean_grey(patch)), patch), read(i, "_contrast"), 1);
    expect_near(apply(more_saturated(1.4), patch), read(i, "_saturated"), 1);
    expect_near(apply(hue_turned(0.03), patch), read(i, "_hue"), 1);
  }
}

TEST_F(StainCases, VahadanesObjectiveIsAsSmallAsThatOfScikitLearn) {
  const auto stains = vahadane_stains(read(0));
  ASSERT_TRUE(stains);
  std::vector<std::string> arguments{(*folder / "0.rgb").string()};
  for (std::string& number : numbers_of(*stains)) arguments.push_back(std::move(number));
  std::istringstream printed(tests::run_oracle("sparse_stains.py", arguments));
  double ours = 0, theirs = 0;
  printed >> ours >> theirs;
  EXPECT_GT(theirs, 0);
  EXPECT_LT(ours, 1.001 * theirs);
}

TEST_F(StainCases, AreThoseOfOtherLibrariesGivenOurVectors) {
  for (int i = 0; i < patches; ++i) {
    const Image patch = read(i);
    SCOPED_TRACE("patch " + std::to_string(i));
    const auto sparse = vahadane_stains(patch), own = macenko_stains(patch);
    ASSERT_TRUE(sparse && own);
    std::vector<std::string> arguments{*folder / std::to_string(i)};
    for (const StainVectors& stains : {*sparse, *own}) {
      for (std::string& number : numbers_of(stains)) arguments.push_back(std::move(number));
    }
    tests::run_oracle("given_stains.py", arguments);
    expect_near(normalize_stain(patch, "vahadane"), read(i, "_vahadane"), 1);
    expect_near(shift_own_stains(patch, {{1.2, 0.85, 1.1}, {0.05, -0.03, 0.02}}), read(i, "_own"),
                1);
  }
}

TEST_F(StainCases, BothWaysOfFindingStainsAgreeWithThoseDrawn) {
  const StainVectors drawn{{{0.60, 0.72, 0.35}, {0.20, 0.85, 0.40}}};  // of about unit length
  for (const auto& found : {macenko_stains(read(0)), vahadane_stains(read(0))}) {
    ASSERT_TRUE(found);
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR((*found)[j][c], drawn[j][c], 0.12) << j << c;
    }
  }
}

/// A patch in which haematoxylin and eosin stand apart, drawn by the law of Beer and Lambert.
Image stained(double haematoxylin, double eosin) {
  Image image(48, 48);
  Random random(5);
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    const double h = haematoxylin * random.uniform(), e = eosin * random.uniform();
    const double density[] = {0.6 * h + 0.2 * e, 0.72 * h + 0.85 * e, 0.35 * h + 0.4 * e};
    for (std::size_t c = 0; c < 3; ++c) {
      image.rgb[i + c] = static_cast<std::uint8_t>(239 * std::exp(-density[c]));
    }
  }
  return image;
}

class StainMethods : public testing::TestWithParam<std::string> {
 protected:
  static Image normalized(const Image& image) { return normalize_stain(image, GetParam()); }
};

TEST_P(StainMethods, BringPaleAndDarkSlidesTogether) {
  if (GetParam() == "none") return;
  const Image pale = stained(1, 0.7), dark = stained(1.6, 1.12);
  EXPECT_LT(mean_difference(normalized(pale), normalized(dark)), mean_difference(pale, dark) / 3);
}

TEST_P(StainMethods, LeaveWhatGivesNoEstimateAsItIs) {
  Image speck = flat(245, 244, 246);
  std::fill_n(speck.rgb.begin(), 30, std::uint8_t{60});
  for (const Image& image : {flat(255, 255, 255), flat(0, 0, 0), flat(128, 128, 128),
                             flat(200, 120, 170), speck, flat(200, 120, 170, 1, 1), Image(0, 0)}) {
    EXPECT_EQ(normalized(image), image) << int{image.rgb.empty() ? 0 : image.rgb[0]};
  }
}

TEST_P(StainMethods, GiveTheSameEveryTimeAndKeepTheSize) {
  const Image image = tissue(1, 40, 56);
  const Image once = normalized(image);
  EXPECT_EQ(once.height, 40);
  EXPECT_EQ(once.width, 56);
  EXPECT_EQ(normalized(image), once);
}

INSTANTIATE_TEST_SUITE_P(Table, StainMethods, testing::ValuesIn([] {
                           std::vector<std::string> names;
                           for (const StainMethod& row : stain_methods()) names.push_back(row.name);
                           return names;
                         }()),
                         [](const auto& test) { return test.param; });

TEST(Stain, OneStainAloneIsNoPair) {
  const Image image = stained(1.5, 0);
  EXPECT_FALSE(macenko_stains(image));
  EXPECT_EQ(normalize_stain(image, "macenko"), image);
  EXPECT_EQ(normalize_stain(image, "vahadane"), image);
}

TEST(Stain, AnUnknownMethodIsAnError) {
  EXPECT_THAT(tests::error_of([] { normalize_stain(flat(1, 2, 3), "makenko"); }),
              testing::HasSubstr("did you mean 'macenko'? Allowed: none, reinhard"));
}

TEST(Stain, ShiftingByNothingChangesNothing) {
  Image all(16, 16);
  for (std::size_t i = 0; i < all.rgb.size(); ++i) all.rgb[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(shift_hed(all, {}), all);
}

TEST(Stain, ScalingStainsLeavesWhiteGlassWhite) {
  const Image white = flat(255, 255, 255);
  EXPECT_EQ(shift_hed(white, {{1.5, 0.5, 2}, {}}), white);
}

}  // namespace
}  // namespace fathom::image
