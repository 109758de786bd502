// Sources that are known by the names of their folders: Kather's colorectal sets and LC25000.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "fathom/base/error.h"
#include "fathom/data/contents.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// The sub-folders by name, junk left out; none where the folder cannot be listed.
std::map<std::string, fs::path> sub_folders(const fs::path& folder) {
  std::map<std::string, fs::path> found;
  try {
    for (const fs::path& path : list_folder(folder).folders) {
      found[path.filename().string()] = path;
    }
  } catch (const Error&) {
    return {};  // this is a look at what may be another kind of data set; reading it would tell
  }
  return found;
}

/// The folders on the way from the root to an image, outermost first: "a", "a/b".
std::vector<std::string> folders_of(const std::string& id) {
  std::vector<std::string> folders;
  for (auto slash = id.find('/'); slash != std::string::npos; slash = id.find('/', slash + 1)) {
    folders.push_back(id.substr(0, slash));
  }
  return folders;
}

std::string name_of(const std::string& folder) { return fs::path(folder).filename().string(); }

/// All images below `root`. Those that lie in a class folder (`class_folder` gives it, "" for none)
/// are of that class; the others are told as skipped.
template <class ClassFolder>
Contents read_class_folders(const fs::path& root, ClassFolder class_folder) {
  ImageList found = list_images(root, root);
  Contents contents{.skipped = std::move(found.skipped)};
  for (std::string& id : found.ids) {
    const std::string folder = class_folder(id);
    if (folder.empty()) {
      contents.skipped.push_back({std::move(id), "lies in no class folder"});
    } else {
      contents.entries.push_back({Sample{.id = std::move(id)}, name_of(folder)});
    }
  }
  return contents;
}

// Kather et al. 2018, doi:10.5281/zenodo.1214456.

const std::set<std::string> kKatherClasses = {"ADI", "BACK", "DEB", "LYM", "MUC",
                                              "MUS", "NORM", "STR", "TUM"};
constexpr const char* kKatherTrain = "NCT-CRC-HE-100K";
constexpr const char* kKatherTest = "CRC-VAL-HE-7K";

/// Whether the folder holds classes of the set (a few may have been left out) and nothing else.
bool has_kather_classes(const fs::path& folder) {
  constexpr std::size_t kEnough = 5;
  const auto names = sub_folders(folder);
  return names.size() >= kEnough && std::ranges::all_of(names, [](const auto& entry) {
           return kKatherClasses.contains(entry.first);
         });
}

/// The published folders in a folder that was unpacked into, known by their names: NCT-CRC-HE-100K,
/// the same without normalization (-NONORM), CRC-VAL-HE-7K.
std::map<std::string, fs::path> kather_parts(const fs::path& folder) {
  std::map<std::string, fs::path> parts;
  for (const auto& [name, path] : sub_folders(folder)) {
    if (name.starts_with(kKatherTrain) || name == kKatherTest) parts[name] = path;
  }
  return parts;
}

/// A published folder that holds other things must not be left out in silence, nor taken for a
/// class.
void refuse_other_classes(const fs::path& part) {
  if (has_kather_classes(part)) return;
  std::vector<std::string> names;
  for (const auto& [name, path] : sub_folders(part)) names.push_back(escaped(name));
  throw Error(fmt::format(
      "{}: is named like a published folder, which holds {} and no other folders, of which five "
      "must be there; found: {}. Move what is not of it away, rename it, or read the data in "
      "another way by --source folder",
      part.string(), fmt::join(kKatherClasses, ", "),
      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

// LC25000: Borkowski et al. 2019, arXiv:1912.12142.

constexpr std::array kLcClasses = {"colon_aca", "colon_n", "lung_aca", "lung_n", "lung_scc"};

/// The class folders, at most three levels below.
std::multimap<std::string, fs::path> lc_classes(const fs::path& folder, int levels = 3) {
  std::multimap<std::string, fs::path> classes;
  for (const auto& [name, path] : sub_folders(folder)) {
    if (std::ranges::find(kLcClasses, name) != kLcClasses.end()) {
      classes.emplace(name, path);
    } else if (levels > 1) {
      classes.merge(lc_classes(path, levels - 1));
    }
  }
  return classes;
}

/// Throws when a part has two folders of one class: copies, or parts that are named otherwise.
void refuse_class_twice(const fs::path& root, const std::multimap<std::string, fs::path>& classes) {
  std::map<std::pair<std::string, Split>, std::string> known;
  for (const auto& [name, path] : classes) {
    const std::string id = id_of(root, path);
    const auto [first, is_new] = known.emplace(std::pair(name, part_of(id)), id);
    if (is_new) continue;
    throw Error(fmt::format(
        "{}: two folders of the class {}: '{}' and '{}'. Keep one of them, or put them below "
        "folders train, valid and test",
        root.string(), name, first->second, id));
  }
}

/// Whether only the lung's or only the colon's classes are there.
bool is_one_organ(const std::set<std::string>& class_folders) {
  const auto of_lung = std::ranges::count_if(
      class_folders, [](const std::string& folder) { return name_of(folder).starts_with("lung"); });
  return of_lung == 0 || of_lung == std::ssize(class_folders);
}

/// What would be lost in silence with an image that lies in no class folder, in words; "" where
/// nothing would. A folder of images beside class folders is a class, unless classes lie below it;
/// with one organ, or none, any other folder of images may be a class. `folders`: those on the way
/// to the image; `class_folders`: those of its part.
std::string lost_class(const std::string& id, const std::vector<std::string>& folders,
                       const std::set<std::string>& class_folders) {
  const auto is_above = [&](const std::string& folder) {
    return std::ranges::any_of(
        class_folders, [&](const std::string& known) { return known.starts_with(folder + "/"); });
  };
  for (const std::string& folder : folders) {
    const bool beside = std::ranges::any_of(class_folders, [&](const std::string& known) {
      return fs::path(known).parent_path() == fs::path(folder).parent_path();
    });
    if (beside && !is_above(folder)) {
      return fmt::format("the folder '{}' with images lies beside class folders", folder);
    }
  }
  const bool loose = folders.empty() || is_above(folders.back());
  if (loose || !is_one_organ(class_folders)) return "";
  return fmt::format("the image '{}' lies in no class folder, and {} found", id,
                     class_folders.empty() ? "none is" : "only those of one organ are");
}

void refuse_lost_class(const fs::path& root, const std::string& id,
                       const std::vector<std::string>& folders,
                       const std::set<std::string>& class_folders) {
  const std::set<Split> parts = parts_named_by(id);
  const Split part = parts.size() == 1 ? *parts.begin() : Split::none;
  std::set<std::string> known;  // those that its parts, or all of them, have
  for (const std::string& folder : class_folders) {
    const Split of_folder = part_of(folder);
    if (parts.contains(of_folder) || of_folder == Split::none) known.insert(folder);
  }
  if (parts.empty() && known.empty()) return;  // beside train, valid and test
  const std::string lost = lost_class(id, folders, known);
  if (lost.empty()) return;
  throw Error(fmt::format(
      "{}: {} of LC25000 ({}){}: {}. Give the folder of each class its name, move other folders "
      "away, or read the data in another way by --source folder",
      root.string(), lost, fmt::join(kLcClasses, ", "),
      part == Split::none ? "" : " in the part " + split_name(part),
      known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

}  // namespace

std::string recognize_kather(const fs::path& path) {
  if (has_kather_classes(path)) return "its sub-folders are tissue classes such as ADI and TUM";
  std::vector<std::string> names;
  for (const auto& [name, part] : kather_parts(path)) names.push_back(name);
  return names.empty() ? "" : fmt::format("it holds {}", fmt::join(names, " and "));
}

Contents open_kather(const fs::path& folder) {
  const std::map<std::string, fs::path> parts = kather_parts(folder);
  for (const auto& [name, path] : parts) refuse_other_classes(path);
  const bool has_test = parts.contains(kKatherTest);
  if (parts.size() > (has_test ? 2U : 1U)) {
    throw Error(fmt::format(
        "{}: holds {} more than once (with and without colour normalization, perhaps): the same "
        "images would be learnt and tested. Leave one of them there",
        folder.string(), kKatherTrain));
  }
  Contents contents = read_class_folders(folder, [&](const std::string& id) -> std::string {
    const std::vector<std::string> folders = folders_of(id);
    const std::size_t level = parts.empty() ? 0 : 1;
    const bool inside = folders.size() > level && (level == 0 || parts.contains(folders[0]));
    return inside ? folders[level] : "";
  });
  for (Entry& entry : contents.entries) {
    const bool is_test = folders_of(entry.sample.id)[0] == kKatherTest;
    if (parts.size() == 2) entry.sample.split = is_test ? Split::test : Split::train;
  }
  return contents;
}

std::string recognize_lc25000(const fs::path& path) {
  std::set<std::string> names;
  for (const auto& [name, folder] : lc_classes(path)) names.insert(name);
  return names.size() < 2 ? "" : fmt::format("it holds the folders {}", fmt::join(names, ", "));
}

Contents open_lc25000(const fs::path& folder) {
  const auto classes = lc_classes(folder);
  refuse_class_twice(folder, classes);
  std::set<std::string> class_folders;
  for (const auto& [name, path] : classes) class_folders.insert(id_of(folder, path));
  Contents contents = read_class_folders(folder, [&](const std::string& id) -> std::string {
    const std::vector<std::string> folders = folders_of(id);
    const auto found = std::ranges::find_if(
        folders, [&](const std::string& path) { return class_folders.contains(path); });
    if (found != folders.end()) return *found;
    refuse_lost_class(folder, id, folders, class_folders);
    return "";
  });
  take_parts(contents, folder);
  if (!fs::exists(folder / kGroupsFile)) {
    contents.cautions.push_back(fmt::format(
        "LC25000 holds about 20 augmented copies of each source tile. Without a {} (path,group) "
        "that names the source tile of every image, copies of one tile are both learnt and "
        "tested, and scores mean nothing.",
        kGroupsFile));
  }
  return contents;
}

}  // namespace fathom::data::internal
