// The parts of a synthetic patch of tissue: what is where (layout, nuclei) and how it is painted as
// amounts of two stains. Lengths in pixels; the look is that of a 20x scan (0.5 micrometres a
// pixel). Colour comes later, in synthetic.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fathom/base/random.h"
#include "fathom/data/noise.h"

namespace fathom::data::internal {

/// How malignant a patch is in each respect, about 0 (benign) to 1.
struct Traits {
  double size = 0;          ///< nuclei grow
  double pleomorphism = 0;  ///< nuclei differ in size and shape
  double crowding = 0;      ///< nuclei touch, overlap and clump
  double chromatin = 0;     ///< coarse chromatin, clear centres, prominent nucleoli
  double disorder = 0;      ///< nuclei leave their row and their direction
};

/// A closed, wavy ring of epithelium around a lumen.
struct Gland {
  double x = 0, y = 0;
  double radius = 0;     ///< outer
  double thickness = 0;  ///< of the epithelium
  std::array<double, 3> wave{}, phase{};

  /// The outer radius in the direction of an angle.
  double radius_at(double angle) const;
  /// Pixels from the outer edge, positive inside; far away roughly so.
  double depth(double at_x, double at_y) const;
};

/// Where epithelium, lumen and stroma are.
struct Layout {
  std::vector<Gland> glands;
  std::vector<Gland> gaps;  ///< white round gaps: fat, vessels, cracks
  bool has_sheet = false;   ///< solid epithelium on one side of a wavy line
  double sheet_angle = 0, sheet_offset = 0;
  double fibre_angle = 0;  ///< of the stroma
  std::uint64_t seed = 0;

  /// Pixels from the edge of the epithelium, positive inside.
  double epithelium_depth(double x, double y) const;
  /// Pixels from the edge of a white space, positive inside.
  double gap_depth(double x, double y) const;
};

struct Nucleus {
  double x = 0, y = 0;
  double a = 0, b = 0;  ///< half axes
  double angle = 0;
  std::array<double, 4> wave{}, phase{};  ///< outline: waves 2 to 5 around
  double density = 0;                     ///< of haematoxylin
  double grain = 1;                       ///< size of chromatin clumps
  double contrast = 0;                    ///< of the chromatin
  double clearing = 0;                    ///< paleness of the centre
  double nucleolus = 0;                   ///< radius; 0: none
  double nucleolus_x = 0, nucleolus_y = 0;

  double radius() const;  ///< of the circle of the same area
};

/// Amounts of the two stains, one number per pixel, row by row.
struct StainMap {
  int size = 0;
  std::vector<float> haematoxylin, eosin;
  double epithelium = 0, gap = 0;  ///< shares of the area, as the layout says; the rest is stroma
};

Layout draw_layout(Random& random, int size);
std::vector<Nucleus> draw_nuclei(Random& random, const Layout& layout, const Traits& traits,
                                 int size);
StainMap paint(const Layout& layout, const std::vector<Nucleus>& nuclei, int size);

}  // namespace fathom::data::internal
