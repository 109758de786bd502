// A lock between processes on one file system (flock). Not for threads of one process.
#pragma once

#include <filesystem>
#include <string>

namespace fathom {

/// Holds PATH locked while it lives; the file holds the holder's pid. It stays when the lock is
/// given back: removing it would let two processes lock two files of the same name.
class FileLock {
 public:
  enum class Wait { no, yes };

  /// Opens or creates the file. With Wait::no, holds() tells whether the lock was free.
  /// Throws Error when the file cannot be written or its file system has no locks.
  FileLock(const std::filesystem::path& path, Wait wait);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool holds() const { return holds_; }
  /// The pid that the holder wrote; "unknown" when it has not yet.
  std::string holder() const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  bool holds_ = false;
};

}  // namespace fathom
