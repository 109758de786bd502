// A study on a real Slurm, which the test starts on this machine.
#include "tests/support.h"

namespace fathom::tests {

TEST(SlurmCluster, AStudyWhoseTasksAndNodesAreLostComesToTheSameResults) {
  constexpr int kNotInstalled = 77;
  const CommandResult result = run_command(
      {"/usr/bin/python3", FATHOM_SOURCE_DIR "/tests/slurm/study_on_slurm.py", FATHOM_BINARY});
  if (result.exit_code == kNotInstalled) GTEST_SKIP() << result.output;
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace fathom::tests
