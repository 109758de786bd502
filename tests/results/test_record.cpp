#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "fathom/results/record.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {

using tests::error_of;

/// Replaces every value by a distinct one of its type, so that two mixed-up fields show.
void make_distinct(Json& json, int& counter) {
  if (json.is_structured()) {
    for (auto& item : json) make_distinct(item, counter);
  } else if (json.is_string()) {
    json = "text " + std::to_string(++counter);
  } else if (json.is_number_unsigned()) {
    json = static_cast<unsigned>(++counter);
  } else if (json.is_number_integer()) {
    json = -(++counter);
  } else if (json.is_number_float()) {
    json = ++counter + 0.1;
  } else if (json.is_boolean()) {
    json = !json.get<bool>();
  }
}

TEST(Record, EveryFieldOfAUnitSurvivesTheRoundTrip) {
  UnitRecord unit = tests::example_units()[1];
  unit.external = {{.name = "other site", .scores = unit.validation}};
  unit.uncorrupted_auc = 0.9;
  unit.corruptions = {{.corruption = "blur", .severity = 2, .auc = 0.8}};
  unit.corrupted_sha256 = std::string(64, 'f');
  Json json = to_json(unit);
  int counter = 0;
  make_distinct(json, counter);
  EXPECT_GT(counter, 100);  // no field is empty
  EXPECT_EQ(to_json(unit_from_json(json)), json);
}

TEST(Record, EveryFieldOfAStudySurvivesTheRoundTrip) {
  Json json = to_json(tests::example_study());
  int counter = 0;
  make_distinct(json, counter);
  EXPECT_GT(counter, 60);
  EXPECT_EQ(to_json(study_from_json(json)), json);
}

TEST(Record, WhatOlderStudiesDoNotTellIsUnknown) {
  StudyRecord study = tests::example_study();
  EXPECT_FALSE(to_json(study)["data"].contains("cut_groups"));
  EXPECT_FALSE(study_from_json(to_json(study)).data.cut_groups);
  study.data.cut_groups = 9;
  EXPECT_EQ(study_from_json(to_json(study)).data.cut_groups, 9U);
  EXPECT_FALSE(study_from_json(to_json(study)).data.equal_images);
  study.data.equal_images = 0;
  EXPECT_EQ(study_from_json(to_json(study)).data.equal_images, 0U);
}

TEST(Record, WhatEarlierVersionsDidNotMeasureIsAbsent) {
  Json json = to_json(tests::example_units()[1]);
  EXPECT_FALSE(json.contains("corrupted_sha256")) << "nothing was corrupted";
  for (const char* name : {"external", "uncorrupted_auc", "corruptions", "similarity"}) {
    ASSERT_EQ(json.erase(name), 1U) << name;
  }
  const UnitRecord unit = unit_from_json(json);
  EXPECT_TRUE(unit.external.empty());
  EXPECT_TRUE(std::isnan(unit.uncorrupted_auc));
  EXPECT_TRUE(unit.corruptions.empty());
  EXPECT_TRUE(unit.similarity.empty());
  json = to_json(tests::example_study());
  ASSERT_EQ(json["data"].erase("external"), 1U);
  EXPECT_TRUE(study_from_json(json).data.external.empty());
}

TEST(Record, OlderStudiesSayTheInputOfTheirFirstArchitectureAlone) {
  Json json = to_json(tests::example_study());
  json["data"].erase("sizes");
  for (Json& architecture : json["architectures"]) {
    ASSERT_EQ(architecture.erase("input_size"), 1U);
  }
  json["data"]["image_size"] = 50;
  const StudyRecord older = study_from_json(json);
  EXPECT_FALSE(older.data.sizes);
  EXPECT_EQ(older.architectures[0].input_size, 50);
  EXPECT_EQ(older.architectures[1].input_size, 0);
  json["data"]["image_size"] = "big";
  EXPECT_NE(error_of([&] { study_from_json(json); }).find("study.data.image_size"),
            std::string::npos);
}

TEST(Record, UnitsOlderThanTheirExtrasHaveNone) {
  UnitRecord unit = tests::example_units()[0];
  EXPECT_EQ(unit_from_json(to_json(unit)).train, unit.train);
  EXPECT_EQ(unit_from_json(to_json(unit)).cost.extra_seconds, 1.5);
  Json json = to_json(unit);
  json.erase("train");
  json["cost"].erase("extra_seconds");
  const UnitRecord older = unit_from_json(json);
  EXPECT_FALSE(older.train || older.cost.extra_seconds);
  EXPECT_EQ(older.cost.seconds_with_extras(), older.cost.total_seconds);
  EXPECT_EQ(to_json(older), json);
}

TEST(Record, EveryFieldOfAProbeSurvivesTheRoundTrip) {
  ProbeRecord probe = tests::example_probe();
  EXPECT_FALSE(to_json(probe).contains("fold")) << "as in studies that are older than it";
  EXPECT_EQ(probe_from_json(to_json(probe)).fold, 0);
  probe.fold = 1;
  Json json = to_json(probe);
  int counter = 0;
  make_distinct(json, counter);
  EXPECT_GT(counter, 100);
  EXPECT_EQ(to_json(probe_from_json(json)), json);
}

TEST(Record, FieldsGoWhereTheirNamesSay) {
  UnitRecord unit = tests::example_units()[0];
  unit.key.seed = 18446744073709551615U;
  unit.key.learning_rate = 0.1;
  unit.cost.backward_flops = 1.0 / 3;
  const Json json = Json::parse(to_json(unit).dump());
  EXPECT_EQ(json["key"]["seed"].get<std::uint64_t>(), 18446744073709551615U);
  EXPECT_EQ(json["cost"]["backward_flops"].get<double>(), 1.0 / 3);
  EXPECT_EQ(json["validation"]["confusion"]["classes"], 2);
  EXPECT_EQ(json["history"].size(), 4U);
  EXPECT_EQ(unit_from_json(json).key, unit.key);
}

TEST(Record, NanIsNullAndBack) {
  const UnitRecord unit = tests::example_units()[0];
  const Json json = Json::parse(to_json(unit).dump());
  EXPECT_TRUE(json["history"][0]["valid_auc"].is_null());
  EXPECT_TRUE(json["validation"]["class_auc"][0].is_null());
  const UnitRecord back = unit_from_json(json);
  EXPECT_TRUE(std::isnan(back.history[0].valid_auc));
  EXPECT_TRUE(std::isnan(back.validation.class_auc[0]));
  EXPECT_EQ(back.history[1].valid_auc, unit.history[1].valid_auc);
}

TEST(Record, WithoutATestTheTestIsNullNotZeros) {
  UnitRecord unit = tests::example_units()[0];
  unit.test.reset();
  const Json json = to_json(unit);
  EXPECT_TRUE(json["test"].is_null());
  EXPECT_FALSE(unit_from_json(json).test.has_value());
}

TEST(Record, IdIsReadableAndDiffersWithEveryField) {
  const UnitKey key = tests::example_units()[3].key;
  EXPECT_TRUE(key.id().starts_with("squeezenet1_1-fire9-f0-s0-")) << key.id();
  EXPECT_EQ(key.id().size(), std::string("squeezenet1_1-fire9-f0-s0-").size() + 8);
  std::set<std::string> ids{key.id()};
  const auto add = [&](auto change) {
    UnitKey other = key;
    change(other);
    ids.insert(other.id());
  };
  add([](UnitKey& k) { k.architecture = "vgg16"; });
  add([](UnitKey& k) { k.weights = "other"; });
  add([](UnitKey& k) { k.strategy = "lp-ft"; });
  add([](UnitKey& k) { k.level.name = "fire8"; });
  add([](UnitKey& k) { k.level.depth = 2; });
  add([](UnitKey& k) { k.level.norm_only = true; });
  add([](UnitKey& k) { k.train_fraction = 0.5; });
  add([](UnitKey& k) { k.fold = 1; });
  add([](UnitKey& k) { k.seed = 1; });
  add([](UnitKey& k) { k.learning_rate = std::nextafter(k.learning_rate, 1); });
  add([](UnitKey& k) { k.settings = "other"; });
  EXPECT_EQ(ids.size(), 12U);
  EXPECT_EQ(unit_key_from_json(to_json(key)).id(), key.id());
}

TEST(Record, ATrainFractionIsNamedOnlyWhereItIsNotAll) {
  UnitKey key = tests::example_units()[3].key;
  EXPECT_FALSE(to_json(key).contains("train_fraction")) << "as before there were fractions";
  key.train_fraction = 0.05;
  EXPECT_TRUE(key.id().starts_with("squeezenet1_1-fire9-t0.05-f0-s0-")) << key.id();
  EXPECT_EQ(unit_key_from_json(to_json(key)), key);
  StudyRecord study = tests::example_study();
  EXPECT_FALSE(to_json(study)["data"].contains("shares"));
  study.data.shares = {{0.05, {100, 99}}, {1, {1999, 1999}}};
  EXPECT_EQ(study_from_json(to_json(study)).data.shares, study.data.shares);
}

TEST(Record, WhatIsMissingOrOfAnotherTypeIsNamed) {
  Json json = to_json(tests::example_units()[0]);
  json["cost"].erase("total_seconds");
  EXPECT_EQ(error_of([&] { unit_from_json(json); }), "unit.cost.total_seconds is missing");
  json = to_json(tests::example_units()[0]);
  json["key"]["seed"] = -1;
  EXPECT_EQ(error_of([&] { unit_from_json(json); }),
            "unit.key.seed is -1, but must be a whole number from 0");
  json = to_json(tests::example_units()[0]);
  json["history"] = "long";
  EXPECT_EQ(error_of([&] { unit_from_json(json); }),
            "unit.history is \"long\", but must be a list");
  EXPECT_EQ(error_of([&] { study_from_json(Json::array()); }),
            "study is [], but must be an object");
}

}  // namespace
}  // namespace fathom::results
