// A lock between processes on one file system (flock). Not for threads of one process.
#pragma once

#include <filesystem>
#include <string>

namespace fathom {

/// Holds PATH locked while it lives; the file says who holds it. It stays when the lock is given
/// back: removing it would let two processes lock two files of the same name.
class FileLock {
 public:
  /// Opens or creates the file and locks it if it is free: holds() tells.
  /// Throws Error when the file cannot be written or its file system has no locks.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool holds() const { return holds_; }
  /// "process 4711 on HOST since 2026-03-01T12:00:00Z"; "an unknown process" when it has not said.
  std::string holder() const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  bool holds_ = false;
};

}  // namespace fathom
