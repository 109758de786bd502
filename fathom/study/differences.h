// What is not the same in two studies, in words for an error. Not which of it matters.
#pragma once

#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/data/dataset.h"

namespace fathom::study {

/// "epochs was 1, is 2" of every key in the tables of `now` that has another value, or none, in
/// those of `before`.
std::vector<std::string> differences_of(const Json& before, const Json& now);

/// "of the images are 2 changed (the first: a.png), 1 new (the first: b.png)"; for two data sets of
/// which the fingerprints differ.
std::string difference_of_images(const data::Dataset& before, const data::Dataset& now);

}  // namespace fathom::study
