// Synthetic H&E-like tissue with known classes, for demos and tests. Never passed off as real.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fathom/base/options.h"
#include "fathom/image/image.h"

namespace fathom::data {

struct SyntheticOptions {
  std::string out;           ///< folder that receives the images and labels.csv
  std::int64_t count = 600;  ///< images per site, 20 to 1e6
  std::int64_t size = 96;    ///< pixels
  std::int64_t classes = 2;  ///< 2 (benign, malignant) or 3 (benign, atypical, malignant)
  std::int64_t groups = 20;  ///< slides per site, each with its own stain
  double difficulty = 0.5;   ///< 0 easy .. 1 hard: how much the classes overlap
  std::int64_t sites = 1;    ///< 2 adds a second site with a shifted stain, in its own folder
  std::int64_t seed = 0;

  std::vector<Field> fields();
};

/// Draws one patch, size x size pixels, by the stain (optical density) model. Deterministic from
/// all arguments. Labels in the order benign, [atypical,] malignant. Neither the layout of the
/// tissue nor the mean light that the patch lets through depends on the label: nuclear size and its
/// spread, crowding, chromatin and arrangement do.
image::Image draw_tissue(const SyntheticOptions& options, int label, std::uint64_t site,
                         std::uint64_t slide, std::uint64_t index);

/// Writes SYNTHETIC.txt, the PNG files and, last, labels.csv (path,label,group,split) below
/// options.out (site 2 below options.out/site2 with its own labels.csv). Slides are whole in a
/// split: 60 % train, 20 % valid, 20 % test. The same options give the same bytes. Throws Error
/// when the folder holds something else, or there are fewer images than slides x classes.
void write_synthetic(const SyntheticOptions& options);

/// Whether a data set, a folder or a table in one, was written by write_synthetic().
bool is_synthetic(const std::filesystem::path& data);

}  // namespace fathom::data
