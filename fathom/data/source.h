// The kinds of data set that can be read: one explicit table, asked in its order.
// Not for pixels: a source only lists samples.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

/// A sample whose class is still a name.
struct Entry {
  Sample sample;
  std::string class_name;
  /// What else the source knows ("magnification": "40"): for DataOptions::label_by and only.
  std::map<std::string, std::string> facts = {};
};

/// What a source finds, in any order: open_dataset sorts, labels and checks.
struct Contents {
  std::vector<Entry> entries;
  std::vector<SkippedImage> skipped;
  std::vector<std::string> cautions;  ///< see Dataset::cautions
  std::vector<std::string> leaks;     ///< see Dataset::leaks
  std::vector<GroupDoubt> group_doubts;
  /// The spreadsheet_key of each PatientID: must not be written anywhere, see hide_patients.
  std::set<std::string> patient_ids;
  std::string anonymous_patient;  ///< see Dataset::anonymous_patient
};

struct Source {
  std::string name;    ///< Dataset::source
  std::string layout;  ///< what it looks like on disk, for help and errors
  std::string group;   ///< what it takes as the group of an image
  /// Why it takes the path for its own, in words that follow "because"; "" = it does not. Looks at
  /// names, tables and a handful of files, not at pixels, and never throws.
  std::string (*recognize)(const std::filesystem::path& path);
  /// Throws Error.
  Contents (*open)(const std::filesystem::path& path);
  /// Reads one image by Dataset::root and Sample::id, from several threads; without it every id is
  /// the path of an image file. Throws Error.
  image::Image (*load)(const std::filesystem::path& root, const std::string& id) = nullptr;
};

/// Sources that know a published layout stand before those that take any folder.
const std::vector<Source>& sources();

namespace internal {

std::string recognize_folder(const std::filesystem::path& path);
Contents open_folder(const std::filesystem::path& folder);

std::string recognize_csv(const std::filesystem::path& path);
Contents open_csv(const std::filesystem::path& file);

std::string recognize_breakhis(const std::filesystem::path& path);
Contents open_breakhis(const std::filesystem::path& folder);

std::string recognize_idc(const std::filesystem::path& path);
Contents open_idc(const std::filesystem::path& folder);

std::string recognize_kather(const std::filesystem::path& path);
Contents open_kather(const std::filesystem::path& folder);

std::string recognize_lc25000(const std::filesystem::path& path);
Contents open_lc25000(const std::filesystem::path& folder);

std::string recognize_kaggle(const std::filesystem::path& path);
Contents open_kaggle(const std::filesystem::path& folder);

std::string recognize_dicom(const std::filesystem::path& path);
Contents open_dicom(const std::filesystem::path& path);
image::Image load_dicom(const std::filesystem::path& root, const std::string& id);

std::string recognize_medmnist(const std::filesystem::path& path);
Contents open_medmnist(const std::filesystem::path& path);
image::Image load_medmnist(const std::filesystem::path& root, const std::string& id);

std::string recognize_pcam(const std::filesystem::path& path);
Contents open_pcam(const std::filesystem::path& folder);
image::Image load_pcam(const std::filesystem::path& root, const std::string& id);

}  // namespace internal
}  // namespace fathom::data
