#include "fathom/base/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/file_lock.h"
#include "fathom/base/hash.h"
#include "fathom/base/http_transfer.h"
#include "fathom/base/log.h"

namespace fathom {
namespace fs = std::filesystem;
namespace {

bool is_address(const std::string& from) {
  return from.starts_with("http://") || from.starts_with("https://");
}

/// What to do without this machine's internet.
std::string by_hand(const PublishedFile& file) {
  const std::string size = file.bytes == 0 ? "" : fmt::format("{} bytes, ", file.bytes);
  const std::string checksum = file.sha256.empty() ? "MD5 " + file.md5 : "SHA-256 " + file.sha256;
  return fmt::format(
      "By hand: get {} from {} ({}{}), put it into a folder and give the same "
      "command --from FOLDER",
      file.name, file.url.empty() ? file.origin : file.url, size, checksum);
}

fs::path from_folder(const PublishedFile& file, const fs::path& folder) {
  const fs::path path = folder / file.name;
  if (!fs::is_regular_file(path)) {
    throw Error(fmt::format("{}: no such file. {}", path.string(), by_hand(file)));
  }
  const std::string problem = difference_from(path, file);
  if (!problem.empty()) throw Error(fmt::format("{}: {}", path.string(), problem));
  return path;
}

std::string address_of(const PublishedFile& file, const std::string& from) {
  if (from.empty()) return file.url;
  return from + (from.ends_with('/') ? "" : "/") + file.name;
}

/// Fills the part file until it is the published one, and gives it its name.
void download(const PublishedFile& file, const std::string& url, const fs::path& target,
              const DownloadOptions& options) {
  const fs::path part = target.string() + ".part";
  std::error_code absent;
  bool resumed = fs::file_size(part, absent) > 0 && !absent;
  while (true) {
    try {
      internal::transfer(url, part, file.bytes, options);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}. {}", url, error.what(), by_hand(file)));
    }
    const std::string problem = difference_from(part, file);
    if (problem.empty()) break;
    internal::remove_part(part);
    if (!resumed) throw Error(fmt::format("{}: {}. It was not kept", url, problem));
    log_warning("{}: what was there from before does not fit: fetched from the start", url);
    resumed = false;
  }
  fs::rename(part, target);
  internal::remove_part(part);
  fsync_folder(target.parent_path());
}

}  // namespace

fs::path fetch(const PublishedFile& file, const fs::path& folder, const DownloadOptions& options) {
  FATHOM_CHECK(!file.name.empty() && file.name == fs::path(file.name).filename());
  FATHOM_CHECK(!file.sha256.empty() || file.md5.size() == 32);
  if (!options.from.empty() && !is_address(options.from)) return from_folder(file, options.from);
  const fs::path target = fs::absolute(folder) / file.name;
  if (fs::exists(target)) {
    const std::string problem = difference_from(target, file);
    if (problem.empty()) return target;
    log_warning("{}: {}: fetched again", target.string(), problem);
  }
  const std::string url = address_of(file, options.from);
  if (url.empty()) throw Error(fmt::format("{}: has no address. {}", file.name, by_hand(file)));

  std::error_code seen_by_the_lock;
  fs::create_directories(target.parent_path(), seen_by_the_lock);
  const fs::path lock_path = target.string() + ".lock";
  const FileLock lock(lock_path);
  if (!lock.holds()) {
    throw Error(fmt::format("{}: being fetched by {}; wait until it has ended", target.string(),
                            lock.holder()));
  }
  download(file, url, target, options);
  fs::remove(lock_path);
  return target;
}

std::string difference_from(const fs::path& path, const PublishedFile& file) {
  const std::uint64_t bytes = fs::file_size(path);
  if (file.bytes != 0 && bytes != file.bytes) {
    return fmt::format("{} bytes; the published file has {}", bytes, file.bytes);
  }
  const bool by_sha = !file.sha256.empty();
  const std::string found = by_sha ? sha256_file(path) : md5_file(path);
  const std::string& stated = by_sha ? file.sha256 : file.md5;
  if (found.starts_with(stated)) return "";
  const char* kind = by_sha ? "SHA-256" : "MD5";
  return fmt::format("not the published file: its {} is {}; stated is {}{}", kind, found, stated,
                     stated.size() < found.size() ? "..." : "");
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  constexpr std::array kUnits = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return value < 99.95 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                       : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

}  // namespace fathom
