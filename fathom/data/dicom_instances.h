// What a data set needs to know of DICOM files: frames, and whose they are, without names.
// Not for pixels, classes or layouts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace fathom::data::internal {

struct DicomInstance {
  std::string id;     ///< the path relative to the root
  std::string uid;    ///< SOPInstanceUID; "" when there is none
  std::string group;  ///< "patient-000001" or "study-000001"; "" where the file names neither
  std::size_t frames = 1;
};

struct DicomInstances {
  std::vector<DicomInstance> files;   ///< as the ids were given
  std::set<std::string> patient_ids;  ///< see Contents::patient_ids
};

/// Reads the files `ids` below `root`, in parallel. The group is the patient (PatientID), by a
/// number in the order of the patients' first files, else the study (StudyInstanceUID). A file that
/// cannot be read stays one image without a group, so that the scan tells of it, or leaves it out.
DicomInstances read_dicom_instances(const std::filesystem::path& root,
                                    const std::vector<std::string>& ids);

}  // namespace fathom::data::internal
