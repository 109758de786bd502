#include <algorithm>
#include <cmath>
#include <numbers>

#include "fathom/data/tissue.h"

namespace fathom::data::internal {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kMargin = 14;  ///< nuclei just outside reach into the patch

double mix(double from, double to, double share) {
  return from + (to - from) * std::clamp(share, -0.15, 1.3);
}

Gland draw_ring(Random& random, double x, double y, double radius, double thickness) {
  Gland gland{x, y, radius, thickness};
  for (std::size_t k = 0; k < gland.wave.size(); ++k) {
    gland.wave[k] = random.uniform(0, 0.10 / (1.0 + static_cast<double>(k)));
    gland.phase[k] = random.uniform(0, kTurn);
  }
  return gland;
}

void add_glands(Random& random, int size, Layout& layout) {
  const int wanted = 1 + static_cast<int>(random.below(2)) + size / 128;
  for (int tries = 0; tries < 40 && static_cast<int>(layout.glands.size()) < wanted; ++tries) {
    const double thickness = random.uniform(15, 22);
    const double radius = thickness + random.uniform(7, 20);
    const double x = random.uniform(0, size);
    const double y = random.uniform(0, size);
    const bool free =
        std::none_of(layout.glands.begin(), layout.glands.end(), [&](const Gland& other) {
          return std::hypot(x - other.x, y - other.y) < 1.15 * (radius + other.radius);
        });
    if (free) layout.glands.push_back(draw_ring(random, x, y, radius, thickness));
  }
}

void add_gaps(Random& random, int size, Layout& layout) {
  const std::uint64_t count = random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const double radius = random.uniform(3, 10);
    const double x = random.uniform(0, size);
    const double y = random.uniform(0, size);
    layout.gaps.push_back(draw_ring(random, x, y, radius, 0));
  }
}

Layout draw_any_layout(Random& random, int size) {
  Layout layout;
  layout.seed = random.next();
  layout.fibre_angle = random.uniform(0, kTurn);
  const double kind = random.uniform();
  if (kind < 0.55) add_glands(random, size, layout);
  if (kind >= 0.45) {
    layout.has_sheet = true;
    layout.sheet_angle = random.uniform(0, kTurn);
    const double centre =
        0.5 * size * (std::cos(layout.sheet_angle) + std::sin(layout.sheet_angle));
    layout.sheet_offset = centre + size * random.uniform(-0.6, 0.1);
  }
  add_gaps(random, size, layout);
  return layout;
}

/// The share of the patch, with a margin around it, that is epithelium.
double epithelium_share(const Layout& layout, int size, double margin) {
  constexpr double kStep = 4;
  double inside = 0, all = 0;
  for (double y = -margin; y < size + margin; y += kStep) {
    for (double x = -margin; x < size + margin; x += kStep) {
      inside += layout.epithelium_depth(x, y) > 0 ? 1 : 0;
      ++all;
    }
  }
  return inside / all;
}

Nucleus draw_shape(Random& random, double radius, double elongation, double waviness) {
  Nucleus nucleus;
  nucleus.a = radius * std::sqrt(elongation);
  nucleus.b = radius / std::sqrt(elongation);
  for (std::size_t k = 0; k < nucleus.wave.size(); ++k) {
    nucleus.wave[k] = waviness * random.uniform(0.2, 1) / (1.0 + 0.6 * static_cast<double>(k));
    nucleus.phase[k] = random.uniform(0, kTurn);
  }
  nucleus.angle = random.uniform(0, kTurn);
  return nucleus;
}

Nucleus draw_epithelial(Random& random, const Traits& traits) {
  const double spread = mix(0.07, 0.30, traits.pleomorphism);
  const double radius =
      std::clamp(mix(4.7, 6.9, traits.size) * std::exp(spread * random.normal()), 2.8, 13.0);
  const double elongation = 1.12 + std::abs(random.normal()) * mix(0.12, 0.38, traits.pleomorphism);
  Nucleus nucleus =
      draw_shape(random, radius, std::min(elongation, 2.2), mix(0.025, 0.10, traits.pleomorphism));
  nucleus.density = 0.95 * std::exp(mix(0.08, 0.25, traits.pleomorphism) * random.normal());
  nucleus.grain = mix(1.6, 3.4, traits.chromatin);
  nucleus.contrast = mix(0.22, 0.58, traits.chromatin);
  nucleus.clearing = mix(0.05, 0.45, traits.chromatin) * random.uniform(0.4, 1.2);
  if (random.uniform() < mix(0.15, 0.8, traits.chromatin)) {
    nucleus.nucleolus = radius * mix(0.14, 0.24, traits.chromatin) * random.uniform(0.8, 1.2);
    nucleus.nucleolus_x = random.uniform(-0.4, 0.4) * radius;
    nucleus.nucleolus_y = random.uniform(-0.4, 0.4) * radius;
  }
  return nucleus;
}

/// Puts a nucleus somewhere in the wall of a gland: in a row near its base and across it in benign
/// tissue, anywhere and anyhow in disorder.
void place_in_gland(Random& random, const Gland& gland, const Traits& traits, Nucleus& nucleus) {
  const double around = random.uniform(0, kTurn);
  const double in_row = 0.40 + 0.07 * random.normal();
  const double anywhere = random.uniform(0.12, 0.88);
  const double loss = std::clamp(traits.disorder, 0.0, 1.0);
  const double inward = gland.thickness * (in_row + (anywhere - in_row) * loss);
  const double radius = gland.radius_at(around) - inward;
  nucleus.x = gland.x + radius * std::cos(around);
  nucleus.y = gland.y + radius * std::sin(around);
  nucleus.angle = around + (0.1 + loss) * random.normal();
}

class NucleusPlacer {
 public:
  NucleusPlacer(Random& random, const Layout& layout, const Traits& traits, int size)
      : random_(random), layout_(layout), traits_(traits), size_(size), clumps_(random.next()) {}

  std::vector<Nucleus> run() {
    add_epithelial();
    add_stromal(static_cast<int>(random_.below(5)) + size_ / 16);
    add_lymphocytes(static_cast<int>(random_.below(4)) * size_ / 96);
    return std::move(nuclei_);
  }

 private:
  /// The area that nuclei cover does not depend on the class: larger nuclei are fewer.
  void add_epithelial() {
    const double side = size_ + 2 * kMargin;
    const double area = side * side * epithelium_share(layout_, size_, kMargin);
    const double wanted = area * std::clamp(0.40 + 0.05 * random_.normal(), 0.25, 0.55);
    double covered = 0;
    Nucleus nucleus = draw_epithelial(random_, traits_);
    for (int tries = 0; tries < 12 * size_ && covered < wanted; ++tries) {
      place(nucleus);
      if (!fits(nucleus)) continue;
      covered += std::numbers::pi * nucleus.a * nucleus.b;
      nuclei_.push_back(nucleus);
      nucleus = draw_epithelial(random_, traits_);
    }
  }

  void place(Nucleus& nucleus) {
    const std::size_t glands = layout_.glands.size();
    const bool in_gland = glands > 0 && (!layout_.has_sheet || random_.uniform() < 0.5);
    if (in_gland) {
      place_in_gland(random_, layout_.glands[random_.below(glands)], traits_, nucleus);
    } else {
      place_anywhere(nucleus);
    }
  }

  void place_anywhere(Nucleus& nucleus) {
    nucleus.x = random_.uniform(-kMargin, size_ + kMargin);
    nucleus.y = random_.uniform(-kMargin, size_ + kMargin);
  }

  bool fits(const Nucleus& nucleus) {
    if (layout_.epithelium_depth(nucleus.x, nucleus.y) < 0.55 * nucleus.b) return false;
    if (layout_.gap_depth(nucleus.x, nucleus.y) > -0.8 * nucleus.b) return false;
    const double clump =
        clumps_.at(static_cast<float>(nucleus.x) / 26, static_cast<float>(nucleus.y) / 26);
    if (clump < mix(-1.2, -0.12, traits_.crowding)) return false;
    return is_free(nucleus, mix(1.14, 0.74, traits_.crowding));
  }

  bool is_free(const Nucleus& nucleus, double spacing) const {
    return std::none_of(nuclei_.begin(), nuclei_.end(), [&](const Nucleus& other) {
      const double dx = nucleus.x - other.x, dy = nucleus.y - other.y;
      const double least = spacing * (nucleus.radius() + other.radius());
      return dx * dx + dy * dy < least * least;
    });
  }

  void add_stromal(int count) {
    for (int i = 0; i < count; ++i) {
      const double radius = random_.uniform(2.6, 3.6);
      Nucleus nucleus = draw_shape(random_, radius, random_.uniform(2.2, 4.5), 0.05);
      nucleus.density = random_.uniform(0.8, 1.2);
      nucleus.contrast = 0.3;
      nucleus.grain = 1.8;
      place_anywhere(nucleus);
      nucleus.angle = layout_.fibre_angle + 0.25 * random_.normal();
      const bool in_stroma = layout_.epithelium_depth(nucleus.x, nucleus.y) < -1.5 &&
                             layout_.gap_depth(nucleus.x, nucleus.y) < -2;
      if (in_stroma && is_free(nucleus, 1)) nuclei_.push_back(nucleus);
    }
  }

  void add_lymphocytes(int count) {
    for (int i = 0; i < count; ++i) {
      Nucleus nucleus = draw_shape(random_, random_.uniform(3.1, 3.9), 1.08, 0.02);
      nucleus.density = random_.uniform(1.25, 1.5);
      nucleus.contrast = 0.25;
      nucleus.grain = 1.7;
      place_anywhere(nucleus);
      if (layout_.gap_depth(nucleus.x, nucleus.y) < -2 && is_free(nucleus, 0.95)) {
        nuclei_.push_back(nucleus);
      }
    }
  }

  Random& random_;
  const Layout& layout_;
  const Traits& traits_;
  int size_;
  Noise clumps_;
  std::vector<Nucleus> nuclei_;
};

}  // namespace

double Gland::radius_at(double angle) const {
  double factor = 1;
  for (std::size_t k = 0; k < wave.size(); ++k) {
    factor += wave[k] * std::cos(static_cast<double>(k + 2) * angle + phase[k]);
  }
  return radius * factor;
}

double Nucleus::radius() const { return std::sqrt(a * b); }

double Gland::depth(double at_x, double at_y) const {
  const double dx = at_x - x, dy = at_y - y;
  const double distance = std::sqrt(dx * dx + dy * dy);
  const double far = distance - 1.3 * radius;
  return far > 8 ? -far : radius_at(std::atan2(dy, dx)) - distance;
}

double Layout::epithelium_depth(double x, double y) const {
  double depth = -1e3;
  for (const Gland& gland : glands) {
    const double outside = gland.depth(x, y);
    depth = std::max(depth, std::min(outside, gland.thickness - outside));
  }
  if (has_sheet) {
    const double along = x * std::cos(sheet_angle) + y * std::sin(sheet_angle);
    const double waves = Noise(seed).sum(static_cast<float>(x) / 30, static_cast<float>(y) / 30, 2);
    depth = std::max(depth, along - sheet_offset + 14 * waves);
  }
  return depth;
}

double Layout::gap_depth(double x, double y) const {
  double depth = -1e3;
  for (const Gland& gland : glands) depth = std::max(depth, gland.depth(x, y) - gland.thickness);
  for (const Gland& gap : gaps) depth = std::max(depth, gap.depth(x, y));
  return depth;
}

Layout draw_layout(Random& random, int size) {
  constexpr double kLeastEpithelium = 0.3;  // the classes differ there only
  Layout layout = draw_any_layout(random, size);
  for (int tries = 0; tries < 30 && epithelium_share(layout, size, 0) < kLeastEpithelium; ++tries) {
    layout = draw_any_layout(random, size);
  }
  return layout;
}

std::vector<Nucleus> draw_nuclei(Random& random, const Layout& layout, const Traits& traits,
                                 int size) {
  return NucleusPlacer(random, layout, traits, size).run();
}

}  // namespace fathom::data::internal
