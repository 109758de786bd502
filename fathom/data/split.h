// Train, validation and test parts that are stratified by class and never cut a group, nor copies
// of one image.
#pragma once

#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

/// One Split per sample, in the order of Dataset::samples; `none` = not used in this fold.
using Assignment = std::vector<Split>;

/// One assignment per fold. Fractions are of the images that are being cut; classes and groups are
/// spread so that every part comes as near to its share of every class as whole groups allow.
/// Images with equal pixels (known after scan()) are never cut apart: they count as one group.
///   folds = 1: the source's own parts are kept. Without any, test and validation are cut from all;
///     a missing validation or test part is cut from the source's train part.
///   folds = k: without a test part in the source, the test parts of the folds partition the
///     samples, and each fold's validation part is cut from what its test leaves. A test part in
///     the source is the test of every fold; the validation parts then partition the rest.
///   repeats = r: all of this r times, with other seeds.
///   split_file: the assignments are those of the table; nothing is cut. Folds and repeats that ask
///     for another number of them are an Error.
/// Then train_fraction of each training part is kept, classes in their proportions and groups
/// whole, a smaller share within every larger one; the rest becomes `none`. Deterministic from
/// split_seed. Throws Error when a class cannot be in every part (too few images or groups), naming
/// the class and its numbers, and with `strict` when a fold has leaks.
std::vector<Assignment> make_splits(const Dataset& dataset, const DataOptions& options);

/// Problems worth a warning in the report, of all folds: no group column, groups in two splits,
/// exact duplicates across splits, duplicates with different labels. Plain sentences with counts
/// and an example. Duplicates are known after scan().
std::vector<std::string> split_warnings(const Dataset& dataset,
                                        const std::vector<Assignment>& folds);

}  // namespace fathom::data
