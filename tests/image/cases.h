// Images that the oracles write: height and width (int32), then the RGB pixels.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "fathom/base/atomic_file.h"
#include "fathom/base/random.h"
#include "fathom/image/image.h"

namespace fathom::image {

inline Image read_case(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::int32_t size[2];
  std::memcpy(size, bytes.data(), sizeof(size));
  Image image(size[0], size[1]);
  std::memcpy(image.rgb.data(), bytes.data() + sizeof(size), image.rgb.size());
  return image;
}

/// Over all bytes; 256 when the sizes differ.
inline int largest_difference(const Image& a, const Image& b) {
  if (a.height != b.height || a.width != b.width) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.rgb[i]} - int{b.rgb[i]}));
  }
  return largest;
}

inline void expect_near(const Image& found, const Image& expected, int tolerance) {
  ASSERT_EQ(found.height, expected.height);
  ASSERT_EQ(found.width, expected.width);
  for (std::size_t i = 0; i < found.rgb.size(); ++i) {
    ASSERT_NEAR(found.rgb[i], expected.rgb[i], tolerance) << "byte " << i;
  }
}

/// One colour all over.
inline Image flat(int red, int green, int blue, int height = 32, int width = 32) {
  Image image(height, width);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    image.rgb[i] = static_cast<std::uint8_t>(i % 3 == 0 ? red : i % 3 == 1 ? green : blue);
  }
  return image;
}

/// Soft spots of violet and pink on pale glass.
inline Image tissue(std::uint64_t seed, int height = 96, int width = 96) {
  Random random(seed);
  Image small(12, 12);
  for (std::size_t i = 0; i < small.rgb.size(); i += 3) {
    const Image colour = std::array{flat(90, 50, 140, 1, 1), flat(225, 150, 190, 1, 1),
                                    flat(240, 235, 242, 1, 1)}[random.below(3)];
    std::copy_n(colour.rgb.begin(), 3, small.rgb.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return resize(small, height, width);
}

/// Mean absolute difference of two images of one size, 0 to 255.
inline double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

}  // namespace fathom::image
