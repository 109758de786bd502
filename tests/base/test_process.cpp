#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "fathom/base/process.h"

namespace fathom {
namespace {

TEST(Process, IsKnownAsLongAsItRuns) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  Process process = this_process();
  EXPECT_EQ(process.number, ::getpid());
  EXPECT_GT(process.start, 0U);
  EXPECT_EQ(is_running(process), true);
  // The number of another process, which began later or in the same tick.
  process.number = child;
  process.start += 1'000'000;
  EXPECT_EQ(is_running(process), false) << "a number that is used again is another process";
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST(Process, HasEndedOnceItIsKilledEvenIfNobodyAsks) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::uint64_t start = this_process().start;
    if (::write(ends[1], &start, sizeof start) != sizeof start) ::_exit(1);
    for (;;) ::pause();
  }
  Process process = this_process();
  process.number = child;
  ASSERT_EQ(::read(ends[0], &process.start, sizeof process.start), ssize_t{sizeof process.start});
  EXPECT_EQ(is_running(process), true);
  ::kill(child, SIGKILL);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(is_running(process), false) << "a zombie";
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(is_running(process), false);
  for (const int end : ends) ::close(end);
}

TEST(Process, OfAnotherMachineOrBootCannotBeTold) {
  Process process = this_process();
  process.boot = "another";
  EXPECT_EQ(is_running(process), std::nullopt);
  process = this_process();
  process.machine = "00000000";
  EXPECT_EQ(is_running(process), std::nullopt);
  EXPECT_EQ(is_running({}), std::nullopt);
}

TEST(Process, TheMachineIsTheSameForAllItsProcesses) {
  EXPECT_EQ(this_machine().size(), 8U);
  std::string seen;
  std::thread([&] { seen = this_machine(); }).join();
  EXPECT_EQ(seen, this_machine());
}

}  // namespace
}  // namespace fathom
