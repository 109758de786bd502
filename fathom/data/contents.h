// From what a source found to a Dataset: groups from a file, a choice of images, classes numbered.
// Not for reading layouts: that is each source's business.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "fathom/data/source.h"

namespace fathom::data::internal {

/// A table "path,group" in the folder of a data set; it gives every image its group.
inline constexpr const char* kGroupsFile = "groups.csv";

/// Sets the groups from `file`, with a caution where the source has told others. Throws Error on
/// missing columns, empty cells, a path that is listed twice or, unless `allow_others`, is no image
/// of the data set, and images that the file does not name: an image forgotten there would be cut
/// from its group in silence.
void read_groups(Contents& contents, const std::filesystem::path& file, bool allow_others);

/// What is left of a name when a spreadsheet has taken it for a number or people have typed it:
/// without capitals, blanks around it and leading zeros. "" of blanks alone.
std::string spreadsheet_key(const std::string& name);

/// What a group is called that must not be called by its name: "patient-000001".
std::string pseudonym(const std::string& kind, std::size_t number);

/// Of names those that share a spreadsheet_key, by it.
std::map<std::string, std::set<std::string>> written_twice(const std::set<std::string>& names);

/// Groups that people have told of which the spreadsheet_key is the same are a doubt of the
/// contents.
void find_groups_written_twice(Contents& contents);

/// Where groups are named by Contents::patient_ids, by their spreadsheet_key, all groups get
/// numbers in the place of names, "group-000001"; the names go to HiddenNames::group.
void hide_patients(Contents& contents);

/// Doubts of the contents: patients and studies, by the names in DICOM files, of which people have
/// told several groups. Contents::anonymous_patient, the only study, and a study under which files
/// name several patients tell nothing.
void find_cut_patients(Contents& contents);

/// Dataset::about_groups. `groups`: the groups file, or where it would be.
std::string about_groups(const Contents& contents, const Source& source,
                         const std::filesystem::path& groups);

/// The parts that folders on the way to `id` name ("train/a/x.png").
std::set<Split> parts_named_by(const std::string& id);

/// The one of parts_named_by(); none without any. Throws Error when two folders name different
/// parts.
Split part_of(const std::string& id);

/// Sets the part of every image by part_of. Throws Error when only some images have one.
void take_parts(Contents& contents, const std::filesystem::path& root);

/// Keeps the entries with the fact "NAME=VALUE"; "" keeps all. Throws Error with what is known.
void keep_only(Contents& contents, const std::string& condition);

/// Takes the fact of this name as the class; "" leaves the source's. Throws Error with what is
/// known.
void label_by(Contents& contents, const std::string& fact);

/// Numbers the classes (numeric names in numeric order, before the others) and sorts by id.
Dataset to_dataset(Contents contents);

}  // namespace fathom::data::internal
