#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "fathom/base/error.h"
#include "fathom/data/source.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ::tolower);
  return text;
}

/// Files that lie about everywhere and are nobody's data.
bool is_junk(const std::string& name) {
  static constexpr std::array kNames = {"thumbs.db", "desktop.ini", "__macosx", "lost+found"};
  static constexpr std::array kEndings = {".txt", ".csv", ".md", ".json", ".html", ".pdf"};
  const std::string small = lower(name);
  return small.starts_with('.') || small.starts_with("readme") || small.starts_with("license") ||
         std::find(kNames.begin(), kNames.end(), small) != kNames.end() ||
         std::find(kEndings.begin(), kEndings.end(), fs::path(small).extension().string()) !=
             kEndings.end();
}

/// What lies in a folder, junk left out, by name.
struct Listing {
  std::vector<fs::path> folders;
  std::vector<fs::path> files;
};

Listing list_folder(const fs::path& folder) {
  Listing listing;
  std::error_code failure;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end;
       it.increment(failure)) {
    if (is_junk(it->path().filename().string())) continue;
    std::error_code ignored;  // a link to nowhere is listed as a file, and refused as an image
    (it->is_directory(ignored) ? listing.folders : listing.files).push_back(it->path());
  }
  if (failure) throw Error(fmt::format("{}: cannot list: {}", folder.string(), failure.message()));
  std::sort(listing.folders.begin(), listing.folders.end());
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

/// Collects the images of class folders.
class FolderReader {
 public:
  explicit FolderReader(fs::path root) : root_(std::move(root)) {}

  /// Takes the sub-folders of `parent` as classes; returns their names.
  std::set<std::string> read_classes(const fs::path& parent, Split split) {
    const Listing listing = list_folder(parent);
    for (const fs::path& file : listing.files) skip(file, "lies in no class folder");
    std::set<std::string> classes;
    for (const fs::path& folder : listing.folders) {
      const std::string name = folder.filename().string();
      if (!is_utf8(name)) {
        throw Error(fmt::format("{}/{}: the name of a class folder is not UTF-8: rename it",
                                parent.string(), escaped(name)));
      }
      const std::size_t before = named_.size();
      read_images(folder, name, split, {fs::canonical(parent)});
      if (named_.size() == before) refuse_empty(folder);
      classes.insert(name);
    }
    return classes;
  }

  Dataset finish() {
    Dataset dataset = label_samples(std::move(named_));
    dataset.skipped = std::move(skipped_);
    return dataset;
  }

 private:
  std::string id_of(const fs::path& path) const {
    return path.lexically_relative(root_).generic_string();
  }

  void skip(const fs::path& file, const std::string& reason) {
    const std::string id = id_of(file);
    skipped_.push_back({is_utf8(id) ? id : escaped(id), reason});
  }

  void read_images(const fs::path& folder, const std::string& class_name, Split split,
                   std::vector<fs::path> above) {
    const fs::path real = fs::canonical(folder);
    if (std::find(above.begin(), above.end(), real) != above.end()) {
      throw Error(fmt::format("{}: a link back to a folder above it ({}): remove the link",
                              folder.string(), real.string()));
    }
    above.push_back(real);
    const Listing listing = list_folder(folder);
    for (const fs::path& sub : listing.folders) read_images(sub, class_name, split, above);
    for (const fs::path& file : listing.files) {
      if (!is_utf8(file.string())) {
        skip(file, "its name is not UTF-8");
      } else if (!has_image_extension(file)) {
        skip(file, "not named like a PNG, JPEG, TIFF or BMP image");
      } else {
        named_.push_back({Sample{.id = id_of(file), .split = split}, class_name});
      }
    }
  }

  [[noreturn]] static void refuse_empty(const fs::path& folder) {
    const Listing listing = list_folder(folder);
    const std::string found =
        listing.files.empty() ? ""
                              : fmt::format(", but {} other files such as {}", listing.files.size(),
                                            escaped(listing.files[0].filename().string()));
    throw Error(fmt::format(
        "{}: no images in this class folder{}; .png, .jpg, .jpeg, .tif, .tiff and .bmp are read",
        folder.string(), found));
  }

  fs::path root_;
  std::vector<NamedSample> named_;
  std::vector<SkippedImage> skipped_;
};

bool is_split_name(const std::string& name) {
  try {
    return split_from_name(name) != Split::none;
  } catch (const Error&) {
    return false;
  }
}

std::string names_of(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(escaped(path.filename().string()));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Whether the sub-folders are train, valid and test rather than classes.
bool has_split_layout(const fs::path& folder, const std::vector<fs::path>& folders) {
  const auto named = std::count_if(folders.begin(), folders.end(), [](const fs::path& path) {
    return is_split_name(path.filename().string());
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

Dataset open_split_folders(const fs::path& folder, const std::vector<fs::path>& parts) {
  FolderReader reader(folder);
  std::map<Split, std::set<std::string>> classes;
  for (const fs::path& part : parts) {
    const Split split = split_from_name(part.filename().string());
    classes[split].merge(reader.read_classes(part, split));
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
  Dataset dataset = reader.finish();
  dataset.has_splits = true;
  return dataset;
}

}  // namespace

Dataset open_folder(const fs::path& folder) {
  const Listing listing = list_folder(folder);
  if (listing.folders.empty()) {
    throw Error(
        fmt::format("{}: no sub-folders; one sub-folder of images per class is needed, or "
                    "give a CSV file with the columns path,label instead of the folder",
                    folder.string()));
  }
  if (has_split_layout(folder, listing.folders)) return open_split_folders(folder, listing.folders);
  FolderReader reader(folder);
  reader.read_classes(folder, Split::none);
  return reader.finish();
}

}  // namespace fathom::data::internal
