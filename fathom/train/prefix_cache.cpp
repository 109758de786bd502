#include "fathom/train/prefix_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"

namespace fathom::train {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSuffix = ".boundary";

struct StoredFile {
  fs::path path;
  std::uint64_t bytes = 0;
  fs::file_time_type used;
};

/// Every file below a folder. What another process removes meanwhile is left out.
std::vector<StoredFile> files_below(const fs::path& folder) {
  std::vector<StoredFile> files;
  std::error_code gone;
  for (fs::recursive_directory_iterator it(folder, gone), end; !gone && it != end;
       it.increment(gone)) {
    std::error_code removed;
    const auto bytes = it->file_size(removed);
    const auto used = it->last_write_time(removed);
    if (!removed && it->is_regular_file(removed)) files.push_back({it->path(), bytes, used});
  }
  return files;
}

/// A part of a file, and so old that no running process can still be writing it.
bool is_old_part(const StoredFile& file) {
  const auto age = fs::file_time_type::clock::now() - file.used;
  return file.path.extension().string().starts_with(".part-") && age > std::chrono::hours(24);
}

bool is_evictable(const StoredFile& file) {
  return file.path.extension() == kSuffix || is_old_part(file);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return;
  throw Error(fmt::format(
      "{}: cannot make this folder of the prefix cache: {}. Choose another cache with --cache, or "
      "do without it (--cache-gib 0)",
      folder.string(), error.message()));
}

std::uint64_t total_bytes(const std::vector<StoredFile>& files) {
  std::uint64_t total = 0;
  for (const StoredFile& file : files) total += file.bytes;
  return total;
}

}  // namespace

PrefixCache::PrefixCache(fs::path folder, std::uint64_t max_bytes)
    : folder_(std::move(folder)), max_bytes_(max_bytes) {}

fs::path PrefixCache::network_folder(const std::string& network) const {
  return folder_ / network.substr(0, 32);
}

std::uint64_t PrefixCache::max_bytes() const {
  // Of what is free a tenth stays, for the study's own files and for everybody else.
  constexpr double kShareOfFree = 0.9;
  fs::path existing = folder_;
  while (!fs::exists(existing) && existing.has_parent_path() &&
         existing != existing.parent_path()) {
    existing = existing.parent_path();
  }
  std::error_code unknown;
  const fs::space_info space = fs::space(existing.empty() ? "." : existing, unknown);
  if (unknown) return max_bytes_;
  const auto free = static_cast<std::uint64_t>(static_cast<double>(space.available) * kShareOfFree);
  return std::min(max_bytes_, free + total_bytes(files_below(folder_)));
}

std::vector<std::unique_ptr<BoundaryFile>> PrefixCache::open(const BoundaryHeader& header) const {
  std::vector<std::unique_ptr<BoundaryFile>> opened;
  for (const StoredFile& file : files_below(network_folder(header.network))) {
    const std::string name = file.path.filename().string();
    if (!name.starts_with(header.block + "-") || !name.ends_with(kSuffix)) continue;
    try {
      opened.push_back(std::make_unique<BoundaryFile>(file.path, header));
    } catch (const DamagedFile& error) {
      log_warning("{}; it is removed and computed again", error.what());
      std::error_code gone;
      fs::remove(file.path, gone);
    } catch (const Error& error) {
      log_warning("{}; it is passed over", error.what());
    }
  }
  return opened;
}

std::unique_ptr<BoundaryWriter> PrefixCache::writer(const BoundaryHeader& header) const {
  const fs::path folder = network_folder(header.network);
  make_folder(folder);
  fs::path path;
  for (int number = 0; path.empty() || fs::exists(path); ++number) {
    path = folder / fmt::format("{}-{}{}", header.block, number, kSuffix);
  }
  return std::make_unique<BoundaryWriter>(path, header);
}

void PrefixCache::mark_used(const BoundaryFile& file) {
  // The time of last writing is the time of last use, for make_room().
  std::error_code gone;
  fs::last_write_time(file.path(), fs::file_time_type::clock::now(), gone);
}

std::uint64_t PrefixCache::bytes_of(const std::string& network) const {
  return total_bytes(files_below(network_folder(network)));
}

std::unique_ptr<FileLock> PrefixCache::lock(const std::string& network,
                                            const std::function<void()>& keep_going) const {
  const fs::path folder = network_folder(network);
  make_folder(folder);
  auto lock = std::make_unique<FileLock>(folder / "lock");
  if (!lock->holds()) {
    log_info("waiting for {}, which fills the same part of the prefix cache", lock->holder());
  }
  while (!lock->holds()) {
    keep_going();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    lock = std::make_unique<FileLock>(folder / "lock");
  }
  // Of this machine none is being written, since the lock is held. There are file systems that do
  // not tell one machine of another's locks.
  const std::string of_this_machine = part_suffix() + "-";
  for (const StoredFile& file : files_below(folder)) {
    const bool is_left = file.path.extension().string().starts_with(of_this_machine);
    std::error_code gone;
    if (is_left || is_old_part(file)) fs::remove(file.path, gone);
  }
  return lock;
}

void PrefixCache::make_room(std::uint64_t bytes, const std::string& network) const {
  std::vector<StoredFile> files = files_below(folder_);
  std::uint64_t total = total_bytes(files);
  std::ranges::sort(files, {}, &StoredFile::used);
  const std::uint64_t bound = max_bytes();
  for (const StoredFile& file : files) {
    if (total + bytes <= bound) return;
    const bool is_own = file.path.parent_path() == network_folder(network);
    if (is_own || !is_evictable(file)) continue;
    std::error_code gone;
    fs::remove(file.path, gone);
    total -= std::min(total, file.bytes);
  }
}

double PrefixCache::measure_write() const {
  constexpr std::size_t kRecord = 1 << 20, kRecords = 32;
  const std::vector<std::byte> record(kRecord);
  const BoundaryHeader header{"calibration", "calibration", kRecord};
  const auto file = writer(header);
  const Stopwatch watch;
  for (std::size_t i = 0; i < kRecords; ++i) file->add({}, record);
  return watch.seconds() / static_cast<double>(kRecord * kRecords);
}

}  // namespace fathom::train
