#include <algorithm>
#include <cmath>

#include "fathom/data/tissue.h"

namespace fathom::data::internal {
namespace {

/// 0 below `from`, 1 above `to`, smooth between.
float step(float from, float to, float value) {
  const float t = std::clamp((value - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

struct Stains {
  float haematoxylin, eosin;
};

Stains blend(Stains under, Stains over, float cover) {
  return {under.haematoxylin + (over.haematoxylin - under.haematoxylin) * cover,
          under.eosin + (over.eosin - under.eosin) * cover};
}

/// Everything but nuclei: stroma, cytoplasm, lumens.
class Ground {
 public:
  Ground(const Layout& layout, const std::vector<Nucleus>& nuclei)
      : layout_(layout),
        nuclei_(nuclei),
        coarse_(derive_seed(layout.seed, "coarse")),
        fine_(derive_seed(layout.seed, "fine")),
        fibres_(derive_seed(layout.seed, "fibres")),
        cos_(static_cast<float>(std::cos(layout.fibre_angle))),
        sin_(static_cast<float>(std::sin(layout.fibre_angle))) {}

  /// Sets one pixel and counts what it is.
  void paint(StainMap& map, int x, int y, std::size_t at) const {
    const auto fx = static_cast<float>(x), fy = static_cast<float>(y);
    const float ragged = 1.6F * fine_.at(fx / 4, fy / 4);
    const auto inside = static_cast<float>(layout_.epithelium_depth(x, y)) + ragged;
    const auto gap = static_cast<float>(layout_.gap_depth(x, y)) + ragged;
    const float cover = step(-1.2F, 0.8F, inside);
    const float open = step(-0.8F, 1.2F, gap);
    Stains stains{0, 0};
    if (cover < 1) stains = stroma(fx, fy, inside);
    if (cover > 0) stains = blend(stains, cytoplasm(fx, fy, gap), cover);
    if (open > 0) stains = blend(stains, lumen(fx, fy), open);
    map.haematoxylin[at] = stains.haematoxylin;
    map.eosin[at] = stains.eosin;
    const double pixel = 1.0 / static_cast<double>(map.eosin.size());
    map.gap += pixel * open;
    map.epithelium += pixel * cover * (1 - open);
  }

 private:
  /// Wavy strands of collagen with clefts between them; a pale cleft also around epithelium.
  Stains stroma(float x, float y, float inside) const {
    const float bend = coarse_.sum(x / 45, y / 45, 2);
    const float along = (x * cos_ + y * sin_) / 34;
    const float across = (-x * sin_ + y * cos_ + 22 * bend) / 6.5F;
    const float strand = 1 - std::abs(fibres_.sum(along, across, 3)) * 1.7F;
    const float mass = coarse_.at(x / 19 + 50, y / 19);
    const float cleft =
        step(0.02F, -0.42F, fibres_.at(along * 1.3F + 80, across * 0.55F) + 0.25F * mass + 0.12F);
    const float halo = step(-4.5F, -1.0F, inside) * (0.35F + 0.5F * coarse_.at(x / 14, y / 14));
    const float body =
        0.62F + 0.42F * (strand - 0.6F) + 0.22F * mass + 0.14F * fine_.at(x / 1.7F, y / 1.7F);
    const float paleness = std::clamp(1 - 0.9F * cleft - halo, 0.06F, 1.0F);
    return {0.045F + 0.05F * std::max(0.0F, mass), std::max(0.04F, body) * paleness};
  }

  /// Granular, with a tint of haematoxylin, paler towards the lumen, borders between cells.
  Stains cytoplasm(float x, float y, float gap) const {
    const float grains = fine_.sum(x / 3.2F, y / 3.2F, 2);
    const float patches = coarse_.at(x / 11, y / 11 + 70);
    const float apical = step(-12.0F, -2.0F, gap);
    const float brush = step(-2.4F, -0.9F, gap) * 0.16F;
    const float eosin = 0.44F + 0.15F * grains + 0.16F * patches - 0.10F * apical + brush +
                        0.10F * cell_border(x, y);
    return {0.12F + 0.05F * grains + 0.04F * patches, std::max(0.05F, eosin)};
  }

  /// 1 where two nuclei are equally near, 0 well inside a cell.
  float cell_border(float x, float y) const {
    float nearest = 1e6F, second = 1e6F;
    for (const Nucleus& nucleus : nuclei_) {
      const float dx = x - static_cast<float>(nucleus.x), dy = y - static_cast<float>(nucleus.y);
      const float distance = dx * dx + dy * dy;
      second = std::min(second, std::max(nearest, distance));
      nearest = std::min(nearest, distance);
    }
    return step(2.2F, 0.3F, std::sqrt(second) - std::sqrt(nearest));
  }

  /// Nearly clear, with threads of mucus.
  Stains lumen(float x, float y) const {
    const float threads = std::max(0.0F, 0.5F - 2.2F * std::abs(coarse_.sum(x / 13, y / 13, 3)));
    return {0.015F + 0.10F * threads, 0.02F + 0.10F * threads};
  }

  const Layout& layout_;
  const std::vector<Nucleus>& nuclei_;
  Noise coarse_, fine_, fibres_;
  float cos_, sin_;
};

class NucleusPainter {
 public:
  NucleusPainter(const Nucleus& nucleus, std::uint64_t seed)
      : nucleus_(nucleus),
        chromatin_(seed),
        cosine_(std::cos(nucleus.angle)),
        sine_(std::sin(nucleus.angle)) {}

  void paint(StainMap& map) const {
    const double reach = nucleus_.a * 1.4 + 2;
    const auto from = [&](double centre) { return std::max(0, static_cast<int>(centre - reach)); };
    const auto to = [&](double centre) {
      return std::min(map.size - 1, static_cast<int>(centre + reach));
    };
    for (int y = from(nucleus_.y); y <= to(nucleus_.y); ++y) {
      for (int x = from(nucleus_.x); x <= to(nucleus_.x); ++x) paint_pixel(map, x, y);
    }
  }

 private:
  void paint_pixel(StainMap& map, int x, int y) const {
    const double dx = x - nucleus_.x, dy = y - nucleus_.y;
    const double u = (dx * cosine_ + dy * sine_) / nucleus_.a;
    const double v = (dy * cosine_ - dx * sine_) / nucleus_.b;
    const double distance = std::sqrt(u * u + v * v);
    if (distance > 1.8) return;  // farther than any outline reaches
    const double out = distance / outline(std::atan2(v, u));
    const auto depth = static_cast<float>((1 - out) * nucleus_.radius());
    const float cover = step(-0.7F, 0.7F, depth);
    if (cover <= 0) return;
    const std::size_t at = static_cast<std::size_t>(y) * map.size + x;
    const float over = haematoxylin(dx, dy, static_cast<float>(out), depth) * cover;
    const float under = map.haematoxylin[at] * (1 - 0.65F * cover);
    map.haematoxylin[at] = std::max(over, under) + 0.45F * std::min(over, under);
    map.eosin[at] *= 1 - 0.35F * cover;
  }

  double outline(double angle) const {
    double radius = 1;
    for (std::size_t k = 0; k < nucleus_.wave.size(); ++k) {
      radius += nucleus_.wave[k] * std::cos(static_cast<double>(k + 2) * angle + nucleus_.phase[k]);
    }
    return radius;
  }

  float haematoxylin(double dx, double dy, float out, float depth) const {
    const auto x = static_cast<float>(nucleus_.x + dx), y = static_cast<float>(nucleus_.y + dy);
    const auto grain = static_cast<float>(nucleus_.grain);
    const auto contrast = static_cast<float>(nucleus_.contrast);
    const auto density = static_cast<float>(nucleus_.density);
    const float clumps = 1.8F * chromatin_.sum(x / grain, y / grain, 2);
    const float centre = std::max(0.0F, 1 - out * out) * static_cast<float>(nucleus_.clearing);
    const float rim = (depth - 0.7F) / 0.9F;
    const float membrane = 0.28F * std::exp(-rim * rim);
    float amount = density * std::max(0.25F, 1 + contrast * clumps - centre + membrane);
    if (nucleus_.nucleolus > 0) {
      const double distance = std::hypot(dx - nucleus_.nucleolus_x, dy - nucleus_.nucleolus_y);
      const auto ratio = static_cast<float>(distance / nucleus_.nucleolus);
      amount += 0.75F * std::exp(-ratio * ratio * ratio);
    }
    return amount;
  }

  const Nucleus& nucleus_;
  Noise chromatin_;
  double cosine_, sine_;
};

}  // namespace

StainMap paint(const Layout& layout, const std::vector<Nucleus>& nuclei, int size) {
  const auto pixels = static_cast<std::size_t>(size) * size;
  StainMap map{size, std::vector<float>(pixels), std::vector<float>(pixels)};
  const Ground ground(layout, nuclei);
  std::size_t at = 0;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x, ++at) ground.paint(map, x, y, at);
  }
  for (std::size_t i = 0; i < nuclei.size(); ++i) {
    NucleusPainter(nuclei[i], derive_seed(layout.seed, "chromatin", i)).paint(map);
  }
  return map;
}

}  // namespace fathom::data::internal
