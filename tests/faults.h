// What goes wrong on real machines, on purpose, and what the library then tells: a disk that is
// full, a user who may not write, a bit that turned over. Not what is expected of whom.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "fathom/base/log.h"

namespace fathom::tests {

/// Gives up root's right to write everywhere while the object lives.
class OrdinaryUser {
 public:
  OrdinaryUser() {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) throw std::runtime_error("cannot change user");
  }
  ~OrdinaryUser() {
    if (::getuid() == 0 && ::seteuid(0) != 0) std::abort();
  }
};

/// Files of this process may not grow beyond `bytes` while the object lives, like on a full disk.
class FullDisk {
 public:
  explicit FullDisk(std::uint64_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

/// The process may take only so many more bytes of memory while the object lives.
class LittleMemory {
 public:
  explicit LittleMemory(std::uint64_t bytes) {
    std::ifstream sizes("/proc/self/statm");
    std::uint64_t pages = 0;  // of its address space
    sizes >> pages;
    ::getrlimit(RLIMIT_AS, &before_);
    const rlimit limit{pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + bytes,
                       before_.rlim_max};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~LittleMemory() { ::setrlimit(RLIMIT_AS, &before_); }
  LittleMemory(const LittleMemory&) = delete;
  LittleMemory& operator=(const LittleMemory&) = delete;

 private:
  rlimit before_{};
};

/// Turns over one bit of a file.
inline void flip_bit(const std::filesystem::path& path, std::uint64_t byte, int bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(byte));
  const int value = file.get();
  file.seekp(static_cast<std::streamoff>(byte));
  file.put(static_cast<char>(value ^ 1 << bit));
}

/// What the library logs while the object lives.
struct Messages {
  std::vector<std::string> all;
  Messages() {
    set_log_sink([this](LogLevel, const std::string& message) { all.push_back(message); });
  }
  ~Messages() { set_log_sink({}); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
};

}  // namespace fathom::tests
