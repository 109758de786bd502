#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
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

constexpr int kNotArranged = 100;

int exit_code_of_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What `look` tells an ordinary user of a process of root's, in a world of their own in which
/// users do not see one another's processes.
int look_under_hidepid(const std::function<int(const Process&)>& look) {
  const auto as_user = [&](const Process& of_root) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return kNotArranged;
    return look(of_root);
  };
  const auto as_first_process = [&] {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("proc", "/proc", "proc", 0, "hidepid=2") != 0) {
      return kNotArranged;
    }
    return exit_code_of_child([&, process = this_process()] { return as_user(process); });
  };
  return exit_code_of_child([&] {
    if (::unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) return kNotArranged;
    return exit_code_of_child(as_first_process);
  });
}

TEST(Process, OfAnotherUserMayBeHidden) {
  const int seen = look_under_hidepid([](const Process& hidden) {
    Process ended = hidden;
    ended.number = 999'999'999;
    return (is_running(hidden) == std::nullopt ? 1 : 0) + (is_running(ended) == false ? 2 : 0);
  });
  if (seen == kNotArranged) GTEST_SKIP() << "only root may hide processes";
  EXPECT_EQ(seen, 3) << "1: a hidden one cannot be told, 2: one that is gone can";
}

TEST(Process, TheMachineIsTheSameForAllItsProcesses) {
  EXPECT_EQ(this_machine().size(), 8U);
  std::string seen;
  std::thread([&] { seen = this_machine(); }).join();
  EXPECT_EQ(seen, this_machine());
}

}  // namespace
}  // namespace fathom
