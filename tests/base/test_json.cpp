#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fathom/base/atomic_file.h"
#include "fathom/base/json.h"
#include "tests/support.h"

namespace fathom {
namespace {

using testing::HasSubstr;
using tests::error_of;

TEST(JsonFile, KeepsTheOrderOfKeys) {
  const tests::TemporaryFolder folder;
  write_json(folder / "plan.json", Json::parse(R"({"zebra": 1, "ant": [1.5, null]})"));
  EXPECT_EQ(read_file(folder / "plan.json"),
            "{\n  \"zebra\": 1,\n  \"ant\": [\n    1.5,\n    null\n  ]\n}\n");
  EXPECT_EQ(read_json(folder / "plan.json").dump(), R"({"zebra":1,"ant":[1.5,null]})");
}

TEST(JsonFile, BrokenFileIsNamedWithItsPlace) {
  const tests::TemporaryFolder folder;
  write_file_atomically(folder / "plan.json", "{\"a\": 1,\n \"b\": }");
  const std::string message = error_of([&] { read_json(folder / "plan.json"); });
  EXPECT_THAT(message, HasSubstr("plan.json: not valid JSON"));
  EXPECT_THAT(message, HasSubstr("line 2"));
}

TEST(JsonFile, InvalidUtf8IsReplacedRatherThanLost) {
  const tests::TemporaryFolder folder;
  write_json(folder / "names.json", Json{{"file", "caf\xe9.png"}});
  EXPECT_EQ(read_json(folder / "names.json")["file"], "caf\xef\xbf\xbd.png");
}

TEST(JsonNumber, WhatJsonHasNotIsNull) {
  EXPECT_EQ(number_or_null(0.1), Json(0.1));
  EXPECT_TRUE(number_or_null(std::nan("")).is_null());
  EXPECT_TRUE(number_or_null(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_EQ(number_or_nan(Json(0.1)), 0.1);
  EXPECT_TRUE(std::isnan(number_or_nan(Json(nullptr))));
}

}  // namespace
}  // namespace fathom
