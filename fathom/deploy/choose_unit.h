// Which training of a study becomes the model that is used. Chooses by validation alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fathom/report/report.h"

namespace fathom::deploy {

/// What the user asks for; empty = left to the study's answer.
struct UnitWish {
  std::string unit;   ///< an id; the rest is then not looked at
  std::string arch;   ///< as the study names it
  std::string depth;  ///< as zoo::parse_levels knows it
  std::optional<std::uint64_t> seed;
};

struct ChosenUnit {
  const results::UnitRecord* unit = nullptr;  ///< lives in the study
  std::string why;                            ///< in one line
};

/// The level that is exported when nothing is asked for: of the architectures' recommended ones
/// (or the only one studied) that of the highest mean validation AUC. nullptr when no architecture
/// has an answer.
const results::LevelSummary* recommended_level(const report::Study& study);

/// Of the finished units of the level at its chosen learning rate, and of the largest
/// train_fraction, the one with the highest validation AUC, the first of equals (also over folds,
/// whose validation images differ): the level recommended_level() names, or the one asked for.
/// Throws Error when the study cannot tell which level (with how to choose by hand), and on an
/// architecture, level, seed or unit that the study does not have or has not finished.
ChosenUnit choose_unit(const report::Study& study, const UnitWish& wish);

}  // namespace fathom::deploy
