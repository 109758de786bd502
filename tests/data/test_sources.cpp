#include <gmock/gmock.h>
#include <sys/stat.h>

#include "fathom/data/leaks.h"
#include "fathom/data/source.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {
namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;

class Sources : public testing::Test {
 protected:
  void image(const std::string& name, int value = 1) { write_image(folder_ / name, value); }
  void text(const std::string& name, const std::string& content) {
    write_file_atomically(folder_ / name, content);
  }
  Dataset open(const std::string& name = "") {
    return open_dataset(options_for(folder_.path() / name));
  }
  std::string csv_error(const std::string& content) {
    text("m.csv", content);
    return open_error(folder_ / "m.csv");
  }
  tests::TemporaryFolder folder_;
};

TEST_F(Sources, FolderOfClasses) {
  image("10/a.png");
  image("9/deep/b.PNG");
  image("9/a.png");
  const Dataset dataset = open();
  EXPECT_EQ(dataset.source, "folder");
  EXPECT_THAT(dataset.classes, ElementsAre("9", "10"));  // numeric order
  ASSERT_EQ(dataset.samples.size(), 3U);
  EXPECT_EQ(dataset.samples[0].id, "10/a.png");
  EXPECT_EQ(dataset.samples[0].label, 1);
  EXPECT_EQ(dataset.samples[2].id, "9/deep/b.PNG");
  EXPECT_FALSE(dataset.has_splits);
  EXPECT_FALSE(dataset.has_groups);
}

TEST_F(Sources, ASlashAtTheEndChangesNothing) {
  image("a/x.png");
  image("b/x.png");
  const Dataset dataset = open_dataset(options_for(folder_.path().string() + "/"));
  EXPECT_EQ(dataset.samples[0].id, "a/x.png");
}

TEST_F(Sources, FolderWithPartsAndTheirSynonyms) {
  for (const std::string part : {"train", "val", "Test"}) {
    image(part + "/benign/x.png");
    image(part + "/malignant/x.png");
  }
  const Dataset dataset = open();
  EXPECT_TRUE(dataset.has_splits);
  EXPECT_THAT(dataset.classes, ElementsAre("benign", "malignant"));
  EXPECT_EQ(dataset.samples[0].id, "Test/benign/x.png");
  EXPECT_EQ(dataset.samples[0].split, Split::test);
  EXPECT_EQ(dataset.samples[5].split, Split::valid);
}

TEST_F(Sources, PartsBelowTheClassesAreKept) {
  for (const std::string klass : {"a", "b"}) {
    image(klass + "/train/x.png");
    image(klass + "/site1/test/y.png");
  }
  const Dataset dataset = open();
  EXPECT_THAT(dataset.classes, ElementsAre("a", "b"));
  EXPECT_EQ(dataset.samples[0].id, "a/site1/test/y.png");
  EXPECT_EQ(dataset.samples[0].split, Split::test);
  EXPECT_EQ(dataset.samples[1].split, Split::train);
  image("a/z.png");
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("'a/z.png' in none"));
  fs::remove(folder_ / "a/z.png");
  image("a/train/test/z.png");
  EXPECT_THAT(open_error(folder_.path()),
              HasSubstr("'a/train/test/z.png' lies in folders of two parts, train and test"));
}

TEST_F(Sources, PartsInsidePartsAreRefused) {
  image("train/a/test/x.png");
  image("train/b/x.png");
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("in folders of two parts, train and test"));
}

TEST_F(Sources, PartsWithDifferentClassesAreNamed) {
  image("train/a/x.png");
  image("train/b/x.png");
  image("test/a/x.png");
  image("test/c/x.png");
  EXPECT_THAT(open_error(folder_.path()),
              HasSubstr("train and test have different classes; in one of them only: b, c"));
}

TEST_F(Sources, PartsMixedWithClassesAreRefused) {
  image("train/a/x.png");
  image("masks/x.png");
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("masks, train"));
}

TEST_F(Sources, APartWithoutTrainIsRefused) {
  image("valid/a/x.png");
  image("test/a/x.png");
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("no train folder beside test, valid"));
}

TEST_F(Sources, JunkIsPassedOverAndOtherFilesAreListed) {
  image("a/x.png");
  image("b/x.png");
  for (const std::string junk : {"a/.hidden.png", "a/Thumbs.db", "a/README.txt", "b/notes.csv",
                                 ".git/x.png", "__MACOSX/a/x.png"}) {
    text(junk, "junk");
  }
  text("b/slide.svs", "a format that is not read");
  image("loose.png");
  const Dataset dataset = open();
  EXPECT_THAT(dataset.classes, ElementsAre("a", "b"));
  EXPECT_EQ(dataset.samples.size(), 2U);
  ASSERT_EQ(dataset.skipped.size(), 2U);
  EXPECT_EQ(dataset.skipped[0].id, "b/slide.svs");
  EXPECT_THAT(dataset.skipped[0].reason, HasSubstr("not named like"));
  EXPECT_EQ(dataset.skipped[1].id, "loose.png");
}

TEST_F(Sources, FoldersAndImagesAreDataWhateverTheirNames) {
  image("license_ok/x.png");
  image("license_revoked/readme_1.png");
  image("notes.txt/x.png");
  const Dataset dataset = open();
  EXPECT_THAT(dataset.classes, ElementsAre("license_ok", "license_revoked", "notes.txt"));
  EXPECT_EQ(dataset.samples.size(), 3U);
}

TEST_F(Sources, APipeIsLeftOutRatherThanWaitedFor) {
  image("a/x.png");
  image("b/x.png");
  ASSERT_EQ(::mkfifo((folder_ / "a/p.png").c_str(), 0600), 0);
  const Dataset dataset = open();
  EXPECT_EQ(dataset.samples.size(), 2U);
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, "a/p.png");
  EXPECT_THAT(dataset.skipped[0].reason, HasSubstr("a pipe"));
}

TEST_F(Sources, NamesThatAreNotUtf8DoNotReachJson) {
  image("a/x.png");
  image("b/x.png");
  image("a/caf\xe9.png");
  const Dataset dataset = open();
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, "a/caf\\xe9.png");
  image("c\xe9/x.png");
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("c\\xe9: the name of a class folder"));
}

TEST_F(Sources, LinksAreFollowedButNotInCircles) {
  image("elsewhere/x.png");
  image("data/a/x.png");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "data/b");
  EXPECT_EQ(open("data").samples.size(), 2U);
  fs::create_directory_symlink(folder_ / "data", folder_ / "data/a/up");
  EXPECT_THAT(open_error(folder_ / "data"), HasSubstr("up: a link back to a folder above it"));
}

TEST_F(Sources, WhatIsNoDataSetIsToldWithWhatIs) {
  EXPECT_THAT(open_error(folder_ / "nowhere"),
              testing::AllOf(HasSubstr("nowhere: no such file or folder"),
                             HasSubstr("csv: a .csv file with the columns path,label")));
  text("x.parquet", "");
  EXPECT_THAT(open_error(folder_ / "x.parquet"), HasSubstr("not a known kind of data set"));
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("no sub-folders"));
  EXPECT_THAT(open_error(""), HasSubstr("no data set is given"));
  image("a/x.png");
  EXPECT_THAT(open_error(folder_.path()), HasSubstr("only one class, 'a'"));
  text("b/x.nii", "");
  EXPECT_THAT(open_error(folder_.path()),
              HasSubstr("b: no images in this class folder, but 1 other files such as x.nii"));
}

TEST_F(Sources, AnUnknownPositiveClassIsNamed) {
  image("benign/x.png");
  image("malignant/x.png");
  DataOptions options = options_for(folder_.path());
  options.positive = "malignent";
  EXPECT_THAT(tests::error_of([&] { open_dataset(options); }),
              HasSubstr("positive: unknown class 'malignent'; did you mean 'malignant'?"));
}

TEST_F(Sources, CsvManifest) {
  image("images/x.png");
  image("images/y z.png");
  text("m.csv",
       "path,label,group,split,age\nimages\\x.png,b,p1,train,7\n\"./images/y z.png\",a,p2,val,8\n");
  const Dataset dataset = open("m.csv");
  EXPECT_EQ(dataset.source, "csv");
  EXPECT_EQ(dataset.root, folder_.path());
  EXPECT_THAT(dataset.classes, ElementsAre("a", "b"));
  ASSERT_EQ(dataset.samples.size(), 2U);
  EXPECT_EQ(dataset.samples[0].id, "images/x.png");
  EXPECT_EQ(dataset.samples[0].group, "p1");
  EXPECT_EQ(dataset.samples[1].split, Split::valid);
  EXPECT_EQ(load_image(dataset, dataset.samples[1]).width, 5);
}

TEST_F(Sources, BlanksAroundNamesDoNotCutAPatientOrAClass) {
  image("x.png");
  image("y.png");
  image("z.png");
  text("m.csv", "path,label,group\nx.png,a,p1\ny.png,a ,p1 \nz.png, b,\tp2\n");
  const Dataset dataset = open("m.csv");
  EXPECT_THAT(dataset.classes, ElementsAre("a", "b"));
  EXPECT_EQ(dataset.samples[1].group, "p1");
  EXPECT_EQ(dataset.samples[2].group, "p2");
}

TEST_F(Sources, AbsolutePathsBelowTheTableAreRelativeIds) {
  image("set/images/x.png");
  image("elsewhere/y.png");
  text("set/m.csv", "path,label\n" + (folder_ / "set/images/x.png").string() + ",a\n" +
                        (folder_ / "elsewhere/y.png").string() + ",b\n");
  const Dataset dataset = open("set/m.csv");
  EXPECT_EQ(dataset.samples[0].id, (folder_ / "elsewhere/y.png").string());
  EXPECT_EQ(dataset.samples[1].id, "images/x.png");
}

TEST_F(Sources, WhatLooksLikeASlipIsCautionedOf) {
  image("x.png");
  image("y.png");
  text("m.csv", "path,label,Patient_ID\nx.png,A,p1\ny.png,a,p1\n");
  EXPECT_THAT(open("m.csv").cautions,
              testing::UnorderedElementsAre(HasSubstr("no column 'group', but 'Patient_ID'"),
                                            HasSubstr("'A' and 'a' differ in capitals only")));
  text("m.csv", "path,label,slide,group\nx.png,a,s1,p1\ny.png,b,s2,p2\n");
  EXPECT_THAT(open("m.csv").cautions, testing::IsEmpty());
}

TEST_F(Sources, CsvMistakesAreNamedWithTheirLine) {
  image("x.png");
  image("y.png");
  EXPECT_THAT(csv_error("file,class\nx.png,a\n"),
              HasSubstr("m.csv:1: the columns 'path' and 'label' are needed"));
  EXPECT_THAT(csv_error("file,class\nx.png,a\n"), HasSubstr("found: file, class"));
  EXPECT_THAT(csv_error("path,label,grup\nx.png,a,1\n"),
              HasSubstr("m.csv:1: unknown column 'grup'; did you mean 'group'?"));
  EXPECT_THAT(csv_error("path,label\nx.png,a\nz.png,b\n"), HasSubstr("m.csv:3: no file 'z.png'"));
  EXPECT_THAT(csv_error("path,label\nx.png,a\ny.png,\n"), HasSubstr("m.csv:3: the label is empty"));
  EXPECT_THAT(csv_error("path,label\nx.png,a\ny.png,b\n./x.png,b\n"),
              HasSubstr("m.csv:4: 'x.png' was already listed in line 2"));
  EXPECT_THAT(csv_error("path,label,split\nx.png,a,train\ny.png,b,tes\n"),
              HasSubstr("m.csv:3: unknown split 'tes'; did you mean 'test'?"));
  EXPECT_THAT(csv_error("path,label,split\nx.png,a,train\ny.png,b,\n"),
              HasSubstr("m.csv:3: the split is empty"));
  EXPECT_THAT(csv_error("path,label,split\nx.png,a,train\ny.png,b,none\n"),
              HasSubstr("m.csv:3: the split is empty or none"));
  EXPECT_THAT(csv_error("path,label,group\nx.png,a,p1\ny.png,b, \n"),
              HasSubstr("m.csv:3: the group is empty, but other rows have one"));
  EXPECT_THAT(csv_error("path,label\nx.png,caf\xe9\n"), HasSubstr("m.csv:2: 'caf\\xe9' is not"));
  EXPECT_THAT(csv_error("path,label\n" + std::string(5000, 'x') + ",a\n"), HasSubstr("no file"));
}

TEST_F(Sources, ScanHashesPixelsNotFiles) {
  image("a/x.png", 7);
  image("b/y.png", 7);
  write_image(folder_ / "b/z.png", 7, 5, 4);
  Dataset dataset = open();
  scan(dataset, false);
  EXPECT_EQ(dataset.samples[0].hash, dataset.samples[1].hash);
  EXPECT_NE(dataset.samples[1].hash, dataset.samples[2].hash);  // the same bytes in another shape
  EXPECT_EQ(dataset.samples[2].height, 5);
  EXPECT_EQ(dataset.samples[2].width, 4);
  EXPECT_THAT(exact_duplicates(dataset), ElementsAre(ElementsAre(0, 1)));
  // hashlib.sha256(struct.pack("<ii", 4, 5) + bytes([7]) * 60).hexdigest()
  EXPECT_EQ(dataset.samples[0].hash,
            "7565674b380f4de16e21d2130da78bf17a963a08e9caeed34e41d45a9e7871cd");
}

TEST_F(Sources, ABrokenImageIsAnErrorOrIsSkipped) {
  image("a/x.png");
  image("b/y.png");
  text("a/broken.png", read_file(folder_ / "a/x.png").substr(0, 50));
  Dataset dataset = open();
  const std::string message = tests::error_of([&] { scan(dataset, false); });
  EXPECT_THAT(message, HasSubstr("a/broken.png: "));
  EXPECT_THAT(message, HasSubstr("1 of 3 images cannot be read"));
  scan(dataset, true);
  EXPECT_EQ(dataset.samples.size(), 2U);
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, "a/broken.png");
}

TEST_F(Sources, SkippingAWholeClassIsAnError) {
  image("a/x.png");
  text("b/broken.png", "no image");
  Dataset dataset = open();
  EXPECT_THAT(tests::error_of([&] { scan(dataset, true); }),
              HasSubstr("no image of class 'b' can be read"));
}

TEST_F(Sources, OptionsRefuseWhatIsOutOfRange) {
  DataOptions options;
  EXPECT_THAT(tests::error_of([&] {
                fields_from_json(options.fields(), Json{{"folds", 0}}, "study.toml");
              }),
              HasSubstr("folds = 0 is not allowed"));
  EXPECT_THAT(tests::error_of([&] {
                fields_from_json(options.fields(), Json{{"test_fraction", 1.0}}, "study.toml");
              }),
              HasSubstr("0.01 to 0.9"));
}

TEST_F(Sources, ATableBesideTheFoldersIsPointedAt) {
  image("images/x.png");
  text("labels.csv", "path,label,group\nimages/x.png,a,p\n");
  text("notes.csv", "what,when\n1,2\n");
  EXPECT_THAT(open_error(folder_.path()),
              testing::AllOf(HasSubstr("only one class, 'images'"),
                             HasSubstr("give " + (folder_ / "labels.csv").string() + " as the")));
  image("others/y.png");
  EXPECT_THAT(open().cautions, ElementsAre(HasSubstr("labels.csv lies beside them, a table of")));
  fs::remove_all(folder_ / "images");
  fs::remove_all(folder_ / "others");
  EXPECT_THAT(open_error(folder_.path()),
              HasSubstr("such as " + (folder_ / "labels.csv").string()));
}

TEST_F(Sources, GroupsWrittenInTwoWaysAreDoubtful) {
  image("x.png");
  image("y.png");
  image("z.png");
  text("m.csv", "path,label,group\nx.png,a,P0\ny.png,b,p0\nz.png,b,Q\n");
  const Dataset dataset = open("m.csv");
  const std::string told = "leading zeros only: 1 (the first: 'P0' and 'p0')";
  EXPECT_THAT(find_leaks(dataset, {{Split::train, Split::test, Split::test}}),
              ElementsAre(HasSubstr(told)));
  EXPECT_THAT(find_leaks(dataset, {Assignment()}), ElementsAre(HasSubstr(told)))
      << "where no parts are known";
  // Parts that cut nothing of what may be one patient's.
  for (const Assignment& parts : {Assignment{Split::train, Split::train, Split::test},
                                  Assignment{Split::train, Split::none, Split::test}}) {
    EXPECT_THAT(find_leaks(dataset, {parts}), testing::IsEmpty());
    EXPECT_THAT(split_warnings(dataset, {parts}),
                ElementsAre(AllOf(HasSubstr(told), HasSubstr("No part cuts what may be one"))));
  }
  EXPECT_THAT(find_leaks(dataset, {{Split::train, Split::train, Split::test},
                                   {Split::test, Split::train, Split::test}}),
              ElementsAre(HasSubstr(told)))
      << "a later fold does";
  text("m.csv", "path,label,group\nx.png,a,P0\ny.png,b,P1\nz.png,b,P10\n");
  EXPECT_THAT(doubts_of(open("m.csv")), testing::IsEmpty());
}

TEST_F(Sources, GroupsAreNotToldInErrors) {
  image("x.png");
  image("y.png");
  const std::string error = csv_error("path,label,group\nx.png,a,M\xfcller\ny.png,b,q\n");
  EXPECT_THAT(error, testing::AllOf(HasSubstr("m.csv:2: the group is not UTF-8"),
                                    testing::Not(HasSubstr("ller"))));
}

TEST_F(Sources, APathThatIsTooLongIsNoDataSet) {
  EXPECT_THAT(open_error(std::string(5000, 'x')), HasSubstr("x: no such file or folder. What can"));
}

TEST(SharedData, PcamHasItsParts) {
  const auto folder = tests::shared_path("data/pcam");
  FATHOM_NEEDS(folder);
  const Dataset dataset = open_dataset(options_for(folder));
  EXPECT_THAT(dataset.classes, ElementsAre("0", "1"));
  std::array<int, 4> counts{};
  for (const Sample& sample : dataset.samples) ++counts[static_cast<std::size_t>(sample.split)];
  EXPECT_THAT(counts, ElementsAre(0, 4000, 1000, 1000));
}

}  // namespace
}  // namespace fathom::data
