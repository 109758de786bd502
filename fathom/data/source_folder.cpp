#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/contents.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

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

  /// With the parts that folders above or below the classes name.
  Contents finish() {
    take_parts(contents_, root_);
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

/// The names of tables of images in a folder, by their columns: they are not what was asked for,
/// but may be what was meant.
std::vector<std::string> label_tables(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (recognize_csv(entry.path()).empty()) continue;
    try {
      const CsvTable table = read_csv(entry.path());
      const std::string name = entry.path().filename().string();
      if (table.find("path") >= 0 && table.find("label") >= 0) names.push_back(escaped(name));
    } catch (const Error&) {
      continue;  // not such a table
    }
  }
  std::ranges::sort(names);
  return names;
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

Contents read_folders(const fs::path& folder, const std::vector<fs::path>& folders) {
  if (has_split_layout(folder, folders)) return open_split_folders(folder, folders);
  FolderReader reader(folder);
  reader.read_classes(folder);
  return reader.finish();
}

}  // namespace

std::string recognize_folder(const fs::path& path) {
  return is_folder(path) ? "it is a folder, and no published layout" : "";
}

Contents open_folder(const fs::path& folder) {
  const Listing listing = list_folder(folder);
  const std::vector<std::string> tables = label_tables(folder);
  if (listing.folders.empty()) {
    throw Error(fmt::format(
        "{}: no sub-folders; one sub-folder of images per class is needed, or give a CSV file with "
        "the columns path,label{} instead of the folder",
        folder.string(), tables.empty() ? "" : ", such as " + (folder / tables[0]).string() + ","));
  }
  Contents contents = read_folders(folder, listing.folders);
  for (const std::string& table : tables) {
    contents.cautions.push_back(fmt::format(
        "The classes are the sub-folders; {0} lies beside them, a table of images, and is not "
        "read. If it tells the classes, give {1} as the data.",
        table, (folder / table).string()));
  }
  return contents;
}

}  // namespace fathom::data::internal
