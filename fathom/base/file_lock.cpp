#include "fathom/base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/process.h"

namespace fathom {
namespace {

std::string this_holder() {
  const Process process = this_process();
  return fmt::format("process {} on {} since {}", process.number, process.host, utc_now());
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path)
    : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  const auto fail = [&](const char* what, const char* advice) {
    const int error = errno;
    if (fd_ >= 0) ::close(fd_);
    return Error(fmt::format("{}: {}: {}. {}", path_.string(), what, std::strerror(error), advice));
  };
  if (fd_ < 0)
    throw fail("cannot open for writing",
               "Choose a folder that may be written to (--out, --cache)");
  holds_ = ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
  if (!holds_ && errno != EWOULDBLOCK) {
    throw fail("cannot be locked", "Choose a folder on a file system that has locks (flock)");
  }
  if (!holds_) return;
  const std::string who = this_holder();
  if (::ftruncate(fd_, 0) != 0 ||
      ::pwrite(fd_, who.data(), who.size(), 0) != static_cast<ssize_t>(who.size())) {
    throw fail("cannot write", "Free some space on the disk");
  }
}

FileLock::~FileLock() { ::close(fd_); }

std::string FileLock::holder() const {
  std::array<char, 512> text{};
  const ssize_t read = ::pread(fd_, text.data(), text.size() - 1, 0);
  return read > 0 ? std::string(text.data()) : "an unknown process";
}

}  // namespace fathom
