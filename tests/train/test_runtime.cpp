#include <gmock/gmock.h>
#include <torch/torch.h>

#include <functional>
#include <new>

#include "fathom/train/runtime.h"

namespace fathom::train {
namespace {

using testing::StartsWith;

std::string reason_for(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return reason_of(error);
  }
  return "nothing was thrown";
}

}  // namespace

TEST(Reason, OfAMemoryThatIsRefusedSaysHowMuchAndWhatToDo) {
  // More than any address space has.
  EXPECT_EQ(reason_for([] { torch::empty({std::int64_t{1} << 50}); }),
            "out of memory: 4504 TB more could not be had. Free some, or take a smaller "
            "batch_size or image_size");
  EXPECT_THAT(reason_for([] { throw std::bad_alloc(); }), StartsWith("out of memory. Free some"));
}

TEST(Reason, OfLibTorchIsOneLineWithoutItsBacktrace) {
  const std::string reason = reason_for([] { torch::ones({2, 3}).mm(torch::ones({2, 3})); });
  EXPECT_THAT(reason, StartsWith("mat1 and mat2 shapes cannot be multiplied"));
  EXPECT_EQ(reason.find('\n'), std::string::npos);
  EXPECT_EQ(reason.find("Exception raised"), std::string::npos);
}

TEST(WaitPolicy, IsWorthAWordWhereOthersWantTheProcessors) {
  EXPECT_TRUE(should_wait_passively(2.5, 2, nullptr));
  EXPECT_TRUE(should_wait_passively(2.5, 2, "active"));
  EXPECT_FALSE(should_wait_passively(2.0, 2, nullptr)) << "a study of one's own fills them";
  EXPECT_FALSE(should_wait_passively(2.5, 4, nullptr));
  EXPECT_FALSE(should_wait_passively(2.5, 2, "PASSIVE")) << "libgomp takes either case";
}

}  // namespace fathom::train
