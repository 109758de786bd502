// Starts tests/oracle/mischievous_server.py over a folder, for tests of downloads.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "fathom/base/atomic_file.h"
#include "tests/support.h"

namespace fathom::tests {

class MischievousServer {
 public:
  explicit MischievousServer(const std::filesystem::path& files) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("cannot make a pipe");
    const std::string script = FATHOM_SOURCE_DIR "/tests/oracle/mischievous_server.py";
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], 1);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execl("/usr/bin/python3", "python3", script.c_str(), files.c_str(), log().c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    for (char digit = 0; ::read(ends[0], &digit, 1) == 1 && digit != '\n';) port_ += digit;
    ::close(ends[0]);
    ::setenv("no_proxy", "127.0.0.1", 1);
  }
  ~MischievousServer() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  MischievousServer(const MischievousServer&) = delete;
  MischievousServer& operator=(const MischievousServer&) = delete;

  /// The address below which it behaves by a mode of the script.
  std::string mode(const std::string& name) const {
    return "http://127.0.0.1:" + port_ + "/" + name;
  }

  /// "Range If-Range status" of every request of a mode, in order.
  std::vector<std::string> requests(const std::string& name) const {
    std::vector<std::string> found;
    std::istringstream lines(std::filesystem::exists(log()) ? read_file(log()) : "");
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("/" + name + "/")) continue;
      line = line.substr(line.find('\t') + 1);
      for (char& c : line) c = c == '\t' ? ' ' : c;
      found.push_back(line);
    }
    return found;
  }

 private:
  std::filesystem::path log() const { return log_folder_ / "log"; }

  TemporaryFolder log_folder_;
  pid_t child_ = -1;
  std::string port_;
};

}  // namespace fathom::tests
