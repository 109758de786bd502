#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fathom/base/error.h"
#include "tests/support.h"

namespace fathom {
namespace {

const std::vector<std::string> kNames{"vgg16", "vgg19", "inception_v3", "squeezenet1_1"};

TEST(NearestName, FindsSlipsOfTheFingers) {
  EXPECT_EQ(nearest_name("vgg15", kNames), "vgg16");
  EXPECT_EQ(nearest_name("incepton_v3", kNames), "inception_v3");
  EXPECT_EQ(nearest_name("inceptionv3", kNames), "inception_v3");
  EXPECT_EQ(nearest_name("squeezenet", kNames), "squeezenet1_1");
}

TEST(NearestName, IgnoresCase) {
  EXPECT_EQ(nearest_name("VGG19", kNames), "vgg19");
  EXPECT_EQ(nearest_name("Inception_V3", kNames), "inception_v3");
}

TEST(NearestName, DoesNotGuessWildly) {
  EXPECT_EQ(nearest_name("resnet50", kNames), "");
  EXPECT_EQ(nearest_name("alexnet", kNames), "");
  EXPECT_EQ(nearest_name("", kNames), "");
  EXPECT_EQ(nearest_name("vgg16", {}), "");
}

TEST(UnknownName, ABeginningIsEnough) {
  EXPECT_EQ(nearest_name("vgg16", {"resnet50-imagenet1k-v1", "vgg16-imagenet1k-v1"}),
            "vgg16-imagenet1k-v1");
  EXPECT_EQ(nearest_name("", {"adam"}), "");
}

TEST(UnknownName, OfALongListOnlyTheNearestIsSaid) {
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("network" + std::to_string(i) + "-imagenet");
  EXPECT_EQ(unknown_name("weight set", "network7", names).what(),
            std::string("unknown weight set 'network7'; did you mean 'network7-imagenet'?"));
}

TEST(UnknownName, SaysWhatIsAllowed) {
  EXPECT_STREQ(unknown_name("optimizer", "adm", {"adam", "sgd"}).what(),
               "unknown optimizer 'adm'; did you mean 'adam'? Allowed: adam, sgd");
  EXPECT_STREQ(unknown_name("optimizer", "lion", {"adam", "sgd"}).what(),
               "unknown optimizer 'lion'. Allowed: adam, sgd");
}

TEST(ShellWord, IsOneWordToTheShell) {
  EXPECT_EQ(shell_word("/data/a-b_c.pth"), "/data/a-b_c.pth");
  EXPECT_EQ(shell_word("--external=site2=images/"), "--external=site2=images/");
  const std::string hard = "it's $HOME `a` \"b\" \\ *;&|~\t\n\xC3\xA4";
  for (const std::string& text : {hard, std::string(), std::string("a b"), std::string("'")}) {
    const auto said = tests::run_command({"sh", "-c", "printf %s. " + shell_word(text)});
    EXPECT_EQ(said.output, text + ".");
  }
}

TEST(Check, IsOurBugNotTheUsers) {
  EXPECT_NO_THROW(FATHOM_CHECK(1 + 1 == 2));
  try {
    FATHOM_CHECK(1 + 1 == 3);
    FAIL();
  } catch (const std::logic_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a bug in fathom"));
    EXPECT_THAT(error.what(), testing::HasSubstr("test_error.cpp"));
    EXPECT_THAT(error.what(), testing::HasSubstr("1 + 1 == 3"));
  }
}

}  // namespace
}  // namespace fathom
