// What an epoch shows: every image once, or every class as often.
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "fathom/train/batches.h"

namespace fathom::train {
namespace {

/// 30 images of class 0, 9 of class 1 and 1 of class 2.
struct Rare {
  std::vector<std::int64_t> images;
  std::vector<int> labels;
  TrainOptions options;

  Rare() : images(40), labels(40, 0) {
    std::iota(images.begin(), images.end(), 0);
    std::fill(labels.begin() + 30, labels.end(), 1);
    labels.back() = 2;
    options.batch_size = 8;
  }

  std::vector<std::int64_t> shown(std::uint64_t seed, int epoch) const {
    std::vector<std::int64_t> all;
    for (const Batch& batch : epoch_batches(images, labels, options, seed, epoch)) {
      all.insert(all.end(), batch.images.begin(), batch.images.end());
    }
    return all;
  }
};

}  // namespace

TEST(EpochBatches, ShuffledShowsEveryImageOnce) {
  const Rare rare;
  std::vector<std::int64_t> shown = rare.shown(1, 1);
  EXPECT_NE(shown, rare.images);
  EXPECT_NE(shown, rare.shown(1, 2));
  EXPECT_NE(shown, rare.shown(2, 1));
  std::ranges::sort(shown);
  EXPECT_EQ(shown, rare.images);
}

TEST(EpochBatches, BalancedShowsEveryClassAsOften) {
  Rare rare;
  rare.options.sampling = "balanced";
  const std::vector<std::int64_t> shown = rare.shown(1, 1);
  ASSERT_EQ(shown.size(), 40U);
  EXPECT_EQ(shown, rare.shown(1, 1));
  EXPECT_NE(shown, rare.shown(1, 2));
  std::map<int, int> classes;
  std::map<std::int64_t, int> times;
  for (const std::int64_t image : shown) {
    ++classes[rare.labels[static_cast<std::size_t>(image)]];
    ++times[image];
  }
  EXPECT_EQ(classes, (std::map<int, int>{{0, 14}, {1, 13}, {2, 13}}));
  EXPECT_EQ(times[39], 13);
  for (std::int64_t image = 0; image < 30; ++image) EXPECT_LE(times[image], 1);
  for (std::int64_t image = 30; image < 39; ++image) {
    EXPECT_GE(times[image], 1);
    EXPECT_LE(times[image], 2);
  }
}

}  // namespace fathom::train
