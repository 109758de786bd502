// A lock between processes on one file system (flock). Not for threads of one process.
#pragma once

#include <filesystem>
#include <string>

namespace fathom {

/// Holds PATH locked while it lives; the file holds the holder's pid. It stays when the lock is
/// given back: removing it would let two processes lock two files of the same name.
class FileLock {
 public:
  /// Opens or creates the file and locks it if it is free: holds() tells.
  /// Throws Error when the file cannot be written or its file system has no locks.
  explicit FileLock(const std::filesystem::path& path);
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
