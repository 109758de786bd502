#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fathom/base/clock.h"

namespace fathom {
namespace {

TEST(HumanDuration, ReadsWellAtEverySize) {
  EXPECT_EQ(human_duration(0), "0.0 s");
  EXPECT_EQ(human_duration(0.44), "0.4 s");
  EXPECT_EQ(human_duration(9.94), "9.9 s");
  EXPECT_EQ(human_duration(9.96), "10 s");
  EXPECT_EQ(human_duration(35.2), "35 s");
  EXPECT_EQ(human_duration(59.6), "1 min 00 s");
  EXPECT_EQ(human_duration(252), "4 min 12 s");
  EXPECT_EQ(human_duration(3599.7), "1 h 00 min");
  EXPECT_EQ(human_duration(7500), "2 h 05 min");
  EXPECT_EQ(human_duration(std::nan("")), "unknown");
}

TEST(UtcNow, IsIso8601) {
  EXPECT_THAT(utc_now(),
              testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"));
}

TEST(AddSeconds, AddsToWhatWasThere) {
  double total = 5;
  { const AddSeconds timed(total); }
  EXPECT_GE(total, 5);
}

}  // namespace
}  // namespace fathom
