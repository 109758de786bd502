// Smooth random functions of the plane, for the textures of synthetic tissue.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace fathom::data::internal {

/// Gradient noise (Perlin 1985, doi:10.1145/325334.325247, with the fade curve of Perlin 2002,
/// doi:10.1145/566570.566636): smooth, about -0.7 to 0.7, features of about one unit.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : seed_(static_cast<std::uint32_t>(seed ^ (seed >> 32))) {}

  float at(float x, float y) const {
    const float floor_x = std::floor(x), floor_y = std::floor(y);
    const auto i = static_cast<std::int32_t>(floor_x), j = static_cast<std::int32_t>(floor_y);
    const float u = x - floor_x, v = y - floor_y;
    const float a = slope(i, j, u, v), b = slope(i + 1, j, u - 1, v);
    const float c = slope(i, j + 1, u, v - 1), d = slope(i + 1, j + 1, u - 1, v - 1);
    const float s = fade(u), t = fade(v);
    const float top = a + s * (b - a), bottom = c + s * (d - c);
    return top + t * (bottom - top);
  }

  /// The sum of `octaves` noises, each with half the size and half the height of the one before.
  float sum(float x, float y, int octaves) const {
    float total = 0, height = 1;
    for (int octave = 0; octave < octaves; ++octave) {
      total += height * at(x, y);
      x = 2 * x + 17.3F;
      y = 2 * y - 9.7F;
      height /= 2;
    }
    return total;
  }

 private:
  static float fade(float t) { return t * t * t * (t * (t * 6 - 15) + 10); }

  /// The height at (u, v) of the plane that rises from lattice point (i, j) in its own direction.
  float slope(std::int32_t i, std::int32_t j, float u, float v) const {
    std::uint32_t h = seed_ ^ (static_cast<std::uint32_t>(i) * 0x9e3779b1U) ^
                      (static_cast<std::uint32_t>(j) * 0x85ebca77U);
    h = (h ^ (h >> 15)) * 0x2c1b3c6dU;
    h = (h ^ (h >> 12)) * 0x297a2d39U;
    h ^= h >> 15;
    static constexpr std::array<std::array<float, 2>, 8> kDirections = {{{1, 0},
                                                                         {-1, 0},
                                                                         {0, 1},
                                                                         {0, -1},
                                                                         {.7071F, .7071F},
                                                                         {-.7071F, .7071F},
                                                                         {.7071F, -.7071F},
                                                                         {-.7071F, -.7071F}}};
    const auto& direction = kDirections[h & 7];
    return direction[0] * u + direction[1] * v;
  }

  std::uint32_t seed_;
};

}  // namespace fathom::data::internal
