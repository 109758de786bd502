// A study that is killed at random moments, a few times; tests/crash/kill_study.py by itself kills
// as often as one likes.
#include "tests/support.h"

namespace fathom::tests {

TEST(Crash, AStudyThatIsKilledAgainAndAgainComesToTheSameResults) {
  const CommandResult result =
      run_command({"/usr/bin/python3", FATHOM_SOURCE_DIR "/tests/crash/kill_study.py",
                   FATHOM_BINARY, "--kills", "5"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace fathom::tests
