// External sets: opened beside a data set, their classes numbered as its own.
#include "fathom/base/atomic_file.h"
#include "fathom/data/external.h"
#include "tests/support.h"

namespace fathom::data {
namespace {

/// A data set of the classes benign and malignant, and a second of the classes B, M and U.
struct TwoSites {
  tests::TemporaryFolder folder;
  DataOptions options;
  Dataset own;

  TwoSites() {
    for (const char* place : {"own/benign/1.png", "own/malignant/2.png", "site/B/3.png",
                              "site/M/4.png", "site/M/5.png", "site/U/6.png"}) {
      image::Image picture(8, 8);
      picture.rgb[0] = static_cast<std::uint8_t>(place[std::string(place).size() - 5]);
      write_file_atomically(folder / place, image::encode_png(picture));
    }
    options.data = (folder / "own").string();
    options.external = {"site=" + (folder / "site").string()};
    options.external_classes = {"site:B=benign", "site:M=malignant", "site:U="};
    own = open_dataset(options);
    scan(own, false);
  }

  std::string error() const {
    return tests::error_of([&] { open_external(options, own); });
  }
};

}  // namespace

TEST(External, ClassesAreNumberedAsTheStudysAndSomeLeftOut) {
  const TwoSites sites;
  const auto sets = open_external(sites.options, sites.own);
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].name, "site");
  EXPECT_EQ(sets[0].dataset.classes, sites.own.classes);
  std::vector<int> labels;
  for (const Sample& sample : sets[0].dataset.samples) labels.push_back(sample.label);
  EXPECT_EQ(labels, (std::vector<int>{0, 1, 1}));
  EXPECT_FALSE(sets[0].dataset.samples[0].hash.empty());
  EXPECT_TRUE(external_warnings(sites.own, sets).empty());
}

TEST(External, AnUnknownClassSaysHowToMapIt) {
  TwoSites sites;
  sites.options.external_classes = {"site:B=benign", "site:U="};
  EXPECT_NE(sites.error().find("external_classes = [\"site:M=CLASS\"]"), std::string::npos)
      << sites.error();
}

TEST(External, MistakesInItsSettingsAreNamed) {
  TwoSites sites;
  sites.options.external_classes.emplace_back("site:X=benign");
  EXPECT_NE(sites.error().find("'X'"), std::string::npos) << sites.error();
  sites.options.external_classes = {"sitte:B=benign"};
  EXPECT_NE(sites.error().find("sitte"), std::string::npos) << sites.error();
  sites.options.external_classes = {"B=benign"};
  EXPECT_NE(sites.error().find("NAME:THEIRS=OURS"), std::string::npos) << sites.error();
  sites.options.external_classes.clear();
  for (const char* entry : {"site", "=folder", "a/b=folder", "..=folder", "site="}) {
    sites.options.external = {entry};
    EXPECT_NE(sites.error().find("is not NAME=PATH"), std::string::npos) << entry;
  }
}

TEST(External, ANameTwiceIsRefused) {
  TwoSites sites;
  sites.options.external.push_back(sites.options.external.front());
  EXPECT_NE(sites.error().find("names two sets"), std::string::npos) << sites.error();
}

TEST(External, SharedImagesAreWarnedOf) {
  TwoSites sites;
  sites.options.external = {"again=" + sites.options.data};
  sites.options.external_classes.clear();
  const auto warnings = external_warnings(sites.own, open_external(sites.options, sites.own));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("2 of 2 images of the external set 'again'"), std::string::npos);
}

}  // namespace fathom::data
