#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fathom/base/options.h"
#include "tests/support.h"

namespace fathom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::error_of;

struct Settings {
  bool skip_bad = false;
  std::int64_t batch_size = 32;
  double dropout = 0.2;
  double margin = 1;
  std::string optimizer = "adam";
  std::vector<std::string> depths{"all"};
  std::vector<double> rates{1e-3, 1e-4};

  std::vector<Field> fields() {
    return {{"skip_bad", &skip_bad, "List broken images instead of stopping."},
            {"batch_size", &batch_size, "Images a step.", 1, 4096},
            {"dropout", &dropout, "Share of features dropped.", 0, 1},
            {.name = "margin", .value = &margin, .help = "Margin.", .min = 0},
            {.name = "optimizer",
             .value = &optimizer,
             .help = "Optimizer.",
             .choices = {"adam", "adamw", "sgd"}},
            {"depths", &depths, "Levels."},
            {"rates", &rates, "Learning rates.", 0, 1}};
  }

  Field field(const std::string& name) {
    for (const Field& field : fields()) {
      if (field.name == name) return field;
    }
    throw std::logic_error(name);
  }

  void set(const std::string& name, const std::string& text) {
    set_field_from_text(field(name), text, "--" + name);
  }
  std::string refusal(const std::string& name, const std::string& text) {
    return error_of([&] { set(name, text); });
  }
  std::string json_refusal(const std::string& name, const Json& value) {
    return error_of([&] { set_field(field(name), value, "study.toml"); });
  }
};

TEST(Options, EveryTypeGoesToJsonAndBack) {
  Settings changed;
  changed.skip_bad = true;
  changed.batch_size = 8;
  changed.dropout = 0.5;
  changed.optimizer = "sgd";
  changed.depths = {"head", "block5"};
  changed.rates = {0.1};
  const Json json = fields_to_json(changed.fields());
  EXPECT_EQ(json.dump(),
            R"({"skip_bad":true,"batch_size":8,"dropout":0.5,"margin":1.0,"optimizer":"sgd",)"
            R"("depths":["head","block5"],"rates":[0.1]})");
  Settings read;
  fields_from_json(read.fields(), json, "plan.json");
  EXPECT_EQ(fields_to_json(read.fields()), json);
}

TEST(Options, EveryTypeFromText) {
  Settings settings;
  settings.set("skip_bad", "true");
  settings.set("batch_size", "64");
  settings.set("dropout", ".25");
  settings.set("optimizer", "adamw");
  settings.set("depths", "head, block5,all");
  settings.set("rates", "1e-2,0.5");
  EXPECT_TRUE(settings.skip_bad);
  EXPECT_EQ(settings.batch_size, 64);
  EXPECT_EQ(settings.dropout, 0.25);
  EXPECT_EQ(settings.optimizer, "adamw");
  EXPECT_THAT(settings.depths, ElementsAre("head", "block5", "all"));
  EXPECT_THAT(settings.rates, ElementsAre(0.01, 0.5));
}

TEST(Options, RangesIncludeTheirEnds) {
  Settings settings;
  settings.set("batch_size", "1");
  EXPECT_EQ(settings.batch_size, 1);
  settings.set("batch_size", "4096");
  EXPECT_EQ(settings.batch_size, 4096);
  EXPECT_EQ(settings.refusal("batch_size", "4097"),
            "--batch_size: batch_size = 4097 is not allowed: batch_size is a whole number "
            "(1 to 4096)");
  EXPECT_THAT(settings.refusal("batch_size", "0"), HasSubstr("= 0 is not allowed"));
  EXPECT_THAT(settings.refusal("rates", "0.1,2"), HasSubstr("rates = 2"));
  EXPECT_THAT(settings.refusal("margin", "-1"), HasSubstr("(at least 0)"));
  EXPECT_EQ(settings.batch_size, 4096) << "a refused value changes nothing";
}

TEST(Options, WrongTypesAreRefused) {
  Settings settings;
  EXPECT_THAT(settings.refusal("batch_size", "many"), HasSubstr("batch_size = many"));
  EXPECT_THAT(settings.refusal("batch_size", "2.5"), HasSubstr("is a whole number"));
  EXPECT_THAT(settings.refusal("batch_size", "1e300"), HasSubstr("batch_size"));
  EXPECT_THAT(settings.refusal("dropout", "0.5x"), HasSubstr("dropout = 0.5x"));
  EXPECT_THAT(settings.refusal("dropout", ""), HasSubstr("dropout"));
  EXPECT_THAT(settings.refusal("margin", "inf"), HasSubstr("margin = inf"));
  EXPECT_THAT(settings.refusal("margin", "nan"), HasSubstr("margin = nan"));
  EXPECT_THAT(settings.refusal("skip_bad", "maybe"), HasSubstr("is a yes/no (true, false)"));
  EXPECT_THAT(settings.json_refusal("skip_bad", 1), HasSubstr("study.toml: skip_bad = 1"));
  EXPECT_THAT(settings.json_refusal("batch_size", "8"), HasSubstr("batch_size = \"8\""));
  EXPECT_THAT(settings.json_refusal("optimizer", 3), HasSubstr("is a text"));
  EXPECT_THAT(settings.json_refusal("depths", "all"), HasSubstr("is a list of texts"));
  EXPECT_THAT(settings.json_refusal("rates", Json::array({0.1, "x"})),
              HasSubstr("is a list of numbers"));
}

TEST(Options, UnknownChoiceAndKeyNameTheNearest) {
  Settings settings;
  EXPECT_EQ(settings.refusal("optimizer", "adamv"),
            "--optimizer: unknown optimizer 'adamv'; did you mean 'adam'? Allowed: adam, adamw, "
            "sgd");
  const std::string message = error_of([&] {
    fields_from_json(settings.fields(), Json::parse(R"({"batchsize": 8})"), "study.toml");
  });
  EXPECT_THAT(message, HasSubstr("study.toml: unknown setting 'batchsize'"));
  EXPECT_THAT(message, HasSubstr("did you mean 'batch_size'?"));
  EXPECT_THAT(error_of([&] { fields_from_json(settings.fields(), 3, "study.toml"); }),
              HasSubstr("study.toml: a table of settings"));
}

TEST(Options, HelpSpeaksOfFlagsTypesAndRanges) {
  Settings settings;
  EXPECT_EQ(settings.field("batch_size").flag(), "--batch-size");
  EXPECT_EQ(settings.field("batch_size").type_name(), "whole number");
  EXPECT_EQ(settings.field("batch_size").allowed(), "1 to 4096");
  EXPECT_EQ(settings.field("optimizer").allowed(), "adam, adamw, sgd");
  EXPECT_EQ(settings.field("margin").allowed(), "at least 0");
  EXPECT_EQ(settings.field("depths").allowed(), "");
}

}  // namespace
}  // namespace fathom
