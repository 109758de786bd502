#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include "fathom/train/cost.h"
#include "fathom/train/image_store.h"
#include "fathom/train/paged_bytes.h"
#include "tests/train/tiny.h"

namespace fathom::train {

TEST(ImageStore, BatchIsThePreprocessedImageSeenByItsView) {
  const tests::TinyTask tiny("squeezenet1_1");
  weights::Preprocessing p;
  p.low = -1;
  p.mean = {0.1, 0.2, 0.3};
  p.std = {0.5, 0.6, 0.7};
  std::vector<std::int64_t> indices;
  std::vector<int> views;
  for (int view = 0; view < image::kDihedralViews; ++view) {
    indices.push_back(5 + view % 3);
    views.push_back(view);
  }
  const torch::Tensor batch = tiny.images->batch(indices, views, p);
  ASSERT_EQ(batch.sizes(), (std::vector<std::int64_t>{8, 3, 32, 32}));
  EXPECT_TRUE(batch.is_contiguous(torch::MemoryFormat::ChannelsLast));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto& sample = tiny.dataset.samples[static_cast<std::size_t>(indices[i])];
    const image::Image seen =
        image::dihedral_view(data::load_image(tiny.dataset, sample), views[i]);
    for (int c = 0; c < 3; ++c) {
      for (const auto& [y, x] : {std::pair{0, 0}, {3, 17}, {31, 2}}) {
        const double pixel = seen.rgb[static_cast<std::size_t>((y * 32 + x) * 3 + c)] / 255.0;
        const auto channel = static_cast<std::size_t>(c);
        const double expected = (pixel * 2 - 1 - p.mean[channel]) / p.std[channel];
        EXPECT_NEAR(batch[static_cast<long>(i)][c][y][x].item<float>(), expected, 1e-5)
            << "view " << views[i];
      }
    }
  }
}

TEST(ImageStore, InAFileGivesTheSameBatchesAndLeavesNothing) {
  const tests::TinyTask tiny("squeezenet1_1");
  const tests::TemporaryFolder folder;
  const ImageStore paged(tiny.dataset, 32, Views(), {.folder = folder / "images", .in_memory = 1});
  std::vector<std::int64_t> indices(static_cast<std::size_t>(paged.count()));
  std::iota(indices.rbegin(), indices.rend(), 0);
  EXPECT_TRUE(torch::equal(paged.batch(indices, {}, {}), tiny.images->batch(indices, {}, {})));
  EXPECT_TRUE(std::filesystem::is_empty(folder / "images"));
}

TEST(PagedBytes, StayWhenTheirMemoryIsReleased) {
  const tests::TemporaryFolder folder;
  constexpr std::size_t kSize = 64 << 20;
  const PagedBytes bytes(kSize, folder.path());
  reset_peak_memory();
  const std::int64_t before = peak_memory_bytes();
  constexpr std::size_t kStep = 1 << 20;
  for (std::size_t i = 0; i < kSize; i += kStep) {
    std::fill_n(bytes.data() + i, kStep, static_cast<std::byte>(i / kStep));
    if (i % (8 * kStep) == 0) bytes.release_memory();
  }
  EXPECT_LT(peak_memory_bytes() - before, 32 << 20);
  for (std::size_t i = 0; i < kSize; i += kStep / 2) {
    ASSERT_EQ(bytes.data()[i], static_cast<std::byte>(i / kStep));
  }
}

TEST(PagedBytes, NoRoomIsAnErrorThatSaysWhere) {
  const tests::TemporaryFolder folder;
  const std::string message =
      tests::error_of([&] { PagedBytes(std::size_t{1} << 55, folder.path()); });
  EXPECT_NE(message.find(folder.path().string()), std::string::npos) << message;
  EXPECT_NE(message.find("--cache"), std::string::npos) << message;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ImageStore, BgrPutsBlueFirst) {
  const tests::TinyTask tiny("squeezenet1_1");
  weights::Preprocessing rgb;
  rgb.mean = {0, 0, 0};
  rgb.std = {1, 1, 1};
  weights::Preprocessing bgr = rgb;
  bgr.channels = "BGR";
  const std::vector<std::int64_t> indices{0, 1};
  EXPECT_TRUE(torch::equal(tiny.images->batch(indices, {}, rgb).flip({1}),
                           tiny.images->batch(indices, {}, bgr)));
}

TEST(ImageStore, ChangedImageIsAnErrorThatNamesIt) {
  tests::TinyTask tiny("squeezenet1_1");
  tiny.dataset.samples[3].hash = std::string(64, '0');
  const std::string message = tests::error_of([&] { ImageStore(tiny.dataset, 32); });
  EXPECT_NE(message.find(tiny.dataset.samples[3].id), std::string::npos) << message;
  EXPECT_NE(message.find("changed"), std::string::npos) << message;
}

TEST(DihedralViews, FlipsAreTheHorizontalAndVerticalMirrorImages) {
  image::Image picture(2, 2);
  for (int i = 0; i < 4; ++i)
    picture.rgb[static_cast<std::size_t>(i) * 3] = static_cast<std::uint8_t>(i);
  const auto red = [&](int view) {
    const image::Image seen = image::dihedral_view(picture, view);
    return std::vector<int>{seen.rgb[0], seen.rgb[3], seen.rgb[6], seen.rgb[9]};
  };
  EXPECT_EQ(red(1), (std::vector<int>{1, 0, 3, 2}));  // left-right
  EXPECT_EQ(red(5), (std::vector<int>{2, 3, 0, 1}));  // top-bottom
  EXPECT_EQ(red(4), (std::vector<int>{3, 2, 1, 0}));  // both
}

}  // namespace fathom::train
