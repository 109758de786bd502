#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "fathom/base/log.h"
#include "fathom/base/parallel.h"

namespace fathom {
namespace {

class Log : public testing::Test {
 protected:
  void SetUp() override {
    set_log_sink([this](LogLevel level, const std::string& message) {
      messages_.push_back((level == LogLevel::warning ? "warning: " : "") + message);
    });
  }
  void TearDown() override { set_log_sink(nullptr); }

  std::vector<std::string> messages_;
};

TEST_F(Log, SinkGetsFormattedMessages) {
  log_info("{} images in {}", 3, "tissue");
  log_warning("no group column");
  EXPECT_THAT(messages_, testing::ElementsAre("3 images in tissue", "warning: no group column"));
}

TEST_F(Log, WithoutASinkMessagesAreDropped) {
  set_log_sink(nullptr);
  log_info("nobody listens");
  EXPECT_TRUE(messages_.empty());
}

TEST_F(Log, OneCallAtATime) {  // an unguarded push_back would lose messages or crash
  parallel_for(
      2000, [](std::size_t i) { log_info("{}", i); }, 4);
  EXPECT_EQ(messages_.size(), 2000U);
}

}  // namespace
}  // namespace fathom
