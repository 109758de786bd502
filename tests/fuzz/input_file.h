// The bytes that the fuzzer made, as a file in memory that readers open by its name.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace fathom::fuzz {

inline std::filesystem::path input_file(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = memfd_create("input", MFD_CLOEXEC);
  const bool written = ftruncate(descriptor, 0) == 0 &&
                       pwrite(descriptor, data, size, 0) == static_cast<ssize_t>(size);
  if (!written) std::abort();
  return "/proc/self/fd/" + std::to_string(descriptor);
}

}  // namespace fathom::fuzz
