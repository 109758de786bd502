// What several tests need: a private folder, the shared evaluation data, Python oracles, commands.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace fathom::tests {

/// A new folder that is removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct CommandResult {
  int exit_code = 0;
  std::string output;  ///< stdout and stderr
};

/// Runs a program (no shell in between).
CommandResult run_command(const std::vector<std::string>& arguments);

/// Runs tests/oracle/NAME with Debian's Python (which has torch, sklearn, scipy), or with R when it
/// ends in .R; the test fails when the script does.
std::string run_oracle(const std::string& script, const std::vector<std::string>& arguments);

/// FATHOM_SHARED_DIR/name, or an empty path when the evaluation data are not there.
std::filesystem::path shared_path(const std::string& name);

/// The message of the fathom::Error that `action` throws; the test fails when it throws none.
std::string error_of(const std::function<void()>& action);

}  // namespace fathom::tests

/// Skips the test, with a message, when evaluation data are missing.
#define FATHOM_NEEDS(path)                                                  \
  if ((path).empty() || !std::filesystem::exists(path)) {                   \
    GTEST_SKIP() << "evaluation data not found beside the project: " #path; \
  }
