// What the report tells about the data: counts, fingerprint, warnings, a few images of each class.
#pragma once

#include "fathom/data/external.h"
#include "fathom/data/split.h"
#include "fathom/results/record.h"

namespace fathom::study {

/// Index of the class that counts as positive: the one named, else the last.
/// Throws Error when there is no class of that name.
std::size_t positive_class(const data::Dataset& dataset, const data::DataOptions& options);

/// SHA-256 over every image's id, hash, label and group.
std::string fingerprint(const data::Dataset& dataset);

/// Adds a set that was opened from `path`, with its warnings and the images it was read without.
void add_external(const data::ExternalSet& set, const std::string& path,
                  results::DataSummary& summary);

/// `dataset` has been scanned; the folds are those of data::thin_training. Counts and sample images
/// are those of the largest train_fraction in fold 0, warnings of all its folds.
results::DataSummary summarize_data(
    const data::Dataset& dataset,
    const std::map<double, std::vector<data::Assignment>>& by_fraction,
    const data::DataOptions& options);

}  // namespace fathom::study
