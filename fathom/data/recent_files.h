// Files that were opened last stay open, so that image after image can be read from them.
// Not for small files: those are read whole, each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace fathom::data::internal {

/// Thread-safe. A file that changed meanwhile (size or time) is opened again.
template <class Opened>
class RecentFiles {
 public:
  explicit RecentFiles(std::size_t capacity) : capacity_(capacity) {}

  /// What is open for `path`, or Opened(path).
  std::shared_ptr<const Opened> get(const std::filesystem::path& path) {
    const Key key = key_of(path);
    const std::lock_guard lock(mutex_);
    for (const auto& [known, opened] : open_) {
      if (known == key) return opened;
    }
    if (open_.size() == capacity_) open_.pop_front();
    open_.emplace_back(key, std::make_shared<const Opened>(path));
    return open_.back().second;
  }

 private:
  struct Key {
    std::string path;
    std::uintmax_t size = 0;
    std::filesystem::file_time_type time;
    bool operator==(const Key&) const = default;
  };

  static Key key_of(const std::filesystem::path& path) {
    Key key{path.string()};
    std::error_code missing;  // is found again, and told, by Opened
    key.size = std::filesystem::file_size(path, missing);
    key.time = std::filesystem::last_write_time(path, missing);
    return key;
  }

  std::size_t capacity_;
  std::mutex mutex_;
  std::deque<std::pair<Key, std::shared_ptr<const Opened>>> open_;
};

}  // namespace fathom::data::internal
