// Train, validation and test parts that are stratified by class and never cut a group, nor copies
// of one image.
#pragma once

#include <map>
#include <string>
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
/// Deterministic from split_seed. Throws Error when a class cannot be in every part (too few images
/// or groups), naming the class and its numbers, and with `strict` when a fold has leaks.
std::vector<Assignment> make_splits(const Dataset& dataset, const DataOptions& options);

/// The folds as make_splits() gives them, by each of train_fractions: with so much of the training
/// part, classes in their proportions and groups whole, at least one group of every class, a
/// smaller share within every larger one; the rest becomes `none`. Deterministic from split_seed.
/// Throws Error when a class has too few groups for a share, when no share is named or one twice,
/// and when two leave the same images.
std::map<double, std::vector<Assignment>> thin_training(const Dataset& dataset,
                                                        const DataOptions& options,
                                                        const std::vector<Assignment>& folds);

/// Training images of each class.
std::vector<std::size_t> count_training(const Dataset& dataset, const Assignment& assignment);

/// What each of train_fractions leaves in the first fold, a line each: "train_fraction 0.1: 36
/// training images (normal 18, tumour 18)". None where all is used.
std::vector<std::string> describe_fractions(
    const Dataset& dataset, const std::map<double, std::vector<Assignment>>& by_fraction);

/// Problems worth a warning in the report, of all folds: no group column, doubtful groups, groups
/// in two splits, exact duplicates across splits, duplicates with different labels. Plain sentences
/// with counts and an example. Duplicates are known after scan().
std::vector<std::string> split_warnings(const Dataset& dataset,
                                        const std::vector<Assignment>& folds);

}  // namespace fathom::data
