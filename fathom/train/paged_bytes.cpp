#include "fathom/train/paged_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "fathom/base/error.h"

namespace fathom::train {
namespace {

Error no_room(const std::filesystem::path& folder, std::size_t size, int error) {
  return Error(fmt::format(
      "{}: cannot take {:.1f} GiB for the images of the study: {}. Free some space, or name a "
      "folder on another disk (--cache)",
      folder.string(), static_cast<double>(size) / (1 << 30), std::strerror(error)));
}

/// An open file of `size` bytes whose name is gone already. Its room is taken now: a write into a
/// mapped file that finds the disk full would kill the process.
int open_nameless(std::size_t size, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::string path = (folder / "images-XXXXXX").string();
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) throw no_room(folder, size, errno);
  ::unlink(path.c_str());
  const int error = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
  if (error == 0) return fd;
  ::close(fd);
  throw no_room(folder, size, error);
}

}  // namespace

PagedBytes::PagedBytes(std::size_t size, const std::filesystem::path& folder) {
  FATHOM_CHECK(size > 0);
  const int fd = open_nameless(size, folder);
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const int error = errno;
  ::close(fd);
  if (mapped == MAP_FAILED) throw no_room(folder, size, error);
  bytes_ = {static_cast<std::byte*>(mapped), size};
}

PagedBytes::~PagedBytes() { ::munmap(bytes_.data(), bytes_.size()); }

void PagedBytes::release_memory() const {
  // Of a shared mapping of a file this drops the process's pages alone: what was written stays with
  // the kernel (madvise(2)).
  ::madvise(bytes_.data(), bytes_.size(), MADV_DONTNEED);
}

}  // namespace fathom::train
