// External sets: opened beside a data set, their classes numbered as its own.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/random.h"
#include "fathom/data/external.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

/// The leaks of the set in one folder as an external one of that in another, whose classes are
/// called alike.
std::vector<std::string> leaks_between(const std::filesystem::path& own_folder,
                                       const std::filesystem::path& site) {
  DataOptions options = options_for(own_folder);
  options.external = {"site=" + site.string()};
  options.skip_bad = true;
  Dataset own = open_dataset(options);
  const auto prints = scan(own, options.skip_bad);
  return open_external(options, own, prints)[0].leaks;
}

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
  EXPECT_THAT(sets[0].warnings, ElementsAre(HasSubstr("images without a group: 3 of 3")));
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
  write_dicom(folder.path(), {{"own/a/1.dcm", "MUELLER^1965", "1.2.3"},
                              {"own/b/2.dcm", "SMITH", "1.2.4"},
                              {"site/a/3.dcm", "mueller^1965", "1.2.5"},
                              {"site/b/4.dcm", "", "1.2.5"},
                              {"site/b/5.dcm", "JONES", "1.2.6"},
                              {"alone/a/6.dcm", "MUELLER^1965", "1.2.7"},
                              {"alone/b/7.dcm", "MUELLER^1965", "1.2.8"}});
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"),
              ElementsAre(AllOf(HasSubstr("2 of 3 images"), HasSubstr("of groups"),
                                testing::Not(HasSubstr("mueller")))));
  EXPECT_THAT(leaks_between(folder / "own", folder / "alone"),
              ElementsAre(HasSubstr("2 of 2 images of the external set 'site' are of groups")))
      << "a set of one patient, too";
}

TEST(External, APatientWhomAllFilesOfBothSetsNameTellsNothing) {
  const tests::TemporaryFolder folder;
  write_dicom(folder.path(), {{"own/a/1.dcm", "ANON", "1.1"},
                              {"own/a/2.dcm", "", "1.2"},
                              {"own/b/3.dcm", "anon", "1.3"},
                              {"own/b/9.dcm", "ANON", "1.4"},
                              {"own/b/10.dcm", "ANON", "1.5"},
                              {"site/a/4.dcm", "ANON", "2.1"},
                              {"site/b/5.dcm", "ANON", "2.2"}});
  write_image(folder / "own/b/6.png", 6);
  write_file_atomically(folder / "own/b/8.dcm", "not DICOM");
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), IsEmpty());
  EXPECT_THAT(leaks_between(folder / "site", folder / "own"), IsEmpty());
}

TEST(External, APatientWhomNearlyAllFilesOfASetNameTellsNothingEither) {
  const tests::TemporaryFolder folder;
  std::vector<DicomNames> files;
  for (int i = 0; i < 10; ++i) {
    const std::string label = i % 2 ? "a" : "b";
    files.push_back({fmt::format("own/{}/{}.dcm", label, i), "ANON", fmt::format("1.{}", i)});
    files.push_back(
        {fmt::format("site/{}/{}.dcm", label, i), i == 0 ? "KIM" : "ANON", fmt::format("2.{}", i)});
  }
  write_dicom(folder.path(), files);
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), IsEmpty());
  EXPECT_THAT(leaks_between(folder / "site", folder / "own"), IsEmpty());
}

TEST(External, APatientOfZerosIsAnonymousToo) {
  const tests::TemporaryFolder folder;
  write_dicom(folder.path(), {{"own/a/1.dcm", "0000", "1.1"},
                              {"own/b/2.dcm", "0000", "1.2"},
                              {"site/a/3.dcm", "0000", "2.1"},
                              {"site/b/4.dcm", "0000", "2.2"}});
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), IsEmpty());
}

TEST(External, DoubtfulGroupsAreNoLeakForNothingIsCut) {
  TwoSites sites;
  std::filesystem::remove_all(sites.folder / "site");
  write_dicom(sites.folder / "site",
              {{"B/1.dcm", "7", "1.1"}, {"M/2.dcm", "007", "1.2"}, {"U/3.dcm", "8", "1.3"}});
  write_file_atomically(sites.folder / "site/groups.csv",
                        "path,group\nB/1.dcm,x\nM/2.dcm,y\nU/3.dcm,z\n");
  sites.options.strict = true;
  const ExternalSet set = sites.open()[0];
  EXPECT_THAT(set.leaks, IsEmpty());
  EXPECT_THAT(set.warnings,
              Contains(AllOf(HasSubstr("'site': Patients (by the PatientID of DICOM files) with"),
                             HasSubstr("Its intervals may take one patient for several."))));
}

TEST(External, APatientWhomFewImagesNameIsCompared) {
  const tests::TemporaryFolder folder;
  write_dicom(folder.path(), {{"own/a/1.dcm", "MUELLER", "1.1"},
                              {"own/b/2.dcm", "MUELLER", "1.1"},
                              {"site/a/3.dcm", "MUELLER", "2.1"},
                              {"site/b/4.dcm", "MUELLER", "2.1"}});
  for (int i = 0; i < 4; ++i) {
    write_image(folder / fmt::format("own/b/{}.png", i), i);
    write_image(folder / fmt::format("site/b/{}.png", i), i + 10);
  }
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), ElementsAre(HasSubstr("2 of 6")));
}

TEST(External, StudiesOfSeveralPatientsAreNotCompared) {
  const tests::TemporaryFolder folder;
  write_dicom(folder.path(), {{"own/a/1.dcm", "MUELLER", "9.9"},
                              {"own/b/2.dcm", "SMITH", "9.9"},
                              {"own/b/3.dcm", "JONES", "1.2.3"},
                              {"site/a/4.dcm", "KIM", "9.9"},
                              {"site/b/5.dcm", "LEE", "9.9"},
                              {"same/a/6.dcm", "PARK", "1.2.3"},
                              {"same/b/7.dcm", "KIM", "1.2.6"}});
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), IsEmpty());
  EXPECT_THAT(leaks_between(folder / "own", folder / "same"), ElementsAre(HasSubstr("1 of 2")))
      << "a study of one patient is";
}

TEST(External, GroupsThatPeopleNamedLikeOurNumbersAreCompared) {
  const tests::TemporaryFolder folder;
  write_dicom(folder.path(), {{"own/a/1.dcm", "MUELLER", "1.1"},
                              {"own/b/2.dcm", "SMITH", "1.2"},
                              {"site/a/3.dcm", "KIM", "2.1"},
                              {"site/b/4.dcm", "LEE", "2.2"}});
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), IsEmpty()) << "our own numbers";
  write_file_atomically(folder / "own/groups.csv",
                        "path,group\na/1.dcm,patient-000001\nb/2.dcm,patient-000002\n");
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), IsEmpty()) << "those of one set";
  write_file_atomically(folder / "site/groups.csv",
                        "path,group\na/3.dcm,patient-000002\nb/4.dcm,patient-000003\n");
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), ElementsAre(HasSubstr("1 of 2")));
  write_file_atomically(folder / "own/groups.csv", "path,group\na/1.dcm,smith\nb/2.dcm,x\n");
  write_file_atomically(folder / "site/groups.csv", "path,group\na/3.dcm,kim\nb/4.dcm,X\n");
  EXPECT_THAT(leaks_between(folder / "own", folder / "site"), ElementsAre(HasSubstr("1 of 2")))
      << "names in whose place there are numbers";
}

TEST(External, ItsSourceCanBeNamed) {
  const tests::TemporaryFolder folder;
  int value = 0;
  for (const char* image : {"own/a/1.png", "own/b/2.png", "site:x/a/7_idx5_x1_y1_class0.png",
                            "site:x/b/7_idx5_x1_y1_class1.png"}) {
    write_image(folder / image, ++value);
  }
  const std::string site = (folder / "site:x").string();
  DataOptions options = options_for(folder / "own");
  Dataset own = open_dataset(options);
  const auto prints = scan(own, false);
  const auto source = [&](const std::string& entry) {
    options.external = {"site=" + entry};
    return open_external(options, own, prints)[0].dataset.source;
  };
  EXPECT_THAT(tests::error_of([&] { source(site); }), HasSubstr("'site' (idc): its class '0'"));
  EXPECT_EQ(source("folder:" + site), "folder");
  EXPECT_THAT(tests::error_of([&] { source("foldr:" + site); }),
              HasSubstr("foldr:" + site + ": no such file or folder. What can be read:"));
  EXPECT_EQ(external_path_start("site=folder:x:y"), 12U);
  EXPECT_EQ(external_path_start("site=./folder:x"), 5U);
  EXPECT_EQ(external_path_start("site=C:/x"), 5U);
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
