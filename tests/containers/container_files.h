// What tests/oracle/containers.py writes, once for all tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "fathom/base/atomic_file.h"
#include "tests/support.h"

namespace fathom::containers {

/// The folder with all files of a kind ("arrays", "bad").
inline const std::filesystem::path& written_containers(const std::string& kind) {
  static const tests::TemporaryFolder folder;
  static std::map<std::string, std::filesystem::path> folders;
  if (!folders.contains(kind)) {
    folders[kind] = folder / kind;
    tests::run_oracle("containers.py", {kind, folders[kind].string()});
  }
  return folders[kind];
}

/// The array "x" of every file of the kind "arrays".
inline constexpr std::size_t kRows = 11, kRowBytes = 6 * 5 * 3;

inline std::string expected_row(std::size_t row) {
  return read_file(written_containers("arrays") / "expected.bin")
      .substr(row * kRowBytes, kRowBytes);
}

}  // namespace fathom::containers
