// What is particular to the published layouts; what holds for all stands in test_source_contract.
#include <gmock/gmock.h>

#include "fathom/data/inspect.h"
#include "tests/data/source_examples.h"

namespace fathom::data {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class PublishedSources : public testing::Test {
 protected:
  DataOptions write(const std::string& source) {
    return options_for(source_examples().at(source).write(folder_.path()));
  }
  std::string error_with(const DataOptions& options) {
    return tests::error_of([&] { open_dataset(options); });
  }
  void text(const std::string& name, const std::string& content) {
    write_file_atomically(folder_ / name, content);
  }
  tests::TemporaryFolder folder_;
};

TEST_F(PublishedSources, BreakhisNamesTellCaseSubtypeAndMagnification) {
  const Dataset dataset = open_dataset(write("breakhis"));
  EXPECT_EQ(dataset.samples[0].group, "14-22549");  // 22549AB and 22549CD are one case
  EXPECT_EQ(dataset.samples[1].group, "14-22549");
  EXPECT_EQ(dataset.samples[2].group, "14-2523");
  EXPECT_THAT(dataset.facts.at("magnification"), ElementsAre(Pair("100", 1), Pair("40", 2)));
  EXPECT_THAT(dataset.facts.at("subtype"),
              ElementsAre(Pair("adenosis", 2), Pair("ductal_carcinoma", 1)));
  EXPECT_THAT(dataset.recognized, HasSubstr("named like SOB_B_TA-14-4659-40-001.png"));
}

TEST_F(PublishedSources, BreakhisNamesMayBeInLowerCase) {
  write_images(folder_.path(), {"sob_b_a-14-22549ab-40-001.png", "sob_m_dc-14-2523-40-010.PNG"});
  const Dataset dataset = open_dataset(options_for(folder_.path()));
  EXPECT_THAT(dataset.classes, ElementsAre("benign", "malignant"));
  EXPECT_EQ(dataset.samples[0].label, 0);
  EXPECT_EQ(dataset.samples[0].group, "14-22549");
  EXPECT_THAT(dataset.facts.at("subtype"),
              ElementsAre(Pair("adenosis", 1), Pair("ductal_carcinoma", 1)));
}

TEST_F(PublishedSources, SubtypesCanBeTheClassesAndOneMagnificationChosen) {
  DataOptions options = write("breakhis");
  options.label_by = "subtype";
  options.only = "magnification=40";
  const Dataset dataset = open_dataset(options);
  EXPECT_THAT(dataset.classes, ElementsAre("adenosis", "ductal_carcinoma"));
  EXPECT_EQ(dataset.samples.size(), 2U);
  options.only = "magnification=400";
  EXPECT_THAT(error_with(options), HasSubstr("only: unknown magnification '400'"));
  options.only = "magnification";
  EXPECT_THAT(error_with(options), HasSubstr("not of the form NAME=VALUE"));
  options.only = "";
  options.label_by = "subtypes";
  EXPECT_THAT(error_with(options),
              HasSubstr("label_by: unknown property 'subtypes'; did you mean 'subtype'?"));
  DataOptions plain = write("csv");
  plain.label_by = "subtype";
  EXPECT_THAT(error_with(plain), HasSubstr("knows the class of an image and no more"));
}

TEST_F(PublishedSources, AnImageNamedOtherwiseIsListedAsSkipped) {
  const DataOptions options = write("idc");
  write_image(folder_ / "10253/1/heatmap.png", 9);
  const Dataset dataset = open_dataset(options);
  EXPECT_EQ(dataset.samples.size(), 3U);
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, "10253/1/heatmap.png");
  EXPECT_THAT(dataset.skipped[0].reason, HasSubstr("not named like 10253_idx5"));
}

TEST_F(PublishedSources, TheSecondKatherSetIsTheTest) {
  const DataOptions options = write("kather");
  for (const Sample& sample : open_dataset(options).samples) {
    EXPECT_EQ(sample.split, sample.id.starts_with("CRC-VAL") ? Split::test : Split::train);
  }
  const Dataset alone = open_dataset(options_for(folder_ / "CRC-VAL-HE-7K"));
  EXPECT_EQ(alone.source, "kather");
  EXPECT_FALSE(alone.has_splits);
}

TEST_F(PublishedSources, TheSameKatherImagesTwiceAreRefused) {
  const DataOptions options = write("kather");
  std::filesystem::copy(folder_ / "NCT-CRC-HE-100K", folder_ / "NCT-CRC-HE-100K-NONORM",
                        std::filesystem::copy_options::recursive);
  EXPECT_THAT(error_with(options), HasSubstr("holds NCT-CRC-HE-100K more than once"));
}

TEST_F(PublishedSources, StrayFoldersDoNotMakeAKatherSetVanish) {
  const DataOptions options = write("kather");
  write_images(folder_.path(), {"NCT-CRC-HE-100K/.ipynb_checkpoints/ADI-1.png",
                                "CRC-VAL-HE-7K/__MACOSX/ADI/ADI-1.png"});
  const Dataset dataset = open_dataset(options);
  EXPECT_EQ(dataset.samples.size(), 10U);
  EXPECT_THAT(dataset.recognized, HasSubstr("CRC-VAL-HE-7K and NCT-CRC-HE-100K"));
  write_images(folder_.path(), {"CRC-VAL-HE-7K/overlays/1.png"});
  EXPECT_THAT(error_with(options),
              testing::AllOf(HasSubstr("CRC-VAL-HE-7K: is named like a published folder"),
                             HasSubstr("found: ADI, LYM, MUS, STR, TUM, overlays")));
}

TEST_F(PublishedSources, ImagesBesideKathersClassesAreListed) {
  const DataOptions options = write("kather");
  write_images(folder_.path(), {"NCT-CRC-HE-100K/loose.png", "overlays/ADI/x.png", "top.png"});
  std::vector<std::string> skipped;
  for (const SkippedImage& image : open_dataset(options).skipped) skipped.push_back(image.id);
  EXPECT_THAT(skipped, ElementsAre("NCT-CRC-HE-100K/loose.png", "overlays/ADI/x.png", "top.png"));
  EXPECT_EQ(open_dataset(options).samples.size(), 10U);
  EXPECT_THAT(open_dataset(options_for(folder_ / "NCT-CRC-HE-100K")).skipped,
              ElementsAre(testing::Field(&SkippedImage::id, "loose.png")));
}

TEST_F(PublishedSources, ImagesBesideLc25000sClassesAreListedAndClassesRefused) {
  const DataOptions options = write("lc25000");
  const std::string set = "lung_colon_image_set/";
  write_images(folder_.path(), {set + "overview.png", "plots/deep/x.png"});
  EXPECT_THAT(open_dataset(options).skipped,
              ElementsAre(testing::Field(&SkippedImage::id, set + "overview.png"),
                          testing::Field(&SkippedImage::id, "plots/deep/x.png")));
  write_images(folder_.path(), {set + "lung_image_sets/lung_other/x.png"});
  EXPECT_THAT(
      error_with(options),
      HasSubstr("the folder '" + set + "lung_image_sets/lung_other' with images lies beside"));
}

TEST_F(PublishedSources, Lc25000OfOneOrganRefusesOtherFoldersOfImages) {
  const std::string set = "lung_colon_image_set/", lung = set + "lung_image_sets/";
  write_images(folder_.path(), {lung + "lung_aca/a.png", lung + "lung_n/b.png", set + "all.png"});
  const DataOptions options = options_for(folder_.path());
  EXPECT_THAT(open_dataset(options).classes, ElementsAre("lung_aca", "lung_n"));
  write_images(folder_.path(), {set + "colon_image_sets/colonaca/c.png"});
  EXPECT_THAT(
      error_with(options),
      testing::AllOf(HasSubstr("the image '" + set +
                               "colon_image_sets/colonaca/c.png' lies "
                               "in no class folder, and only those of one organ are found "
                               "of LC25000 (colon_aca, colon_n, lung_aca, lung_n, lung_scc)"),
                     HasSubstr(": " + lung + "lung_aca, " + lung + "lung_n. Give the")));
  std::filesystem::rename(folder_ / (set + "colon_image_sets/colonaca"),
                          folder_ / (set + "colon_image_sets/colon_aca"));
  EXPECT_THAT(open_dataset(options).classes, ElementsAre("colon_aca", "lung_aca", "lung_n"));
}

TEST_F(PublishedSources, AnImageThatLc25000LeavesOutMayLieInFoldersOfTwoParts) {
  write_images(folder_.path(), {"set/lung_aca/a.png", "set/lung_n/b.png", "set/colon_n/c.png",
                                "plots/train/test/d.png"});
  const Dataset dataset = open_dataset(options_for(folder_.path()));
  EXPECT_EQ(dataset.source, "lc25000");
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, "plots/train/test/d.png");
  std::filesystem::remove_all(folder_ / "set");
  write_images(folder_.path(), {"train/lung_aca/a.png", "train/lung_n/b.png", "test/lung_aca/c.png",
                                "test/lung_n/d.png", "train/test/lung_benign/e.png"});
  std::filesystem::remove_all(folder_ / "plots");
  EXPECT_THAT(open_error(folder_.path()),
              HasSubstr("the folder 'train/test' with images lies beside class folders"));
}

TEST_F(PublishedSources, Lc25000LosesNoClassInOnePartOnly) {
  write_images(folder_.path(),
               {"train/lung/lung_n/a.png", "train/lung/lung_aca/b.png", "train/colon/colon_n/c.png",
                "test/lung/lung_n/d.png", "test/lung/lung_aca/e.png", "test/colon/colonn/old/f.png",
                "notes/g.png"});
  const DataOptions options = options_for(folder_.path());
  EXPECT_THAT(
      error_with(options),
      testing::AllOf(HasSubstr("the image 'test/colon/colonn/old/f.png' lies in no class"),
                     HasSubstr(" in the part test: test/lung/lung_aca, test/lung/lung_n.")));
  std::filesystem::rename(folder_ / "test/colon/colonn", folder_ / "test/colon/colon_n");
  EXPECT_THAT(open_dataset(options).classes, ElementsAre("colon_n", "lung_aca", "lung_n"));
  write_images(folder_.path(), {"valid/lungs/h.png"});
  EXPECT_THAT(error_with(options),
              HasSubstr("and none is found of LC25000 (colon_aca, colon_n, "
                        "lung_aca, lung_n, lung_scc) in the part valid: none"));
}

TEST_F(PublishedSources, Lc25000WithoutGroupsIsWarnedOf) {
  const DataOptions options = write("lc25000");
  EXPECT_THAT(open_dataset(options).cautions, testing::IsEmpty());
  std::filesystem::remove(folder_ / "groups.csv");
  EXPECT_THAT(inspect(options).warnings, Contains(HasSubstr("20 augmented copies")));
}

TEST_F(PublishedSources, Lc25000KeepsTheUsersParts) {
  write_images(folder_.path(), {"train/lung_n/a.png", "train/lung_aca/a.png", "val/lung_n/b.png",
                                "Test/lung/lung_aca/b.png"});
  const Dataset dataset = open_dataset(options_for(folder_.path()));
  EXPECT_EQ(dataset.source, "lc25000");
  ASSERT_EQ(dataset.samples.size(), 4U);
  EXPECT_EQ(dataset.samples[0].split, Split::test);
  EXPECT_EQ(dataset.samples[1].split, Split::train);
  EXPECT_EQ(dataset.samples[3].split, Split::valid);
}

TEST_F(PublishedSources, Lc25000ClassesFoundTwiceAreRefused) {
  write_images(folder_.path(), {"one/lung_n/a.png", "one/lung_aca/a.png", "two/lung_n/b.png"});
  EXPECT_THAT(error_with(options_for(folder_.path())),
              HasSubstr("two folders of the class lung_n: 'one/lung_n' and 'two/lung_n'"));
}

TEST_F(PublishedSources, ImagesKnownByTheirNamesKeepTheUsersParts) {
  write_images(folder_.path(),
               {"train/0/10253_idx5_x1_y1_class0.png", "valid/10253_idx5_x2_y1_class1.png",
                "test/1/8863_idx5_x1_y1_class1.png"});
  const Dataset dataset = open_dataset(options_for(folder_.path()));
  EXPECT_EQ(dataset.source, "idc");
  EXPECT_EQ(dataset.samples[0].split, Split::test);
  EXPECT_EQ(dataset.samples[1].split, Split::train);
  EXPECT_EQ(dataset.samples[2].split, Split::valid);
  write_images(folder_.path(), {"9_idx5_x1_y1_class0.png"});
  EXPECT_THAT(error_with(options_for(folder_.path())),
              HasSubstr("'9_idx5_x1_y1_class0.png' in none"));
}

TEST_F(PublishedSources, GroupsFilesAreComplete) {
  const DataOptions options = write("folder");
  text("groups.csv", "path,group\na/x.png,s1\na/y.png,s2\n");
  EXPECT_THAT(error_with(options), HasSubstr("groups.csv: no row for the image 'b/x.png'"));
  text("groups.csv", "path,group\na/x.png,s1\na/y.png,s2\nb/x.png,s1\nb/z.png,s1\n");
  EXPECT_THAT(error_with(options), HasSubstr("'b/z.png' is no image of this data set"));
  text("groups.csv", "path,group\na/x.png,s1\na/x.png,s2\n");
  EXPECT_THAT(error_with(options), HasSubstr("groups.csv:3: 'a/x.png' was already listed"));
  text("groups.csv", "path,group\na/x.png,\n");
  EXPECT_THAT(error_with(options), HasSubstr("groups.csv:2: the group is empty"));
  text("groups.csv", "path,group\na/x.png,caf\xe9\n");
  EXPECT_THAT(error_with(options), testing::AllOf(HasSubstr("groups.csv:2: the group is not UTF-8"),
                                                  testing::Not(HasSubstr("caf"))));
  text("groups.csv", "image,patient\na/x.png,1\n");
  EXPECT_THAT(error_with(options),
              HasSubstr("the columns 'path' and 'group' are needed; found: image, patient"));
}

TEST_F(PublishedSources, GroupsFilesHoldForATableBesideThem) {
  const DataOptions options = write("csv");
  text("m.csv", "path,label\nx.png,a\ny.png,b\n");
  text("groups.csv", "path,group\nx.png,s1\ny.png,s2\nof_another_table.png,s2\n");
  const Dataset dataset = open_dataset(options);
  EXPECT_TRUE(dataset.has_groups);
  EXPECT_EQ(dataset.samples[1].group, "s2");
  EXPECT_THAT(dataset.cautions, testing::IsEmpty());
  text("groups.csv", "path,group\nx.png,s1\n");
  EXPECT_THAT(error_with(options), HasSubstr("no row for the image 'y.png'"));
}

TEST_F(PublishedSources, BlanksAroundGroupsDoNotCutThem) {
  const DataOptions options = write("folder");
  text("groups.csv", "path,group\na/x.png,s1\na/y.png,s1 \nb/x.png,\ts1\n");
  for (const Sample& sample : open_dataset(options).samples) EXPECT_EQ(sample.group, "s1");
  text("groups.csv", "path,group\na/x.png, \n");
  EXPECT_THAT(error_with(options), HasSubstr("groups.csv:2: the group is empty"));
}

TEST_F(PublishedSources, BlanksAroundKaggleLabelsMakeNoClass) {
  const DataOptions options = write("kaggle_hcd");
  write_image(folder_ / "train/aaaa.png", 9);
  text("train_labels.csv", "id,label\nf38a,0\nc18f,1\naaaa,1 \n");
  EXPECT_THAT(open_dataset(options).classes, ElementsAre("0", "1"));
}

TEST_F(PublishedSources, KaggleRowsAndImagesMustMatch) {
  const DataOptions options = write("kaggle_hcd");
  write_image(folder_ / "train/aaaa.png", 9);
  const Dataset dataset = open_dataset(options);
  EXPECT_EQ(dataset.samples[0].id, "train/c18f.png");
  EXPECT_EQ(dataset.samples[0].label, 1);
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_THAT(dataset.skipped[0].reason, HasSubstr("has no row in train_labels.csv"));
  text("train_labels.csv", "id,label\nf38a,0\ndddd,1\n");
  EXPECT_THAT(error_with(options), HasSubstr("train_labels.csv:3: no image train/dddd.tif"));
  text("train_labels.csv", "id,label\nf38a,0\nc18f,\n");
  EXPECT_THAT(error_with(options), HasSubstr("train_labels.csv:3: the label '' is empty"));
  text("train_labels.csv", "name,label\nf38a,0\n");
  EXPECT_THAT(error_with(options), HasSubstr("the columns 'id' and 'label' are needed"));
}

TEST_F(PublishedSources, TwoKaggleFilesOfOneIdAreRefused) {
  const DataOptions options = write("kaggle_hcd");
  write_image(folder_ / "train/f38a.jpg", 9);
  EXPECT_THAT(error_with(options),
              HasSubstr("'train/f38a.jpg' and 'train/f38a.png' are both the image 'f38a'"));
}

TEST_F(PublishedSources, TheSourceCanBeNamed) {
  DataOptions options = write("idc");
  options.source = "folder";  // the patients' folders as classes
  EXPECT_THAT(open_dataset(options).classes, ElementsAre("8863", "10253"));
  options.source = "foldr";
  EXPECT_THAT(error_with(options),
              HasSubstr("source: unknown source 'foldr'; did you mean 'folder'?"));
}

TEST_F(PublishedSources, InspectTellsTheSourceAndItsReasons) {
  const std::vector<std::string> lines = describe(inspect(write("breakhis")));
  EXPECT_THAT(lines,
              Contains(HasSubstr("read as 'breakhis' because 3 of the first 3 images found")));
  EXPECT_THAT(lines, Contains("magnification: 100 (1), 40 (2)"));
}

}  // namespace
}  // namespace fathom::data
