// Preprocessings by name, and what is said of those of known sets.
#include <gtest/gtest.h>

#include "fathom/base/error.h"
#include "fathom/weights/presets.h"
#include "tests/support.h"

namespace fathom::weights {
namespace {

using tests::error_of;

TEST(Presets, MinusOneToOneIsTheSameHoweverItIsWritten) {
  const Preprocessing range{"RGB", -1, 1, {0, 0, 0}, {1, 1, 1}};
  EXPECT_TRUE(same_input(range, find_preset("symmetric")));
  EXPECT_EQ(preprocessing_name(range), "symmetric");
  // 127.5 against 127 and 128: 0.4 % of the range.
  EXPECT_FALSE(same_input(find_preset("lite"), find_preset("symmetric")));
  EXPECT_FALSE(same_input(range, find_preset("unit")));
  Preprocessing turned = find_preset("imagenet");
  turned.channels = "BGR";
  EXPECT_FALSE(same_input(turned, find_preset("imagenet")));
  EXPECT_EQ(preprocessing_name({"BGR", 0, 255, {104, 117, 123}, {1, 1, 1}}),
            "BGR in 0..255, mean 104 117 123, std 1 1 1");
}

TEST(Presets, UnknownNamesAreExplained) {
  EXPECT_NE(error_of([] { find_preset("imagnet"); }).find("did you mean 'imagenet'?"),
            std::string::npos);
}

TEST(Presets, ChoicesTellWhatKnownSetsHaveAndChooseNone) {
  const std::string inception = preprocessing_choices("inception_v3");
  EXPECT_TRUE(inception.starts_with("WHICH, ")) << inception;
  EXPECT_TRUE(
      inception.ends_with("(inception_v3-imagenet1k-v1: symmetric; "
                          "inception_v3-imagenet1k-keras: symmetric)"))
      << inception;
  for (const PreprocessingPreset& preset : preprocessing_presets()) {
    EXPECT_NE(inception.find(preset.name), std::string::npos) << preset.name;
  }
  EXPECT_TRUE(preprocessing_choices("efficientnet_lite0")
                  .ends_with("(efficientnet_lite0-imagenet1k: lite)"));
  EXPECT_TRUE(preprocessing_choices("vgg16").ends_with(
      "(vgg16-imagenet1k-v1: imagenet; vgg16-imagenet1k-keras: caffe)"));
  EXPECT_TRUE(
      preprocessing_choices("vgg16", /*from_keras=*/true).ends_with("(keras.applications: caffe)"));
  const std::string unknown = preprocessing_choices("mine");
  EXPECT_EQ(unknown.find('('), std::string::npos) << unknown;
}

TEST(Presets, APreprocessingThatNoKnownSetHasIsDoubted) {
  WeightCard card{.name = "mine", .architecture = "inception_v3"};
  const auto unusual_preprocessing = [](const WeightCard& card) {
    return weights::unusual_preprocessing(card, /*from_keras=*/false);
  };
  const std::string doubt = unusual_preprocessing(card);
  EXPECT_NE(doubt.find("mine: its preprocessing, imagenet, is that of no published weights of "
                       "inception_v3 that fathom knows (inception_v3-imagenet1k-v1: symmetric; "),
            std::string::npos)
      << doubt;
  card.preprocessing = {"RGB", -1, 1, {0, 0, 0}, {1, 1, 1}};
  EXPECT_EQ(unusual_preprocessing(card), "");
  card = {.name = "mine", .architecture = "mine"};
  EXPECT_EQ(unusual_preprocessing(card), "") << "none is known to compare with";
  for (const WeightCard& known : known_cards()) EXPECT_EQ(unusual_preprocessing(known), "");
}

TEST(Presets, FilesFromKerasAreComparedWithKerasAlone) {
  WeightCard card{.name = "mine", .architecture = "vgg16"};  // imagenet, as torchvision's
  EXPECT_NE(unusual_preprocessing(card, /*from_keras=*/true)
                .find("mine: its preprocessing, imagenet, is that of no published weights of vgg16 "
                      "in Keras that fathom knows (keras.applications: caffe)"),
            std::string::npos);
  card.preprocessing = find_preset("caffe");
  EXPECT_EQ(unusual_preprocessing(card, /*from_keras=*/true), "");
  card.architecture = "mobilenet_v2";  // no set of Keras's is known, but what it expects is
  EXPECT_NE(unusual_preprocessing(card, /*from_keras=*/true), "");
  card.preprocessing = find_preset("symmetric");
  EXPECT_EQ(unusual_preprocessing(card, /*from_keras=*/true), "");
  EXPECT_NE(unusual_preprocessing(card, /*from_keras=*/false), "");
  card.architecture = "squeezenet1_1";  // not of keras.applications: the known set counts
  card.preprocessing = {"BGR", 0, 255, {104, 117, 123}, {1, 1, 1}};
  EXPECT_EQ(unusual_preprocessing(card, /*from_keras=*/true), "");
}

}  // namespace
}  // namespace fathom::weights
