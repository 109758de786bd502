// DICOM files with a table of classes: path,label[,group][,split]. The group is the patient, by a
// number: PatientID itself is written nowhere. Without one it is the study, else a file of frames.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/contents.h"
#include "fathom/data/dicom_instances.h"
#include "fathom/data/image_array.h"
#include "fathom/data/listing.h"
#include "fathom/data/manifest.h"
#include "fathom/data/recent_files.h"
#include "fathom/image/dicom.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

constexpr const char* kTable = "labels.csv";

bool is_dicom_file(const fs::path& path) {
  std::string start(image::kDicomMark, '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) &&
         image::is_dicom(start);
}

fs::path table_of(const fs::path& path) { return is_folder(path) ? path / kTable : path; }

/// A UID is made of digits and dots (DICOM PS3.5, 9.1).
bool is_uid(const std::string& text) {
  return text.find('.') != std::string::npos &&
         text.find_first_not_of("0123456789.") == std::string::npos;
}

/// The files below a folder, by their paths and by their SOPInstanceUID.
class Instances {
 public:
  explicit Instances(const fs::path& folder) : folder_(folder) {
    ImageList found = list_images(folder, folder, {is_dicom_file, "not a DICOM file"});
    skipped_ = std::move(found.skipped);
    std::ranges::sort(found.ids);
    instances_ = read_dicom_instances(folder, found.ids);
    for (std::size_t i = 0; i < instances_.size(); ++i) index(i);
  }

  /// The images of one file, one for each frame.
  std::vector<Sample> find(std::string path, const std::string& at) {
    if (!by_path_.contains(path)) std::ranges::replace(path, '\\', '/');  // written on Windows
    path = fs::path(path).lexically_normal().generic_string();
    const auto by_path = by_path_.find(path), by_uid = by_uid_.find(path);
    if (by_path == by_path_.end() && by_uid == by_uid_.end()) {
      std::error_code ignored;
      throw Error(fmt::format("{}: no DICOM file and no SOPInstanceUID '{}' in {} or below it{}",
                              at, path, folder_.string(),
                              fs::exists(folder_ / path, ignored)
                                  ? "; it is another file: a table of images of several kinds is "
                                    "read by --source csv"
                                  : ""));
    }
    const std::size_t index = by_path == by_path_.end() ? by_uid->second : by_path->second;
    unlisted_.erase(instances_[index].id);
    std::vector<Sample> samples;
    for (std::string& id : instances_[index].image_ids()) samples.push_back({.id = std::move(id)});
    return samples;
  }

  /// What the table did not name, and other files.
  std::vector<SkippedImage> skipped() const {
    std::vector<SkippedImage> all = skipped_;
    for (const std::string& id : unlisted_) all.push_back({id, "has no row in the table"});
    return all;
  }

  const std::vector<DicomInstance>& files() const { return instances_; }

  /// Those that the table names, with their groups: what it does not name has no say in them.
  std::vector<DicomInstance> listed() const {
    std::vector<DicomInstance> files = instances_;
    std::erase_if(files, [&](const DicomInstance& file) { return unlisted_.contains(file.id); });
    group_instances(files);
    return files;
  }

 private:
  void index(std::size_t i) {
    const DicomInstance& instance = instances_[i];
    by_path_[instance.id] = i;
    unlisted_.insert(instance.id);
    if (instance.uid.empty()) return;
    const auto [first, is_new] = by_uid_.emplace(instance.uid, i);
    if (is_new) return;
    throw Error(fmt::format("{}: '{}' and '{}' have the same SOPInstanceUID; remove the copy",
                            folder_.string(), instances_[first->second].id, instance.id));
  }

  fs::path folder_;
  std::vector<DicomInstance> instances_;
  std::map<std::string, std::size_t> by_path_, by_uid_;
  std::set<std::string> unlisted_;
  std::vector<SkippedImage> skipped_;
};

/// The first path of the table that is of DICOM; "" = none. Files that are named like other images
/// are not opened.
std::string first_dicom_path(const fs::path& table) {
  const CsvTable rows = read_csv(table);
  const std::size_t column = find_columns(rows, {"path"}, table.string())[0];
  for (const std::vector<std::string>& row : rows.rows) {
    const std::string& path = row[column];
    const bool other = has_image_extension(path) && lower(fs::path(path).extension()) != ".dcm";
    if (is_uid(path) || (!other && is_dicom_file(table.parent_path() / path))) return path;
  }
  return "";
}

/// Gives the entries what their files name, and their groups where people have told none: the
/// frames of one file are a group, too.
void take_groups(Contents& contents, const std::vector<DicomInstance>& files) {
  std::map<std::string, const DicomInstance*> file_of;
  for (const DicomInstance& file : files) {
    for (std::string& id : file.image_ids()) file_of[std::move(id)] = &file;
  }
  for (Entry& entry : contents.entries) {
    const DicomInstance& file = *file_of.at(entry.sample.id);
    entry.sample.hidden = file.hidden;
    if (!entry.sample.group.empty()) continue;
    entry.sample.group = file.group.empty() && file.frames > 1 ? file.id : file.group;
    entry.sample.group_is_made_up = true;
  }
}

}  // namespace

std::string recognize_dicom(const fs::path& path) {
  const fs::path table = table_of(path);
  std::error_code ignored;
  if (lower(table.extension().string()) != ".csv" || !fs::is_regular_file(table, ignored))
    return "";
  try {
    const std::string found = first_dicom_path(table);
    if (found.empty()) return "";
    return fmt::format("{} names the DICOM file or SOPInstanceUID {}", table.filename().string(),
                       found);
  } catch (const Error&) {
    return "";
  }
}

Contents open_dicom(const fs::path& path) {
  const fs::path table = table_of(path);
  const fs::path root = table.parent_path().empty() ? "." : table.parent_path();
  Instances instances(root);
  Contents contents = read_manifest(table, [&](const std::string& cell, const std::string& at) {
    return instances.find(cell, at);
  });
  contents.skipped = instances.skipped();
  note_patients(contents, instances.files());
  const bool told = fs::exists(root / kGroupsFile) ||
                    std::ranges::any_of(contents.entries, [](const Entry& entry) {
                      return !entry.sample.group.empty();
                    });
  const std::vector<DicomInstance> listed = instances.listed();
  contents.anonymous_patient = anonymous_patient(listed);
  take_groups(contents, listed);
  if (!told) note_groups(contents, listed);
  return contents;
}

image::Image load_dicom(const fs::path& root, const std::string& id) {
  std::error_code ignored;
  if (fs::is_regular_file(root / id, ignored)) return image::decode_file(root / id);
  static RecentFiles<image::DicomFile> recent(4);
  const auto [file, frame] = parse_container_id(id);
  const auto opened = recent.get(root / file);
  if (frame >= opened->frames()) {
    throw Error(
        fmt::format("{}: no such frame; the file has {}", (root / id).string(), opened->frames()));
  }
  return opened->frame(frame);
}

}  // namespace fathom::data::internal
