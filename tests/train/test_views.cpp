// Views by number: of the bank, corrupted, and as batches of an image store.
#include <map>

#include "fathom/image/corruption.h"
#include "fathom/train/views.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

TrainOptions with_augment(const std::string& augment) {
  TrainOptions options;
  options.augment = augment;
  options.views = 3;
  return options;
}

}  // namespace

TEST(Views, TrainingDrawsFromThoseOfTheBank) {
  const std::map<std::string, std::vector<int>> expected{
      {"none", {0}},
      {"flips", {0, 1, 4, 5}},
      {"dihedral", {0, 1, 2, 3, 4, 5, 6, 7}},
      {"stain", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
      {"full", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}};
  for (const auto& [augment, numbers] : expected) {
    std::vector<int> views = Views(with_augment(augment)).training();
    EXPECT_EQ(views.front(), 0);
    std::ranges::sort(views);
    EXPECT_EQ(views, numbers) << augment;
    std::set<int> drawn;
    for (int epoch = 1; epoch <= 60; ++epoch) {
      const std::vector<std::int64_t> images{0, 1, 2, 3, 4, 5, 6, 7};
      const std::vector<int> labels(8, 0);
      for (const Batch& b : epoch_batches(images, labels, with_augment(augment), 3, epoch)) {
        drawn.insert(b.views.begin(), b.views.end());
      }
    }
    EXPECT_EQ(std::vector<int>(drawn.begin(), drawn.end()), numbers) << augment;
  }
}

TEST(Views, EveryCorruptionAtEverySeverityIsAView) {
  const auto& views = corrupted_views();
  ASSERT_EQ(views.size(), image::corruptions().size() * image::kSeverities);
  std::set<int> numbers;
  for (const CorruptedView& view : views) numbers.insert(view.number);
  EXPECT_EQ(numbers.size(), views.size());
  EXPECT_EQ(*numbers.begin(), kFirstCorruptedView);
  EXPECT_LT(*numbers.rbegin(), 256);
}

TEST(Views, JitterOfAnotherSeedIsAnother) {
  TrainOptions options = with_augment("full");
  const Views first(options);
  options.view_seed = 1;
  const Views second(options);
  image::Image picture(16, 16);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    picture.rgb[i] = static_cast<std::uint8_t>(i * 7);
  }
  EXPECT_EQ(first.see(picture, 5, 7).rgb, second.see(picture, 5, 7).rgb) << "a symmetry";
  EXPECT_NE(first.see(picture, 5, 8).rgb, second.see(picture, 5, 8).rgb);
  EXPECT_NE(first.meaning(8), second.meaning(8));
}

TEST(Views, JitterOfAnotherBankHasAnotherMeaning) {
  const Views stain(with_augment("stain")), full(with_augment("full"));
  EXPECT_EQ(stain.meaning(7), "");
  EXPECT_EQ(stain.meaning(7), full.meaning(7));
  EXPECT_NE(stain.meaning(8), full.meaning(8));
  EXPECT_NE(stain.meaning(8), "");
  EXPECT_EQ(stain.meaning(kFirstCorruptedView), full.meaning(kFirstCorruptedView));
  EXPECT_NE(stain.meaning(kFirstCorruptedView), stain.meaning(8));
}

TEST(Views, AStoreShowsThemInItsBatches) {
  const tests::TinyTask tiny("squeezenet1_1");
  const ImageStore store(tiny.dataset, 32, Views(with_augment("full")));
  const weights::Preprocessing plain{.mean = {0, 0, 0}, .std = {1, 1, 1}};
  const std::vector<std::int64_t> images{4, 4, 5};
  const std::vector<int> views{0, 9, corrupted_views()[17].number};
  const torch::Tensor batch = store.batch(images, views, plain);
  for (std::size_t row = 0; row < images.size(); ++row) {
    const data::Sample& sample = tiny.dataset.samples[static_cast<std::size_t>(images[row])];
    const image::Image seen = store.views().see(data::load_image(tiny.dataset, sample),
                                                data::image_id(sample.hash), views[row]);
    const torch::Tensor expected =
        torch::tensor(at::ArrayRef<std::uint8_t>(seen.rgb)).view({32, 32, 3}).permute({2, 0, 1});
    EXPECT_TRUE(torch::allclose(batch[static_cast<std::int64_t>(row)] * 255,
                                expected.to(torch::kFloat32), 1e-4, 1e-3))
        << row;
  }
  EXPECT_FALSE(torch::equal(batch[0], batch[1]));
}

TEST(Views, AreStoredEachUnderItsOwnMeaning) {
  tests::TinyTask tiny("squeezenet1_1");
  const std::vector<Sight> sights{{1, 0}, {1, 8}, {2, kFirstCorruptedView}};
  const auto missing = [&](const std::string& augment, bool fill) {
    const ImageStore store(tiny.dataset, 32, Views(with_augment(augment)));
    std::vector<std::string> hashes;
    for (const data::Sample& sample : tiny.dataset.samples) hashes.push_back(sample.hash);
    Boundaries inputs(*tiny.task.architecture, tiny.weights, store, hashes, Precision::fp32,
                      *tiny.cache);
    const std::vector<std::size_t> boundaries{inputs.features_boundary()};
    const std::size_t before = inputs.count_missing(sights).back();
    if (fill) inputs.fill(boundaries, sights, [] {});
    return before;
  };
  EXPECT_EQ(missing("stain", true), 3U);
  EXPECT_EQ(missing("stain", false), 0U);
  EXPECT_EQ(missing("full", false), 1U);  // its jitter is another
}

}  // namespace fathom::train
