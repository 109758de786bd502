#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "fathom/image/views.h"
#include "tests/image/cases.h"
#include "tests/support.h"

namespace fathom::image {
namespace {

using testing::ElementsAre;

ViewBank bank_of(const Jitter& jitter) { return {"test", {0}, jitter, 7}; }

TEST(Views, BanksHoldTheViewsTheyAreNamedAfter) {
  EXPECT_THAT(view_bank_names(),
              ElementsAre("none", "flips", "dihedral", "stain", "own_stain", "full"));
  EXPECT_THAT(view_bank("none").views, ElementsAre(0));
  EXPECT_THAT(view_bank("flips").views, ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(view_bank("dihedral", 3).views, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(view_bank("stain", 2).views, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(view_bank("full", kMaxJitteredViews).views.back(), 255);
  EXPECT_THAT(tests::error_of([] { view_bank("dihedrals"); }),
              testing::HasSubstr("did you mean 'dihedral'?"));
}

TEST(Views, FlipsAreThoseOfTheAxes) {
  Image image(2, 3);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i);
  const auto first_pixel = [&](int number) {
    return view(image, view_bank("flips"), 0, number).rgb[0] / 3;
  };
  EXPECT_EQ(first_pixel(1), 2);  // left to right
  EXPECT_EQ(first_pixel(4), 5);  // half a turn
  EXPECT_EQ(first_pixel(5), 3);  // upside down
}

TEST(Views, TheFirstEightAreTheSymmetriesInEveryBank) {
  const Image image = tissue(1, 20, 30);
  for (const std::string& name : view_bank_names()) {
    for (int number = 0; number < kDihedralViews; ++number) {
      EXPECT_EQ(view(image, view_bank(name), 5, number), dihedral_view(image, number)) << name;
    }
  }
}

TEST(Views, WithoutJitterTheOthersAreSymmetriesToo) {
  const Image image = tissue(1, 20, 30);
  for (int number = kDihedralViews; number < 3 * kDihedralViews; ++number) {
    EXPECT_EQ(view(image, bank_of({}), 5, number), dihedral_view(image, number % kDihedralViews));
  }
}

TEST(Views, HangOnBankImageAndNumberAlone) {
  const Image image = tissue(1);
  for (const std::string name : {"stain", "own_stain", "full"}) {
    const ViewBank bank = view_bank(name);
    const Image once = view(image, bank, 5, 8);
    EXPECT_EQ(view(image, bank, 5, 8), once);
    EXPECT_EQ(view(image, view_bank(name, 200), 5, 8), once);
    EXPECT_NE(view(image, bank, 6, 8), once);
    EXPECT_NE(view(image, bank, 5, 16), once);  // the same symmetry
    EXPECT_NE(view(image, view_bank(name, 8, 1), 5, 8), once);
  }
}

TEST(Views, StayNearTheirImage) {
  for (std::uint64_t id = 0; id < 30; ++id) {
    const Image image = tissue(id);
    // Number 8 is not turned.
    EXPECT_GT(mean_difference(view(image, view_bank("stain"), id, 8), image), 0.5);
    EXPECT_LT(mean_difference(view(image, view_bank("stain"), id, 8), image), 25);
    EXPECT_LT(mean_difference(view(image, view_bank("full"), id, 8), image), 60);
  }
}

/// Smallest and largest of what `measure` finds in 300 jittered views.
std::pair<double, double> range_of(const Image& image, const Jitter& jitter,
                                   const std::function<double(const Image&)>& measure) {
  std::pair range{1e9, -1e9};
  for (std::uint64_t id = 0; id < 300; ++id) {
    const double found = measure(view(image, bank_of(jitter), id, kDihedralViews));
    range = {std::min(range.first, found), std::max(range.second, found)};
  }
  return range;
}

TEST(Views, AmountsFillTheirRange) {
  const auto first = [](const Image& image) { return static_cast<double>(image.rgb[0]); };
  const auto bright = range_of(flat(100, 100, 100), {.brightness = 0.3}, first);
  EXPECT_NEAR(bright.first, 70, 1);
  EXPECT_NEAR(bright.second, 130, 1);
  Image halves = flat(80, 80, 80);
  std::fill_n(halves.rgb.begin(), halves.rgb.size() / 2, std::uint8_t{120});
  const auto contrast = range_of(halves, {.contrast = 0.5}, first);
  EXPECT_NEAR(contrast.first, 110, 1);
  EXPECT_NEAR(contrast.second, 130, 1);
  // Grey of (200, 100, 100) is 129.9.
  const auto saturation = range_of(flat(200, 100, 100), {.saturation = 0.2}, first);
  EXPECT_NEAR(saturation.first, 186, 1);
  EXPECT_NEAR(saturation.second, 214, 1);
  // Haematoxylin, eosin and the rest together, on glass.
  const auto stain_shift = range_of(flat(255, 255, 255), {.stain_shift = 0.1}, first);
  EXPECT_NEAR(stain_shift.first, 256 * std::exp(-0.1 * (0.65 + 0.07 + 0.27)) - 1, 3);
  EXPECT_EQ(stain_shift.second, 255);
}

TEST(Views, TurningTheHueKeepsGreyAndLightness) {
  const Image grey = flat(90, 90, 90);
  EXPECT_EQ(view(grey, bank_of({.hue = 0.5}), 1, 8), grey);
  const auto lightness = [](const Image& image) {
    return 0.299 * image.rgb[0] + 0.587 * image.rgb[1] + 0.114 * image.rgb[2];
  };
  const auto range = range_of(flat(150, 120, 110), {.hue = 0.1}, lightness);
  EXPECT_NEAR(range.first, lightness(flat(150, 120, 110)), 1);
  EXPECT_NEAR(range.second, lightness(flat(150, 120, 110)), 1);
}

TEST(Views, BlurSpreadsAPoint) {
  Image point = flat(0, 0, 0);
  point.rgb[(16 * 32 + 16) * 3] = 255;
  const auto red = [](const Image& image) {
    return static_cast<double>(image.rgb[(16 * 32 + 16) * 3]);
  };
  const auto range = range_of(point, {.blur = 1}, red);
  EXPECT_NEAR(range.first, 255 / (2 * 3.14159), 4);  // a Gaussian of standard deviation 1
  EXPECT_EQ(range.second, 255);
}

TEST(Views, ZoomShowsAPart) {
  Image ramp(64, 64);
  for (std::size_t i = 0; i < ramp.rgb.size(); ++i) {
    ramp.rgb[i] = static_cast<std::uint8_t>(i / 3 % 64 * 4);
  }
  const auto left = range_of(ramp, {.zoom = 0.25}, [](const Image& i) { return i.rgb.front(); });
  const auto width =
      range_of(ramp, {.zoom = 0.25}, [](const Image& i) { return i.rgb[63 * 3] - i.rgb[0]; });
  EXPECT_NEAR(left.first, 0, 1);
  EXPECT_GT(left.second, 30);  // a fifth of the width may be cut away: 51
  EXPECT_NEAR(width.first, 0.8 * 252, 6);
  EXPECT_NEAR(width.second, 252, 5);
}

TEST(Views, AlongOwnStainsDifferFromThoseOfRuifrokAndLeaveBlankPatches) {
  const Image image = tissue(3);
  const Image own = view(image, view_bank("own_stain"), 3, 8);
  EXPECT_NE(own, view(image, view_bank("stain"), 3, 8));
  EXPECT_LT(mean_difference(own, image), 25);
  for (const Image& blank : {flat(255, 255, 255), flat(0, 0, 0), flat(200, 120, 170)}) {
    EXPECT_EQ(view(blank, view_bank("own_stain"), 3, 8), blank);
  }
}

TEST(Views, OfTinyImagesAreDefined) {
  for (const Image& image : {flat(10, 20, 30, 1, 1), flat(200, 100, 150, 1, 7)}) {
    const Image seen = view(image, view_bank("full"), 3, 9);
    EXPECT_EQ(seen.rgb.size(), image.rgb.size());
  }
}

}  // namespace
}  // namespace fathom::image
