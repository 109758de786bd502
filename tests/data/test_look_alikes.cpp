#include <gmock/gmock.h>

#include "fathom/base/random.h"
#include "fathom/data/inspect.h"
#include "fathom/data/look_alikes.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {
namespace fs = std::filesystem;

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A picture of soft spots, drawn from a seed.
image::Image spots(std::uint64_t seed, int detail = 12, int side = 48) {
  Random random(seed);
  image::Image small(detail, detail);
  for (auto& value : small.rgb) value = static_cast<std::uint8_t>(random.below(256));
  return image::resize(small, side, side);
}

/// As if saved again: all a little different.
image::Image dimmer(image::Image image) {
  for (auto& value : image.rgb) value = static_cast<std::uint8_t>(value - value / 40);
  return image;
}

TEST(LookAlikes, AllViewsOfAnImageAreOneFamily) {
  std::vector<image::Fingerprint> prints;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    prints.push_back(image::fingerprint(spots(seed)));
  }
  std::vector<std::size_t> family = {7};
  for (int view = 1; view < image::kDihedralViews; ++view) {
    family.push_back(prints.size());
    prints.push_back(image::fingerprint(dimmer(image::dihedral_view(spots(7), view))));
  }
  EXPECT_THAT(find_look_alikes(prints), ElementsAre(family));
}

TEST(LookAlikes, WhatAllImagesShareMakesNoFamily) {
  // As chest radiographs: one strong pattern in all, weak ones that tell them apart.
  const image::Image common = spots(1000, 4);
  const auto draw = [&](std::uint64_t seed) {
    const image::Image own = spots(seed);
    image::Image image = common;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
      image.rgb[i] = static_cast<std::uint8_t>((4 * common.rgb[i] + own.rgb[i]) / 5);
    }
    return image;
  };
  std::vector<image::Fingerprint> prints;
  for (std::uint64_t seed = 0; seed < 200; ++seed) prints.push_back(image::fingerprint(draw(seed)));
  prints.push_back(image::fingerprint(dimmer(draw(3))));
  EXPECT_THAT(find_look_alikes(prints), ElementsAre(ElementsAre(3, 200)));
}

TEST(LookAlikes, TheSamePatternInAnotherColourIsAnotherImage) {
  image::Image redder = spots(1);
  for (std::size_t i = 0; i < redder.rgb.size(); i += 3) redder.rgb[i] /= 2;
  EXPECT_TRUE(find_look_alikes({image::fingerprint(spots(1)), image::fingerprint(redder)}).empty());
}

TEST(LookAlikes, TheSamePatternOfAnotherContrastIsAnotherImage) {
  image::Image paler = spots(1);
  for (auto& value : paler.rgb) value = static_cast<std::uint8_t>(64 + value / 2);
  EXPECT_TRUE(find_look_alikes({image::fingerprint(spots(1)), image::fingerprint(paler)}).empty());
}

TEST(LookAlikes, OfOneClearedFamilyAreNotLinked) {
  std::vector<image::Fingerprint> prints;
  for (const std::uint64_t seed : {1, 2, 1, 2, 1})
    prints.push_back(image::fingerprint(spots(seed)));
  EXPECT_THAT(find_look_alikes(prints), ElementsAre(ElementsAre(0, 2, 4), ElementsAre(1, 3)));
  EXPECT_THAT(find_look_alikes(prints, {{0}, {1}, {0}, {}, {}}),
              ElementsAre(ElementsAre(0, 2, 4), ElementsAre(1, 3)))
      << "0 and 2 are not linked, but over 4";
  EXPECT_THAT(find_look_alikes(prints, {{0}, {1}, {0, 5}, {1}, {5}}),
              ElementsAre(ElementsAre(0, 4)));
}

TEST(LookAlikes, BlankImagesAreInNoFamily) {
  const std::vector<image::Fingerprint> prints(5, image::fingerprint(plain_image(200, 32, 32)));
  EXPECT_TRUE(find_look_alikes(prints).empty());
  EXPECT_TRUE(find_look_alikes({}).empty());
}

TEST(LookAlikes, VeryManyOfAKindAreStillOneFamily) {
  std::vector<image::Fingerprint> prints(3000, image::fingerprint(spots(1)));
  for (std::uint64_t seed = 10; seed < 60; ++seed) {
    prints.push_back(image::fingerprint(spots(seed)));
  }
  const auto families = find_look_alikes(prints);
  ASSERT_EQ(families.size(), 1U);
  EXPECT_EQ(families[0].size(), 3000U);
}

/// Families found among files named NUMBER_COPY.jpg: how many copies have found a sibling, how many
/// are in the largest found part of their family, how many pairs of numbers are mixed.
struct Recovery {
  double linked = 0, together = 0;
  std::size_t mixed = 0;
};

Recovery recover(const fs::path& folder, std::size_t families, std::size_t copies) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  std::vector<image::Fingerprint> prints;
  for (const std::string& name : names) {
    prints.push_back(image::fingerprint(image::decode_file(folder / name)));
  }
  Recovery recovery;
  std::map<std::string, std::size_t> largest;
  for (const std::vector<std::size_t>& found : find_look_alikes(prints)) {
    std::map<std::string, std::size_t> numbers;
    for (const std::size_t i : found) ++numbers[names[i].substr(0, 3)];
    recovery.mixed += numbers.size() - 1;
    for (const auto& [number, count] : numbers) {
      if (count > 1) recovery.linked += static_cast<double>(count);
      largest[number] = std::max(largest[number], count);
    }
  }
  for (const auto& [number, count] : largest) {
    if (count > 1) recovery.together += static_cast<double>(count);
  }
  const auto all = static_cast<double>(families * copies);
  return {recovery.linked / all, recovery.together / all, recovery.mixed};
}

TEST(LookAlikes, FamiliesOfAugmentedTilesAreFound) {
  const auto folder = tests::shared_path("data/pcam/train");
  FATHOM_NEEDS(folder);
  const tests::TemporaryFolder out;
  const auto write = [&](const std::string& name, int degrees) {
    tests::run_oracle("augment.py", {folder.string(), (out / name).string(), "30", "20",
                                     std::to_string(degrees), "400"});
    return recover(out / name, 30, 20);
  };
  const Recovery mirrored = write("mirrored", 0);
  EXPECT_EQ(mirrored.together, 1);
  EXPECT_EQ(mirrored.mixed, 0U);
  const Recovery turned = write("turned", 25);
  EXPECT_GE(turned.linked, 0.98);
  EXPECT_GE(turned.together, 0.95);
  EXPECT_EQ(turned.mixed, 0U);
}

/// Own parts in which an image of the test is a turned and dimmer one of training.
class Leaking : public testing::Test {
 protected:
  void SetUp() override {
    std::string rows = "path,label,split\n";
    const auto add = [&](int number, const image::Image& image, const std::string& rest) {
      const std::string name = std::to_string(number) + ".png";
      write_file_atomically(folder_ / name, image::encode_png(image));
      rows += name + "," + rest + "\n";
    };
    const std::vector<std::string> rest = {"a,train", "b,train", "a,valid",
                                           "b,valid", "a,test",  "b,test"};
    for (int i = 0; i < 6; ++i) {
      add(i, spots(static_cast<std::uint64_t>(i)), rest[static_cast<std::size_t>(i)]);
    }
    add(6, dimmer(image::dihedral_view(spots(0), 3)), "b,test");
    add(7, spots(0), "a,train");  // equal to 0
    write_file_atomically(folder_ / "m.csv", rows);
  }
  DataOptions options() { return options_for(folder_ / "m.csv"); }
  tests::TemporaryFolder folder_;
};

TEST_F(Leaking, LookAlikesAcrossPartsAreWarnedOf) {
  const Inspection inspection = inspect(options());
  EXPECT_EQ(inspection.look_alikes.sets, 1U);
  EXPECT_EQ(inspection.look_alikes.images, 3U);  // with the copy
  EXPECT_EQ(inspection.look_alikes.across_parts, 1U);
  EXPECT_EQ(inspection.look_alikes.across_labels, 1U);
  EXPECT_THAT(inspection.leaks,
              ElementsAre(HasSubstr("look alike (turned, mirrored or saved again) in more than"),
                          HasSubstr("look alike with different labels: 1 (the first: 0.png, 6.png "
                                    "and 1 more)")));
  EXPECT_THAT(inspection.warnings, Contains(HasSubstr("0.png, 6.png and 1 more")));
  EXPECT_THAT(describe(inspection),
              Contains("images that look alike: 3 images in 1 set, such as 0.png, 6.png and 1 "
                       "more"));
}

TEST_F(Leaking, ClearedFamiliesAreNoLeakAndAreTold) {
  DataOptions cleared = options();
  cleared.cleared_look_alikes = (folder_ / "families.csv").string();
  cleared.strict = true;
  write_file_atomically(cleared.cleared_look_alikes, inspect(options()).look_alike_table);
  const Inspection inspection = inspect(cleared);
  EXPECT_EQ(inspection.look_alikes.sets, 0U);
  EXPECT_THAT(inspection.leaks, testing::IsEmpty());
  EXPECT_THAT(inspection.warnings,
              Contains(testing::AllOf(HasSubstr("1 family of 3 images that look alike is cleared"),
                                      HasSubstr("families.csv"))));
  // A copy stands for the image that it is equal to.
  write_file_atomically(cleared.cleared_look_alikes, "path,family\n6.png,x\n7.png,x\n");
  EXPECT_THAT(inspect(cleared).leaks, testing::IsEmpty());
}

TEST_F(Leaking, ClearedImagesMayBeLeftOutAsUnreadable) {
  write_file_atomically(folder_ / "5.png", "no image");
  write_file_atomically(folder_ / "families.csv", "path,family\n5.png,1\n0.png,1\n");
  DataOptions cleared = options();
  cleared.cleared_look_alikes = (folder_ / "families.csv").string();
  Dataset dataset = open_dataset(cleared);
  scan(dataset, true);
  EXPECT_EQ(dataset.look_alikes.size(), 1U);
}

TEST_F(Leaking, WrongTablesOfClearedFamiliesAreRefused) {
  DataOptions cleared = options();
  cleared.cleared_look_alikes = (folder_ / "families.csv").string();
  const auto error = [&](const std::string& text) {
    write_file_atomically(cleared.cleared_look_alikes, text);
    return tests::error_of([&] { open_dataset(cleared); });
  };
  EXPECT_THAT(error("path,group\n0.png,1\n"),
              HasSubstr("families.csv:1: the columns 'path' and 'family' are needed"));
  EXPECT_THAT(error("path,family\n0.png,1\n9.png,1\n"),
              HasSubstr("families.csv:3: '9.png' is no image of this data set"));
  EXPECT_THAT(error("path,family\n0.png,1\n0.png,1\n"),
              HasSubstr("families.csv:3: '0.png' was already listed in this family"));
  EXPECT_THAT(error("path,family\n0.png,\n1.png,\n"),
              HasSubstr("families.csv:2: the family is empty"));
  EXPECT_THAT(error("path,family\n0.png,1\n6.png,2\n0.png,2\n"),
              HasSubstr("family '1' has one image, '0.png'"));
  std::filesystem::remove(cleared.cleared_look_alikes);
  EXPECT_THAT(tests::error_of([&] { open_dataset(cleared); }), HasSubstr("families.csv"));
}

TEST_F(Leaking, StrictMakesAnErrorOfIt) {
  DataOptions strict = options();
  strict.strict = true;
  Dataset dataset = open_dataset(strict);
  EXPECT_EQ(make_splits(dataset, strict).size(), 1U) << "nothing is known before the scan";
  scan(dataset, false);
  EXPECT_THAT(tests::error_of([&] { make_splits(dataset, strict); }),
              testing::AllOf(HasSubstr("strict: this split has leaks"), HasSubstr("look alike"),
                             HasSubstr("0.png, 6.png")));
  EXPECT_EQ(inspect(strict).split_problem, "") << "inspect shows, the command refuses";
}

}  // namespace
}  // namespace fathom::data
