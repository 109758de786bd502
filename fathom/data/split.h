// Train, validation and test parts that are stratified by class and never cut a group.
#pragma once

#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

/// One Split per sample, in the order of Dataset::samples; `none` = not used in this fold.
using Assignment = std::vector<Split>;

/// One assignment per fold. With folds = 1 the source's own splits are kept and missing parts are
/// cut from train (validation) or from the whole (test); with k > 1 the test parts of the folds
/// partition the samples. Deterministic from split_seed.
/// Throws Error when a class cannot be in every part (too few samples or groups), naming it.
std::vector<Assignment> make_splits(const Dataset& dataset, const DataOptions& options);

/// Problems worth a warning in the report: groups in two splits of the source, exact duplicates
/// across splits, duplicates with different labels, no group column. Plain sentences with counts.
std::vector<std::string> split_warnings(const Dataset& dataset, const Assignment& assignment);

}  // namespace fathom::data
