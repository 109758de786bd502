#include "fathom/containers/file_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "fathom/base/error.h"

namespace fathom::containers {

FileBytes::FileBytes(const std::filesystem::path& path) : where_(path.string()) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing)) throw Error(where_ + ": no such file");
  size_ = std::filesystem::file_size(path, missing);
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (missing || descriptor_ < 0) {
    throw Error(where_ + ": cannot be opened: " + std::system_category().message(errno));
  }
}

FileBytes::FileBytes(std::shared_ptr<const std::vector<std::byte>> content, std::string where)
    : where_(std::move(where)), content_(std::move(content)), size_(content_->size()) {}

FileBytes::~FileBytes() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::vector<std::uint8_t> FileBytes::read(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size_ || count > size_ - offset) {
    throw Error(fmt::format(
        "{}: truncated or damaged: it tells of {} bytes at offset {}, but has {} in all", where_,
        count, offset, size_));
  }
  std::vector<std::uint8_t> bytes(count);
  if (content_) {
    std::copy_n(reinterpret_cast<const std::uint8_t*>(content_->data()) + offset, count,
                bytes.data());
    return bytes;
  }
  for (std::uint64_t done = 0; done < count;) {
    const ssize_t got =
        pread(descriptor_, bytes.data() + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error(fmt::format(
          "{}: cannot be read at offset {}: {}", where_, offset + done,
          got < 0 ? std::system_category().message(errno) : "it was cut while it was open"));
    }
    done += static_cast<std::uint64_t>(got);
  }
  return bytes;
}

}  // namespace fathom::containers
