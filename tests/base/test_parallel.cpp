#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "tests/support.h"

namespace fathom {
namespace {

TEST(ParallelFor, EveryIndexOnce) {
  for (const unsigned threads : {0U, 1U, 2U, 7U}) {
    for (const std::size_t count : {0U, 1U, 3U, 1000U}) {
      std::vector<std::atomic<int>> calls(count);
      parallel_for(
          count, [&](std::size_t i) { ++calls[i]; }, threads);
      for (const auto& c : calls) EXPECT_EQ(c, 1);
    }
  }
}

TEST(ParallelFor, AnExceptionStopsTheLoopAndPasses) {
  for (const unsigned threads : {1U, 4U}) {
    std::atomic<std::size_t> calls{0};
    const auto body = [&](std::size_t i) {
      ++calls;
      if (i == 5) throw Error("image 5 is broken");
    };
    EXPECT_EQ(tests::error_of([&] { parallel_for(100000000, body, threads); }),
              "image 5 is broken");
    EXPECT_LT(calls, 100000000U);
  }
}

TEST(ParallelFor, SeveralExceptionsAreOne) {
  const auto body = [](std::size_t) { throw Error("all are broken"); };
  EXPECT_EQ(tests::error_of([&] { parallel_for(50, body, 4); }), "all are broken");
}

}  // namespace
}  // namespace fathom
