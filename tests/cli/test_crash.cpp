// Studies that are killed at random moments, a few times; the scripts of tests/crash by themselves
// kill as often as one likes.
#include "tests/support.h"

namespace fathom::tests {

namespace {

void expect_success(const std::string& script, const std::string& kills) {
  const CommandResult result =
      run_command({"/usr/bin/python3", FATHOM_SOURCE_DIR "/tests/crash/" + script, FATHOM_BINARY,
                   "--kills", kills});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace

TEST(Crash, AStudyThatIsKilledAgainAndAgainComesToTheSameResults) {
  expect_success("kill_study.py", "5");
}

TEST(Crash, AStudyWhoseWorkersAreKilledComesToTheSameResults) {
  expect_success("kill_workers.py", "6");
}

}  // namespace fathom::tests
