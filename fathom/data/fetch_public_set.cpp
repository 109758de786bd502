#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/file_lock.h"
#include "fathom/data/public_sets.h"
#include "fathom/data/unpack.h"

namespace fathom::data {
namespace fs = std::filesystem;
namespace {

/// Lies in every folder that was made here, and says for which set: in no other is anything trusted
/// or removed.
constexpr const char* kMark = ".fathom-data-get";
constexpr const char* kLock = ".lock";

std::string mark_text(const PublicSet& set) { return set.name + "\n"; }

bool is_packed(const PublishedFile& file) {
  const fs::path ending = fs::path(file.name).extension();
  return ending == ".gz" || ending == ".zip";
}

/// What a file is once it is unpacked: data.h5.gz becomes data.h5, IMAGES.zip the folder IMAGES.
std::string unpacked_name(const PublishedFile& file) {
  return is_packed(file) ? fs::path(file.name).stem().string() : file.name;
}

/// Why the file is not there as it was published; "" = it is. What was unpacked appeared complete.
std::string missing(const fs::path& folder, const PublishedFile& file) {
  const fs::path path = folder / unpacked_name(file);
  if (!fs::exists(path)) return "is not there";
  return is_packed(file) ? "" : difference_from(path, file);
}

/// Whether a name in the work folder can be of an earlier call: that of a file of the set, or one
/// that downloads, locks and unpacking make of it ("NAME.part", ".NAME.unpacking").
bool is_ours(std::string name, const PublicSet& set) {
  static constexpr std::array kEndings = {".part", ".etag", ".lock", ".copy", ".unpacking", ".tmp"};
  if (name == kMark || name == kLock) return true;
  const std::string ending = fs::path(name).extension().string();
  const bool temporary = std::ranges::find(kEndings, ending) != kEndings.end();
  if (temporary && name.starts_with('.')) name.erase(0, 1);
  const auto made_of = [&](const std::string& whole) {
    return name == whole || (temporary && name.starts_with(whole + "."));
  };
  return made_of(kMark) || std::ranges::any_of(set.files, [&](const PublishedFile& file) {
           return made_of(file.name) || made_of(unpacked_name(file));
         });
}

/// Throws unless the folder is empty or was made for this set.
void refuse_unmarked(const fs::path& folder, const PublicSet& set) {
  if (fs::is_directory(folder) && fs::is_empty(folder)) return;
  const fs::path mark = folder / kMark;
  if (fs::is_regular_file(mark) && read_file(mark) == mark_text(set)) return;
  throw Error(fmt::format(
      "{}: is there and does not hold {} as 'fathom data get' leaves it; choose another folder by "
      "--out, or move this one away",
      folder.string(), set.name));
}

/// Throws when the work folder holds what is of somebody else.
void refuse_foreign(const fs::path& work, const PublicSet& set) {
  for (const auto& entry : fs::directory_iterator(work)) {
    if (is_ours(entry.path().filename().string(), set)) continue;
    throw Error(fmt::format("{}: is no part of {}; move it away, and give the same command again",
                            entry.path().string(), set.name));
  }
}

/// Whether all of the set is there. Throws when other things are, or a file is not as published.
bool holds_all(const fs::path& folder, const PublicSet& set) {
  if (!fs::exists(folder)) return false;
  refuse_unmarked(folder, set);
  if (fs::is_empty(folder)) return false;
  for (const PublishedFile& file : set.files) {
    const std::string problem = missing(folder, file);
    if (problem.empty()) continue;
    throw Error(fmt::format("{}: {}: {}; move the folder away, and give the same command again",
                            folder.string(), unpacked_name(file), problem));
  }
  return true;
}

/// Puts one checked file in its place; `file` may lie in a folder of the user's and stays there.
void unpack(const fs::path& file, const fs::path& target, const ByteProgress& progress) {
  if (file == target) return;
  if (file.extension() == ".gz") {
    internal::unpack_gzip(file, target, progress);
  } else if (file.extension() == ".zip") {
    internal::unpack_zip(file, target, progress);
  } else {
    const fs::path copy = target.string() + ".copy";
    fs::copy_file(file, copy, fs::copy_options::overwrite_existing);
    fs::rename(copy, target);
  }
}

void fetch_into(const PublicSet& set, const fs::path& work, const DownloadOptions& options) {
  for (const PublishedFile& file : set.files) {
    const fs::path target = work / unpacked_name(file);
    if (missing(work, file).empty()) continue;
    const fs::path fetched = fetch(file, work, options);
    unpack(fetched, target, options.progress);
    if (fetched != target && fetched.parent_path() == work) fs::remove(fetched);
  }
}

/// Leaves nothing in the folder but the set and its mark: killed runs may have left temporary
/// files.
void remove_temporaries(const fs::path& work, const PublicSet& set) {
  std::set<std::string> wanted = {kMark};
  for (const PublishedFile& file : set.files) wanted.insert(unpacked_name(file));
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(work)) {
    if (!wanted.contains(entry.path().filename().string())) others.push_back(entry.path());
  }
  for (const fs::path& other : others) fs::remove_all(other);
}

/// The folder itself where `folder` is a link to one, so that it can be renamed over.
fs::path real_folder(const fs::path& folder) {
  fs::path target = fs::weakly_canonical(fs::absolute(folder));
  if (!target.has_filename()) target = target.parent_path();  // "pcam/"
  if (!fs::is_symlink(target)) return target;
  throw Error(
      fmt::format("{}: a link to nothing; make the folder that it names, or choose another "
                  "by --out",
                  folder.string()));
}

}  // namespace

fs::path fetch_public_set(const PublicSet& set, const fs::path& folder,
                          const DownloadOptions& options) {
  if (set.files.empty()) {
    throw Error(fmt::format("{}: cannot be fetched: {}", set.name, set.by_hand));
  }
  const fs::path data = set.data.empty() ? folder : folder / set.data;
  try {
    const fs::path target = real_folder(folder);
    if (holds_all(target, set)) return data;
    const fs::path work = target.string() + ".part";
    fs::create_directories(work);
    refuse_unmarked(work, set);
    refuse_foreign(work, set);
    write_file_atomically(work / kMark, mark_text(set));
    const FileLock lock(work / kLock);
    if (!lock.holds()) {
      throw Error(
          fmt::format("{}: {} is at it; wait until it has ended", work.string(), lock.holder()));
    }
    fetch_into(set, work, options);
    refuse_foreign(work, set);
    remove_temporaries(work, set);
    fs::rename(work, target);
    fsync_folder(target.parent_path());
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: {}", folder.string(), error.what()));
  }
  return data;
}

}  // namespace fathom::data
