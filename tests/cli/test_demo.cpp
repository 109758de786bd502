// tools/demo, made small: it runs, and again where an earlier demo and other weights lie.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fathom/weights/card.h"
#include "tests/support.h"

namespace fathom::tests {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kFile = "efficientnet-lite0-57934424.pth";

/// With a cache of its own, into which the weights need not be fetched.
class Demo : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path fetched = weights::default_cache_folder() / "downloads" / kFile;
    FATHOM_NEEDS(fetched);
    fs::create_directories(folder_ / "cache/downloads");
    fs::create_symlink(fetched, folder_ / ("cache/downloads/" + kFile));
  }

  CommandResult run_demo(const std::string& images) const {
    const std::string command = FATHOM_BINARY;
    return run_command(
        {"env", "FATHOM_CACHE=" + (folder_ / "cache").string(), "FATHOM_DEMO_COMMAND=" + command,
         "FATHOM_DEMO_FOLDER=" + (folder_ / "demo").string(), "FATHOM_DEMO_IMAGES=" + images,
         "FATHOM_DEMO_SLIDES=10", "FATHOM_DEMO_EPOCHS=1", "FATHOM_DEMO_DEPTHS=head,top",
         FATHOM_SOURCE_DIR "/tools/demo"});
  }

  TemporaryFolder folder_;
};

TEST_F(Demo, RunsAndRunsAgainWithOtherImagesAndBesideOtherWeights) {
  const CommandResult first = run_demo("30");
  EXPECT_EQ(first.exit_code, 0) << first.output;
  const std::string study = folder_ / "demo/30-images-10-slides-difficulty-0.3/study-1-epochs";
  EXPECT_THAT(first.output, AllOf(HasSubstr("The report: " + study + "/report.html"),
                                  HasSubstr("30 images"), HasSubstr("4 finished, 0 failed")));
  EXPECT_TRUE(fs::exists(study + "/report.html"));
  const CommandResult other =
      run_command({FATHOM_BINARY, "weights", "--cache", folder_ / "cache", "import",
                   folder_ / ("cache/downloads/" + kFile), "--name", "other"});
  ASSERT_EQ(other.exit_code, 0) << other.output;
  const CommandResult second = run_demo("40");
  EXPECT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("40 images"));
}

TEST_F(Demo, EndsWhereItsWeightsCannotBeFetched) {
  fs::remove_all(folder_ / "cache");
  std::ofstream(folder_ / "cache") << "a file where the folder should be";
  const CommandResult done = run_demo("30");
  EXPECT_NE(done.exit_code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "demo")) << done.output;
}

}  // namespace
}  // namespace fathom::tests
