#include <gtest/gtest.h>

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
