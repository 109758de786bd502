#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "fathom/base/error.h"
#include "fathom/weights/card.h"
#include "fathom/weights/presets.h"
#include "tests/support.h"

namespace fathom::weights {
using namespace fathom::tests;

const WeightCard& known(const std::string& name) {
  for (const WeightCard& card : known_cards()) {
    if (card.name == name) return card;
  }
  throw std::runtime_error("no card " + name);
}

/// What a card makes of one 8-bit value of the first channel.
double input_of(const WeightCard& card, double value) {
  const Preprocessing& p = card.preprocessing;
  return (value / 255 * (p.high - p.low) + p.low - p.mean[0]) / p.std[0];
}

TEST(KnownCards, AreCompleteAndDistinct) {
  std::set<std::string> names, files, md5s;
  for (const WeightCard& card : known_cards()) {
    SCOPED_TRACE(card.name);
    EXPECT_TRUE(names.insert(card.name).second);
    EXPECT_TRUE(files.insert(card.file).second);
    if (card.md5.empty()) {
      EXPECT_GE(card.sha256_prefix.size(), 8U);
    } else {
      for (const std::string& md5 : {card.md5, card.md5_with_top}) {
        EXPECT_EQ(md5.size(), 32U);
        EXPECT_EQ(md5.find_first_not_of("0123456789abcdef"), std::string::npos) << md5;
        EXPECT_TRUE(md5s.insert(md5).second) << md5;
      }
    }
    EXPECT_FALSE(card.licence.empty());
    EXPECT_EQ(to_json(card_from_json(to_json(card), "here")), to_json(card));
  }
}

/// keras/applications of Keras 2.12: preprocess_input of each module, and its default input size.
TEST(KnownCards, OfKerasHaveItsPreprocessing) {
  for (const auto& [architecture, preset, size] :
       std::vector<std::tuple<std::string, std::string, int>>{
           {"vgg16", "caffe", 224},
           {"vgg19", "caffe", 224},
           {"resnet50_v1", "caffe", 224},
           {"inception_v3", "symmetric", 299},
           {"xception", "symmetric", 299},
           {"inception_resnet_v2", "symmetric", 299},
           {"densenet121", "imagenet", 224}}) {
    const WeightCard& card = known(architecture + "-imagenet1k-keras");
    EXPECT_EQ(preprocessing_name(card.preprocessing), preset) << architecture;
    EXPECT_EQ(card.input_size, size) << architecture;
    EXPECT_TRUE(card.file.ends_with("_tf_kernels_notop.h5")) << card.file;
    EXPECT_TRUE(card.source.ends_with("/" + card.file)) << card.source;
  }
  EXPECT_EQ(known("inception_v3-imagenet1k-keras").conventions, (Conventions{"tensorflow", 1e-3}));
  EXPECT_EQ(known("resnet50_v1-imagenet1k-keras").conventions,
            (Conventions{"torchvision", 1.001e-5}));
}

TEST(KnownCards, InceptionExpectsMinusOneToOne) {  // TensorFlow's inception preprocessing
  EXPECT_NEAR(input_of(known("inception_v3-imagenet1k-v1"), 0), -1, 1e-12);
  EXPECT_NEAR(input_of(known("inception_v3-imagenet1k-v1"), 255), 1, 1e-12);
}

TEST(KnownCards, EfficientNetLiteExpectsMinus127Over128) {  // MEAN_RGB, STDDEV_RGB of its source
  EXPECT_NEAR(input_of(known("efficientnet_lite0-imagenet1k"), 0), -127.0 / 128, 1e-12);
  EXPECT_NEAR(input_of(known("efficientnet_lite0-imagenet1k"), 255), 1, 1e-12);
}

TEST(Cards, GoThroughJson) {
  WeightCard card = known("vgg16-imagenet1k-v1");
  card.preprocessing = {
      .channels = "BGR", .low = 0, .high = 255, .mean = {104, 117, 123}, .std = {1, 1, 1}};
  card.notes = "µ";
  const WeightCard back = card_from_json(Json::parse(to_json(card).dump()), "here");
  EXPECT_EQ(back.preprocessing, card.preprocessing);
  EXPECT_EQ(to_json(back), to_json(card));
}

TEST(Cards, BadFieldsAreRefusedByName) {
  const Json good = to_json(known("vgg16-imagenet1k-v1"));
  const auto refuses = [&](const std::string& pointer, const Json& value,
                           const std::string& expected) {
    Json bad = good;
    const Json::json_pointer place(pointer);
    if (value.is_null()) {
      bad[place.parent_pointer()].erase(place.back());
    } else {
      bad[place] = value;
    }
    const std::string message = error_of([&] { card_from_json(bad, "FILE"); });
    EXPECT_TRUE(message.starts_with("FILE")) << message;
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  refuses("/name", nullptr, "'name'");
  refuses("/preprocessing", nullptr, "preprocessing");
  refuses("/preprocessing/std", nullptr, "'std'");
  refuses("/preprocessing/channels", "GBR", "'GBR'");
  refuses("/preprocessing/mean", Json::array({0.5}), "mean has 1 numbers; 3 are needed");
  refuses("/preprocessing/std", Json::array({1, 0, 1}), "std");
  refuses("/preprocessing/high", 0, "low = 0 must be below high = 0");
  refuses("/input_size", 0, "input_size = 0");
  refuses("/input_size", "big", "input_size");
  refuses("/licence", 3, "licence");
  refuses("/licence", "\xff", "UTF-8");
  refuses("/licens", "MIT", "licence");
  EXPECT_NE(error_of([] { card_from_json(Json::array(), "FILE"); }).find("not a weight card"),
            std::string::npos);
}

}  // namespace fathom::weights
