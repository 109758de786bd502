#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "fathom/base/random.h"
#include "fathom/image/fingerprint.h"
#include "tests/support.h"

namespace fathom::image {
namespace {

/// A picture of soft spots, drawn from a seed.
Image spots(std::uint64_t seed, int height = 96, int width = 96) {
  Random random(seed);
  Image small(8, 8);
  for (auto& value : small.rgb) value = static_cast<std::uint8_t>(random.below(256));
  return resize(small, height, width);
}

double likeness(const Pattern& a, const Pattern& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

TEST(Fingerprint, OfAViewIsTheViewOfTheFingerprint) {
  for (const int width : {96, 64}) {
    const Image image = spots(1, 96, width);
    const Pattern pattern = fingerprint(image).turned[0];
    for (int view = 0; view < kDihedralViews; ++view) {
      const Pattern seen = fingerprint(dihedral_view(image, view)).turned[0];
      EXPECT_GT(likeness(seen, dihedral_pattern(pattern, view)), 0.999) << view;
    }
  }
}

TEST(Fingerprint, HardlyChangesWithSizeAndContrast) {
  const Image image = spots(2);
  const Pattern pattern = fingerprint(image).turned[0];
  EXPECT_NEAR(likeness(pattern, pattern), 1, 1e-5);
  EXPECT_GT(likeness(pattern, fingerprint(resize(image, 50, 50)).turned[0]), 0.98);
  Image paler = image;
  for (auto& value : paler.rgb) value = static_cast<std::uint8_t>(60 + value / 2);
  EXPECT_GT(likeness(pattern, fingerprint(paler).turned[0]), 0.99);
}

/// A square picture whose grey level at (x, y) from its middle is `grey`; 1 is its side.
Image drawn(const std::function<double(double x, double y)>& grey) {
  constexpr int kSide = 96;
  Image image(kSide, kSide);
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const double level = grey((column + 0.5) / kSide - 0.5, (row + 0.5) / kSide - 0.5);
      std::fill_n(&image.rgb[static_cast<std::size_t>(row * kSide + column) * 3], 3,
                  static_cast<std::uint8_t>(std::lround(level)));
    }
  }
  return image;
}

TEST(Fingerprint, FineAndCoarseCountAlikeWhereAmplitudesFallWithTheFrequency) {
  const Fingerprint print = fingerprint(drawn([](double x, double) {
    const double angle = std::numbers::pi * (x + 0.5);
    return 128 + 80 * (std::cos(2 * angle) / 2 - std::cos(8 * angle) / 8);
  }));
  EXPECT_NEAR(print.turned[0][2], std::sqrt(0.5), 0.02);
  EXPECT_NEAR(print.turned[0][8], -std::sqrt(0.5), 0.02);
  EXPECT_NEAR(print.contrast[0], std::sqrt((40 * 40 + 10 * 10) / 2.0), 0.5);
}

TEST(Fingerprint, KnowsItsTurnsAndWhatTheyCutOff) {
  const auto waves = [](double x, double y) {
    return 128 + 40 * std::sin(9 * x - 4 * y + 1) + 40 * std::cos(5 * x + 12 * y);
  };
  const Fingerprint upright = fingerprint(drawn(waves));
  for (std::size_t t = 1; t < kTurns.size(); ++t) {
    const double angle = kTurns[t].degrees * std::numbers::pi / 180;
    const double c = std::cos(angle), s = std::sin(angle);
    const double scale = kTurns[t].cut ? c + std::abs(s) : 1;
    const Fingerprint turned = fingerprint(drawn([&](double x, double y) {
      return waves((c * x - s * y) / scale, (s * x + c * y) / scale);
    }));
    const double likeness_found = likeness(turned.turned[0], upright.turned[t]);
    EXPECT_GT(likeness_found, kTurns[t].cut ? 0.99 : 0.9) << t;
    EXPECT_GT(likeness_found, likeness(turned.turned[0], upright.turned[0]) + 0.02) << t;
    EXPECT_NEAR(turned.contrast[0], upright.contrast[t], 2) << t;
  }
}

TEST(Fingerprint, DiffersBetweenDifferentImages) {
  for (std::uint64_t seed = 10; seed < 30; ++seed) {
    const Pattern one = fingerprint(spots(seed)).turned[0];
    const Pattern other = fingerprint(spots(seed + 100)).turned[0];
    for (int view = 0; view < kDihedralViews; ++view) {
      EXPECT_LT(likeness(one, dihedral_pattern(other, view)), 0.6);
    }
  }
}

TEST(Fingerprint, KnowsTheMeanColour) {
  Image image(10, 20);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = i % 3 == 0 ? 200 : 10;
  EXPECT_EQ(fingerprint(image).colour, (std::array<float, 3>{200, 10, 10}));
}

TEST(Fingerprint, BlankImagesArePlain) {
  EXPECT_TRUE(fingerprint(Image(40, 40)).plain);
  EXPECT_TRUE(fingerprint(Image(1, 1)).plain);
  EXPECT_FALSE(fingerprint(spots(3)).plain);
}

}  // namespace
}  // namespace fathom::image
