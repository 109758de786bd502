// What tests/oracle/containers.py writes, once for all tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tests/support.h"

namespace fathom::data {

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

}  // namespace fathom::data
