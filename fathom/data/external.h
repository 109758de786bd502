// External test sets: data of another origin, all of whose images are scored and none is trained
// on. Their classes are numbered as the study's.
#pragma once

#include <string>
#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

struct ExternalSet {
  std::string name;
  Dataset dataset;  ///< labels and classes are those of the study
};

/// Opens the sets of options.external and scans them (skip_bad holds for them too). Where such a
/// set is of the same source as `own`, label_by and only hold for it as well; parts that it names
/// are not looked at. Throws Error: not NAME=PATH, a name twice or with other characters than
/// letters, digits, '-', '_' and '.', and a class that the study does not have (with how to map
/// it).
std::vector<ExternalSet> open_external(const DataOptions& options, const Dataset& own);

/// Sentences about images that an external set shares with the study's own: such a set is not
/// external. Both are scanned.
std::vector<std::string> external_warnings(const Dataset& own,
                                           const std::vector<ExternalSet>& external);

}  // namespace fathom::data
