// Splits as a table that people and other tools read, edit and give back. Not for making splits.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/data/split.h"

namespace fathom::data {

/// CSV text: the columns path and split_1, split_2, ... (one for each assignment), one row for each
/// image; cells are train, valid, test or none (not used).
std::string split_table(const Dataset& dataset, const std::vector<Assignment>& assignments);

/// Reads such a table; the columns beside path are taken in their order whatever their names, and
/// val, validation and the like are understood. Throws Error naming the line: no column path, an
/// image twice, an image that the data set does not have, an unknown part; or naming an image
/// without a row.
std::vector<Assignment> read_split_table(const Dataset& dataset, const std::filesystem::path& file);

}  // namespace fathom::data
