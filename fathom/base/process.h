// A process as others can know it, on its own machine and on others that share a folder with it.
// Not what it does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fathom {

struct Process {
  std::string host;         ///< for people
  std::string machine;      ///< this_machine() there
  std::string boot;         ///< of the machine's kernel: numbers begin anew with each
  std::int64_t number = 0;  ///< PID
  std::uint64_t start = 0;  ///< clock ticks from the boot: numbers are used again
  bool operator==(const Process&) const = default;
};

Process this_process();

/// 8 hexadecimal digits that tell machines, and containers on one machine, apart. They stay the
/// same when a machine starts again.
std::string this_machine();

/// 64 random bits: no other process draws the same, on any machine.
std::uint64_t unique_number();

/// Whether it still runs; nothing when that cannot be told from here, for it was started on another
/// machine or before this one started again, or is another user's and hidden from this one.
std::optional<bool> is_running(const Process& process);

}  // namespace fathom
