// Studies that are killed and hung at random moments, whose clock jumps, and that run on a real
// Slurm whose tasks and nodes are lost. The scripts by themselves do it as often as one likes.
#include "tests/support.h"

namespace fathom::tests {

namespace {

/// Skips the test where the script says that what it needs is not here.
void expect_success(const std::string& script, const std::vector<std::string>& more = {}) {
  constexpr int kMissing = 77;
  std::vector<std::string> command{"/usr/bin/python3", FATHOM_SOURCE_DIR "/tests/" + script,
                                   FATHOM_BINARY};
  command.insert(command.end(), more.begin(), more.end());
  const CommandResult result = run_command(command);
  if (result.exit_code == kMissing) GTEST_SKIP() << result.output;
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace

TEST(Crash, AStudyThatIsKilledAgainAndAgainComesToTheSameResults) {
  expect_success("crash/kill_study.py", {"--kills", "5"});
}

TEST(Crash, AStudyWhoseWorkersAreKilledOrHangComesToTheSameResults) {
  expect_success("crash/kill_workers.py", {"--kills", "6"});
}

TEST(Crash, AStudyWhoseClocksJumpComesToTheSameResults) { expect_success("crash/jump_clock.py"); }

TEST(SlurmCluster, AStudyWhoseTasksAndNodesAreLostComesToTheSameResults) {
  expect_success("slurm/study_on_slurm.py");
}

}  // namespace fathom::tests
