// Transfer diagnostics beside the tuned levels, in the terminal's report and in LaTeX: the probe of
// the frozen network, and where tuning changed it. As JSON: probe.h and level_json.h.
#pragma once

#include <string>

#include "fathom/report/report.h"

namespace fathom::report {

/// A table with a row for each level of an architecture (an index into the study's): the probe
/// where its tuning begins, its tuned test AUC, and the CKA of the block that changed most; then
/// how the first two agree. "" where nothing of it was measured. No line longer than `width`.
std::string transfer_text(const Study& study, std::size_t architecture, std::size_t width);

/// In LaTeX: the probe at every boundary, bottom first; "" where the architecture was not probed.
std::string probe_table(const Study& study, std::size_t architecture);

/// In LaTeX: CKA with the pretrained network after every block, a column for each level that tunes
/// any; several tables where there are many levels, "" where nothing was measured.
std::string similarity_tables(const Study& study, std::size_t architecture);

/// Whether a level trains anything in a block, counted from the bottom of so many.
inline bool tunes(const results::Level& level, std::size_t block, std::size_t blocks) {
  return level.norm_only || block + static_cast<std::size_t>(level.depth) >= blocks;
}

}  // namespace fathom::report
