#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/file_lock.h"
#include "fathom/data/public_sets.h"
#include "fathom/data/unpack.h"

namespace fathom::data {
namespace fs = std::filesystem;
namespace {

/// What a file is once it is unpacked: data.h5.gz becomes data.h5, IMAGES.zip the folder IMAGES.
std::string unpacked_name(const PublishedFile& file) {
  const fs::path name = file.name;
  const bool packed = name.extension() == ".gz" || name.extension() == ".zip";
  return packed ? name.stem().string() : file.name;
}

bool holds_all(const fs::path& folder, const PublicSet& set) {
  return std::ranges::all_of(set.files, [&](const PublishedFile& file) {
    return fs::exists(folder / unpacked_name(file));
  });
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
    if (fs::exists(target)) continue;  // it appears complete or not at all
    const fs::path fetched = fetch(file, work, options);
    unpack(fetched, target, options.progress);
    if (fetched != target && fetched.parent_path() == work) fs::remove(fetched);
  }
}

/// Leaves nothing in the folder but the set: killed runs may have left temporary files.
void remove_others(const fs::path& folder, const PublicSet& set) {
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool wanted = std::ranges::any_of(set.files, [&](const PublishedFile& file) {
      return entry.path().filename() == unpacked_name(file);
    });
    if (!wanted) others.push_back(entry.path());
  }
  for (const fs::path& other : others) fs::remove_all(other);
}

}  // namespace

fs::path fetch_public_set(const PublicSet& set, const fs::path& folder,
                          const DownloadOptions& options) {
  if (set.files.empty()) {
    throw Error(fmt::format("{}: cannot be fetched: {}", set.name, set.by_hand));
  }
  fs::path target = fs::absolute(folder).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "pcam/"
  const fs::path data = set.data.empty() ? folder : folder / set.data;
  try {
    if (holds_all(target, set)) return data;
    if (fs::exists(target) && !(fs::is_directory(target) && fs::is_empty(target))) {
      throw Error(fmt::format("{}: is there and does not hold {}; choose another folder by --out",
                              folder.string(), set.name));
    }
    const fs::path work = target.string() + ".part";
    fs::create_directories(work);
    const FileLock lock(work / ".lock");
    if (!lock.holds()) {
      throw Error(fmt::format("{}: process {} is at it; wait until it has ended", work.string(),
                              lock.holder()));
    }
    fetch_into(set, work, options);
    remove_others(work, set);
    fs::rename(work, target);
    fsync_folder(target.parent_path());
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: {}", folder.string(), error.what()));
  }
  return data;
}

}  // namespace fathom::data
