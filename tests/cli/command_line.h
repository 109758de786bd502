// What tests of the command share: the real binary, a folder of synthetic images, and a cache into
// which random weights were imported.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/train/tiny.h"

namespace fathom::tests {

class CommandLine : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new TemporaryFolder;
    ::setenv("FATHOM_CACHE", (*shared_ / "cache").c_str(), 1);
    ASSERT_EQ(fathom({"data", "synth", "--out", *shared_ / "tissue", "--count", "48", "--size",
                      "32", "--groups", "12"})
                  .exit_code,
              0);
    for (const char* name : {"squeezenet1_1", "mobilenet_v2"}) {
      const std::filesystem::path file = *shared_ / (std::string(name) + ".safetensors");
      weights::write_safetensors(file, random_weights(name).tensors);
      const CommandResult done =
          fathom({"weights", "import", file, "--arch", name, "--preprocessing", "imagenet"});
      ASSERT_EQ(done.exit_code, 0) << done.output;
    }
  }
  static void TearDownTestSuite() {
    ::unsetenv("FATHOM_CACHE");
    delete shared_;
  }

  static CommandResult fathom(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FATHOM_BINARY);
    return run_command(arguments);
  }
  static std::string labels() { return *shared_ / "tissue/labels.csv"; }
  std::string out() const { return folder_ / "study"; }

  /// The flags that make any study small.
  std::vector<std::string> small_study(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"study", "--data", labels(), "--out", out()};
    if (more.empty()) more = {"--arch", "squeezenet1_1", "--depths", "head,fire9"};
    for (const char* flag : {"--epochs", "--seeds"}) more.insert(more.end(), {flag, "1"});
    more.insert(more.end(), {"--probe-images", "0"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  static inline TemporaryFolder* shared_ = nullptr;
  TemporaryFolder folder_;
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace fathom::tests
