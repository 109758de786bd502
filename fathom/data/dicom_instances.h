// What a data set needs to know of DICOM files: frames, and whose they are, without names.
// Not for pixels, classes or layouts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "fathom/data/source.h"

namespace fathom::data::internal {

struct DicomInstance {
  std::string id;      ///< the path relative to the root
  std::string uid;     ///< SOPInstanceUID; "" when there is none
  HiddenNames hidden;  ///< patient and study; "" where the file names none
  std::string group;   ///< "patient-000001" or "study-000001"; "" where the file tells neither
  bool study_is_made_up = false;  ///< the one that the file names was left out
  std::size_t frames = 1;
  bool is_readable = false;

  /// Sample::id of its images: the path, or path and number of each frame.
  std::vector<std::string> image_ids() const;
};

/// Reads the files `ids` below `root`, in parallel, all but their groups. A file that cannot be
/// read stays one image without a group, so that the scan tells of it, or leaves it out.
std::vector<DicomInstance> read_dicom_instances(const std::filesystem::path& root,
                                                const std::vector<std::string>& ids);

/// Gives the files of a data set their groups. Files of one patient (PatientIDs of one
/// spreadsheet_key) or one study (StudyInstanceUID) are a group, directly or over others: a study
/// is of one person, so that a file without a PatientID is with its study's patient, and two
/// patients of one study are one. The group is called after its patient where one of its files
/// tells one, by a number in the order of the groups' first files. The anonymous_patient() tells
/// nothing, nor does a study that all name: then the studies are the groups, or the patients; where
/// one study is of several patients so, it is made up and left out of `hidden`.
void group_instances(std::vector<DicomInstance>& files);

/// What is anonymised names nearly always the same: the spreadsheet_key of the PatientID that at
/// least nine in ten of the files that can be read name, if it is written in one way; "" = none.
std::string anonymous_patient(const std::vector<DicomInstance>& files);

/// Adds the files' patients to contents.patient_ids. Paths that contain their file's PatientID are
/// a leak of the contents, for paths are written.
void note_patients(Contents& contents, const std::vector<DicomInstance>& files);

/// What whoever uses these files' groups must know, for where nobody tells others: cautions of
/// PatientIDs in two spellings, of groups that are studies, of studies of several patients and of
/// files that give no groups; doubts where files that tell nothing may be of the patients of
/// others, and where nearly all files, but not all, name one patient.
void note_groups(Contents& contents, const std::vector<DicomInstance>& files);

/// Gives the entries that may be DICOM files by their names (.dcm, or not named like an image)
/// their patients' names, and where no entry has a group, their groups, with note_groups unless a
/// groups file follows. A folder called DICOM from which none is read is a caution. For sources
/// whose ids are paths of files of one image.
void take_patients(Contents& contents, const std::filesystem::path& root, bool has_groups_file);

}  // namespace fathom::data::internal
