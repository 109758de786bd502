// External test sets: data of another origin, all of whose images are scored and none is trained
// on. Their classes are numbered as the study's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

struct ExternalSet {
  std::string name;
  Dataset dataset;                    ///< labels and classes are those of the study
  std::vector<std::string> warnings;  ///< sentences that name the set; for whoever reads its scores
  std::vector<std::string> leaks;     ///< those of the warnings that `strict` refuses
};

/// Whether a set may be called so: its name becomes a part of file names.
bool is_external_name(const std::string& name);

/// Where PATH begins in "NAME=PATH" or "NAME=SOURCE:PATH". Only the name of a source is one; a path
/// that begins like "folder:" is written "./folder:".
std::size_t external_path_start(const std::string& entry);

/// Opens the sets of options.external and scans them (skip_bad holds for them too). The source is
/// found out where none is given. Where such a set is of the same source as `own`, label_by and
/// only hold for it as well; parts that it names
/// are not looked at. Warned of are its cautions, unknown and doubtful groups, which are no leaks
/// for nothing is cut, classes without images, and images that are equal to some of the study's
/// own, look like them (look_alikes.h) or are of a group called like one of the study's (of DICOM
/// files by PatientID and StudyInstanceUID): such a set is not external, and with `strict` it is an
/// Error.
///
/// `own_prints`: what scan() returned for `own`. Throws Error: not NAME=PATH, a name twice or with
/// other characters than letters, digits, '-', '_' and '.', a class that the study does not have
/// (with how to map it), one that is a number where the two are of different sources, and a set of
/// which every class is left out.
std::vector<ExternalSet> open_external(const DataOptions& options, const Dataset& own,
                                       const std::vector<image::Fingerprint>& own_prints);

}  // namespace fathom::data
