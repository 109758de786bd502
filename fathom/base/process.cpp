#include "fathom/base/process.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fathom/base/hash.h"

namespace fathom {
namespace {

std::string host_name() {
  std::array<char, 256> host{};
  return ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "unknown-host";
}

/// "" when there is no such file.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string boot_id() { return first_line("/proc/sys/kernel/random/boot_id"); }

struct ProcStat {
  char state = 0;
  std::uint64_t start = 0;
};

/// Of /proc/PID/stat, see proc(5); nothing when there is no such process, or it is hidden.
std::optional<ProcStat> read_stat(std::int64_t number) {
  const std::string line = first_line(fmt::format("/proc/{}/stat", number));
  // The name before it may hold anything, brackets too.
  const std::size_t end_of_name = line.rfind(") ");
  if (end_of_name == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(end_of_name + 2));
  ProcStat stat;
  fields >> stat.state;
  std::string passed_over;
  constexpr int kState = 3, kStart = 22;  // their numbers among the fields
  for (int field = kState + 1; field < kStart; ++field) fields >> passed_over;
  fields >> stat.start;
  if (!fields) return std::nullopt;
  return stat;
}

}  // namespace

std::string this_machine() {
  std::error_code unknown;
  const std::string numbers = std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
  return hex(xxh3(fmt::format("{} {} {}", host_name(), first_line("/etc/machine-id"), numbers)))
      .substr(0, 8);
}

Process this_process() {
  const std::int64_t number = ::getpid();
  return {host_name(), this_machine(), boot_id(), number,
          read_stat(number).value_or(ProcStat()).start};
}

std::uint64_t unique_number() {
  std::random_device system;
  return std::uint64_t{system()} << 32 | system();
}

std::optional<bool> is_running(const Process& process) {
  if (process.machine != this_machine() || process.boot != boot_id()) return std::nullopt;
  const auto stat = read_stat(process.number);
  if (!stat) {
    // Under hidepid, see proc(5), other users' processes have no such file.
    const bool has_ended = ::kill(static_cast<pid_t>(process.number), 0) != 0 && errno == ESRCH;
    return has_ended ? std::optional(false) : std::nullopt;
  }
  // A zombie (Z) or dead (X) process only waits for its parent to ask how it ended.
  return stat->start == process.start && stat->state != 'Z' && stat->state != 'X';
}

}  // namespace fathom
