#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/error.h"
#include "fathom/data/contents.h"
#include "fathom/data/dicom_instances.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// DICOM files know their patients: the groups, as the source 'dicom' has them.
void take_patients(Contents& contents, const fs::path& root) {
  std::vector<std::string> ids;
  std::map<std::string, Sample*> samples;
  for (Entry& entry : contents.entries) {
    const std::string& id = entry.sample.id;
    if (lower(fs::path(id).extension().string()) != ".dcm") continue;
    ids.push_back(id);
    samples[id] = &entry.sample;
  }
  std::ranges::sort(ids);
  const DicomInstances found = read_dicom_instances(root, ids);
  contents.patient_ids = found.patient_ids;
  const auto of_first = [&](const DicomInstance& file) {
    return file.group == found.files.front().group;
  };
  if (ids.size() > 1 && std::ranges::all_of(found.files, of_first)) {
    contents.cautions.emplace_back(
        "All DICOM files name one patient or study, or none, as anonymised ones do: they give no "
        "groups. Where you know the patients, write groups.csv (path,group).");
    return;
  }
  for (const DicomInstance& file : found.files) samples[file.id]->group = file.group;
}

/// Collects the images of class folders.
class FolderReader {
 public:
  explicit FolderReader(fs::path root) : root_(std::move(root)) {}

  /// Takes the sub-folders of `parent` as classes; returns their names.
  std::set<std::string> read_classes(const fs::path& parent) {
    const Listing listing = list_folder(parent);
    for (const fs::path& file : listing.files) {
      contents_.skipped.push_back(skipped_file(root_, file, "lies in no class folder"));
    }
    std::set<std::string> classes;
    for (const fs::path& folder : listing.folders) {
      const std::string name = folder.filename().string();
      if (!is_utf8(name)) {
        throw Error(fmt::format("{}/{}: the name of a class folder is not UTF-8: rename it",
                                parent.string(), escaped(name)));
      }
      read_class(folder, name);
      classes.insert(name);
    }
    return classes;
  }

  /// With the parts that folders above or below the classes name, and the patients that files do.
  Contents finish() {
    take_parts(contents_, root_);
    take_patients(contents_, root_);
    return std::move(contents_);
  }

 private:
  void read_class(const fs::path& folder, const std::string& name) {
    ImageList found = list_images(root_, folder);
    std::ranges::move(found.skipped, std::back_inserter(contents_.skipped));
    if (found.ids.empty()) refuse_empty(folder);
    for (std::string& id : found.ids) {
      contents_.entries.push_back({Sample{.id = std::move(id)}, name});
    }
  }

  [[noreturn]] static void refuse_empty(const fs::path& folder) {
    const Listing listing = list_folder(folder);
    const std::string found =
        listing.files.empty() ? ""
                              : fmt::format(", but {} other files such as {}", listing.files.size(),
                                            escaped(listing.files[0].filename().string()));
    throw Error(fmt::format(
        "{}: no images in this class folder{}; .png, .jpg, .jpeg, .tif, .tiff, .bmp and .dcm are "
        "read",
        folder.string(), found));
  }

  fs::path root_;
  Contents contents_;
};

std::string names_of(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(escaped(path.filename().string()));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Whether the sub-folders are train, valid and test rather than classes.
bool has_split_layout(const fs::path& folder, const std::vector<fs::path>& folders) {
  const auto named = std::count_if(folders.begin(), folders.end(), [](const fs::path& path) {
    return split_of_folder(path.filename().string()) != Split::none;
  });
  if (named == 0) return false;
  if (named == static_cast<std::ptrdiff_t>(folders.size())) return true;
  throw Error(fmt::format(
      "{}: its sub-folders mix parts (train, valid, test) with other names: {}. Put either classes "
      "or parts there, not both",
      folder.string(), names_of(folders)));
}

std::string difference(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::vector<std::string> only;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
  return fmt::format("{}", fmt::join(only, ", "));
}

Contents open_split_folders(const fs::path& folder, const std::vector<fs::path>& parts) {
  FolderReader reader(folder);
  std::map<Split, std::set<std::string>> classes;
  for (const fs::path& part : parts) {
    const Split split = split_from_name(part.filename().string());
    classes[split].merge(reader.read_classes(part));
  }
  if (!classes.contains(Split::train)) {
    throw Error(fmt::format("{}: no train folder beside {}", folder.string(), names_of(parts)));
  }
  for (const auto& [split, names] : classes) {
    if (names == classes[Split::train]) continue;
    throw Error(fmt::format("{}: train and {} have different classes; in one of them only: {}",
                            folder.string(), split_name(split),
                            difference(names, classes[Split::train])));
  }
  return reader.finish();
}

}  // namespace

std::string recognize_folder(const fs::path& path) {
  return is_folder(path) ? "it is a folder, and no published layout" : "";
}

Contents open_folder(const fs::path& folder) {
  const Listing listing = list_folder(folder);
  if (listing.folders.empty()) {
    throw Error(
        fmt::format("{}: no sub-folders; one sub-folder of images per class is needed, or "
                    "give a CSV file with the columns path,label instead of the folder",
                    folder.string()));
  }
  if (has_split_layout(folder, listing.folders)) return open_split_folders(folder, listing.folders);
  FolderReader reader(folder);
  reader.read_classes(folder);
  return reader.finish();
}

}  // namespace fathom::data::internal
