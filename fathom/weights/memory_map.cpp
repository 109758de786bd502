#include "fathom/weights/memory_map.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fathom/base/error.h"

namespace fathom::weights {

MemoryMap::MemoryMap(const std::filesystem::path& path) {
  // O_NONBLOCK: a pipe given by mistake must not hang; it has no meaning for regular files.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    throw Error(fmt::format("{}: cannot read: {}", path.string(), std::strerror(errno)));
  }
  struct stat status {};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = regular ? static_cast<std::size_t>(status.st_size) : 0;
  void* address = size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int saved = errno;
  ::close(fd);
  if (!regular) throw Error(fmt::format("{}: not a file", path.string()));
  if (size == 0) throw Error(fmt::format("{}: the file is empty", path.string()));
  if (address == MAP_FAILED) {
    throw Error(fmt::format("{}: cannot map: {}", path.string(), std::strerror(saved)));
  }
  bytes_ = {static_cast<const std::byte*>(address), size};
}

MemoryMap::~MemoryMap() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

}  // namespace fathom::weights
