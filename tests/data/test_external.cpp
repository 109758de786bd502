// External sets: opened beside a data set, their classes numbered as its own.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/random.h"
#include "fathom/data/external.h"
#include "tests/support.h"

namespace fathom::data {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A data set of the classes benign and malignant, and a second of the classes B, M and U.
struct TwoSites {
  tests::TemporaryFolder folder;
  DataOptions options;
  Dataset own;
  std::vector<image::Fingerprint> prints;

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
    prints = scan(own, false);
  }

  std::vector<ExternalSet> open() const { return open_external(options, own, prints); }
  std::string error() const {
    return tests::error_of([&] { open(); });
  }
};

}  // namespace

TEST(External, ClassesAreNumberedAsTheStudysAndSomeLeftOut) {
  const TwoSites sites;
  const auto sets = sites.open();
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].name, "site");
  EXPECT_EQ(sets[0].dataset.classes, sites.own.classes);
  std::vector<int> labels;
  for (const Sample& sample : sets[0].dataset.samples) labels.push_back(sample.label);
  EXPECT_EQ(labels, (std::vector<int>{0, 1, 1}));
  EXPECT_FALSE(sets[0].dataset.samples[0].hash.empty());
  EXPECT_THAT(sets[0].warnings, ElementsAre(HasSubstr("3 of 3 images have no group")));
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

TEST(External, AMistypedClassOfOursIsNamedWithItsPair) {
  TwoSites sites;
  sites.options.external_classes[0] = "site:B=bening";
  EXPECT_THAT(sites.error(), AllOf(HasSubstr("external_classes: 'site:B=bening'"),
                                   HasSubstr("did you mean 'benign'?")));
}

TEST(External, ASetWithoutImagesIsRefusedAndOneClassWarnedOf) {
  TwoSites sites;
  sites.options.external_classes = {"site:B=", "site:M=malignant", "site:U="};
  EXPECT_THAT(sites.open()[0].warnings,
              Contains(HasSubstr("'site': it has no images of 'benign': with one class no AUC")));
  sites.options.external_classes = {"site:B=", "site:M=", "site:U="};
  EXPECT_THAT(sites.error(), HasSubstr("leaves every class out; name one of the study's (benign, "
                                       "malignant)"));
}

TEST(External, WhatItCautionsOfAndLeavesOutIsTold) {
  TwoSites sites;
  write_file_atomically(sites.folder / "site/list.csv",
                        "path,label,patient\nB/3.png,benign,p\nM/4.png,malignant,p\n"
                        "M/broken.png,malignant,q\n");
  write_file_atomically(sites.folder / "site/M/broken.png", "no image");
  sites.options.external = {"site=" + (sites.folder / "site/list.csv").string()};
  sites.options.external_classes.clear();
  EXPECT_THAT(sites.error(), HasSubstr("broken.png"));
  sites.options.skip_bad = true;
  const auto sets = sites.open();
  EXPECT_THAT(sets[0].warnings, Contains(HasSubstr("'site': ")));
  EXPECT_THAT(sets[0].warnings, Contains(HasSubstr("no column 'group', but 'patient'")));
  ASSERT_EQ(sets[0].dataset.skipped.size(), 1U);
  EXPECT_EQ(sets[0].dataset.skipped[0].id, "M/broken.png");
}

TEST(External, SharedImagesAreWarnedOf) {
  TwoSites sites;
  sites.options.external = {"again=" + sites.options.data};
  sites.options.external_classes.clear();
  const auto warnings = sites.open()[0].warnings;
  EXPECT_THAT(warnings.back(), HasSubstr("2 of 2 images of the external set 'again' are also"));
  sites.options.strict = true;
  EXPECT_THAT(sites.error(), AllOf(HasSubstr("strict: correct the external set"),
                                   HasSubstr("2 of 2 images of the external set 'again'")));
}

TEST(External, ImagesThatLookLikeOursAreWarnedOf) {
  TwoSites sites;
  Random random(1);
  image::Image small(12, 12);
  for (auto& value : small.rgb) value = static_cast<std::uint8_t>(random.below(256));
  const image::Image picture = image::resize(small, 48, 48);
  write_file_atomically(sites.folder / "own/benign/spots.png", image::encode_png(picture));
  for (const char* copy : {"site/B/a.png", "site/M/again.png"}) {  // equal ones count, too
    write_file_atomically(sites.folder / copy, image::encode_png(image::dihedral_view(picture, 3)));
  }
  sites.own = open_dataset(sites.options);
  sites.prints = scan(sites.own, false);
  EXPECT_THAT(sites.open()[0].warnings.back(),
              AllOf(HasSubstr("2 of 5 images of the external set 'site' look like some of the"),
                    HasSubstr("B/a.png and benign/spots.png")));
  sites.options.strict = true;
  EXPECT_THAT(sites.error(), HasSubstr("look like some of the study's own"));
}

TEST(External, GroupsThatAreCalledLikeOursAreWarnedOf) {
  TwoSites sites;
  write_file_atomically(sites.folder / "own/groups.csv",
                        "path,group\nbenign/1.png,P01\nmalignant/2.png,p2\n");
  write_file_atomically(sites.folder / "site/groups.csv",
                        "path,group\nB/3.png,x\nM/4.png,p01\nM/5.png,p01\nU/6.png,p2\n");
  sites.own = open_dataset(sites.options);
  sites.prints = scan(sites.own, false);
  const auto sets = sites.open();
  EXPECT_THAT(sets[0].leaks,
              ElementsAre(HasSubstr("2 of 3 images of the external set 'site' are of groups")));
  EXPECT_EQ(sets[0].warnings.back(), sets[0].leaks[0]);
  sites.options.strict = true;
  EXPECT_THAT(sites.error(), HasSubstr("called like groups of the study"));
}

TEST(External, PatientsOfDicomFilesAreComparedWithoutBeingNamed) {
  const tests::TemporaryFolder folder;
  tests::run_oracle("dicom_cases.py", {"sites", folder.path().string()});
  DataOptions options;
  options.data = (folder / "own").string();
  options.external = {"site=" + (folder / "site").string()};
  Dataset own = open_dataset(options);
  const auto prints = scan(own, false);
  const auto sets = open_external(options, own, prints);
  EXPECT_THAT(sets[0].leaks, ElementsAre(AllOf(HasSubstr("2 of 3 images"), HasSubstr("of groups"),
                                               testing::Not(HasSubstr("mueller")))));
  // A set of one patient, too; but not two sets that name one each, as anonymised ones do.
  options.external = {"alone=" + (folder / "alone").string()};
  EXPECT_THAT(open_external(options, own, prints)[0].leaks,
              ElementsAre(HasSubstr("2 of 2 images of the external set 'alone' are of groups")));
  options.data = (folder / "like").string();
  own = open_dataset(options);
  const auto own_prints = scan(own, false);
  EXPECT_THAT(open_external(options, own, own_prints)[0].leaks,
              testing::Not(testing::Contains(HasSubstr("of groups"))));
}

TEST(External, NumbersAsClassesOfAnotherSourceMustBeMapped) {
  TwoSites sites;
  std::filesystem::rename(sites.folder / "own/benign", sites.folder / "own/0");
  std::filesystem::rename(sites.folder / "own/malignant", sites.folder / "own/1");
  sites.own = open_dataset(sites.options);
  sites.prints = scan(sites.own, false);
  write_file_atomically(sites.folder / "site/list.csv", "path,label\nB/3.png,0\nM/4.png,1\n");
  sites.options.external = {"site=" + (sites.folder / "site/list.csv").string()};
  sites.options.external_classes = {"site:0=0"};
  EXPECT_THAT(sites.error(), AllOf(HasSubstr("'site' (csv): its class '1' is a number"),
                                   HasSubstr("external_classes = [\"site:1=CLASS\"]")));
  sites.options.external_classes = {"site:0=1", "site:1=0"};
  EXPECT_EQ(sites.open()[0].dataset.samples[0].label, 1);
}

}  // namespace fathom::data
