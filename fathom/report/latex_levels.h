// The LaTeX tables of an architecture's levels: how good they are, how they differ, what they do
// beyond validation and test. The probe and what tuning changed: transfer.h.
#pragma once

#include <string>
#include <vector>

#include "fathom/report/report.h"

namespace fathom::report {

/// The indices of an architecture's levels in the study's summaries.
std::vector<std::size_t> levels_at(const Study& study, std::size_t architecture);

/// The level's name, bold where it is recommended.
std::string level_cell(const Study& study, std::size_t architecture, std::size_t index);

// Each is a floating table of one architecture; "" where there is nothing to show.

/// Parameters, AUCs and time of its levels.
std::string level_table(const Study& study, std::size_t architecture);

/// Every level against the one with the highest validation AUC.
std::string differences_table(const Study& study, std::size_t architecture);

/// All figures on test of the recommended level (or of that with the highest validation AUC) and of
/// full tuning.
std::string test_table(const Study& study, std::size_t architecture);

/// The gaps from training to validation to test.
std::string gaps_table(const Study& study, std::size_t architecture);

/// AUC on external sets; several tables of many sets.
std::string external_tables(const Study& study, std::size_t architecture);

/// AUC under corruption, and how much is lost.
std::string corruptions_table(const Study& study, std::size_t architecture);

/// Both against the level that tunes everything.
std::string robustness_differences_table(const Study& study, std::size_t architecture);

std::string calibration_table(const Study& study, std::size_t architecture);

}  // namespace fathom::report
