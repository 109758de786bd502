#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "fathom/data/leaks.h"
#include "fathom/data/synthetic.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SyntheticOptions small_set(const std::filesystem::path& out) {
  SyntheticOptions options;
  options.out = out.string();
  options.count = 40;
  options.size = 32;
  options.groups = 10;
  return options;
}

std::string write_error(const SyntheticOptions& options) {
  return tests::error_of([&] { write_synthetic(options); });
}

TEST(DrawTissue, IsTheSameForTheSameArgumentsOnly) {
  const SyntheticOptions options;
  const image::Image image = draw_tissue(options, 1, 0, 3, 7);
  EXPECT_EQ(image.height, 96);
  EXPECT_EQ(draw_tissue(options, 1, 0, 3, 7), image);
  EXPECT_NE(draw_tissue(options, 0, 0, 3, 7), image);
  EXPECT_NE(draw_tissue(options, 1, 1, 3, 7), image);
  EXPECT_NE(draw_tissue(options, 1, 0, 4, 7), image);
  EXPECT_NE(draw_tissue(options, 1, 0, 3, 8), image);
  SyntheticOptions other;
  other.seed = 1;
  EXPECT_NE(draw_tissue(other, 1, 0, 3, 7), image);
}

TEST(DrawTissue, EverySizeAndDifficultyGivesAnImageWithLightAndDark) {
  for (const std::int64_t size : {32, 100, 299}) {
    for (const double difficulty : {0.0, 1.0}) {
      SyntheticOptions options;
      options.size = size;
      options.difficulty = difficulty;
      const image::Image image = draw_tissue(options, 1, 0, 0, 0);
      EXPECT_EQ(image.width, size);
      const auto [least, most] = std::minmax_element(image.rgb.begin(), image.rgb.end());
      EXPECT_LT(*least, 120);
      EXPECT_GT(*most, 170);
    }
  }
}

TEST(WriteSynthetic, IsADataSetWithWholeGroupsInItsParts) {
  const tests::TemporaryFolder folder;
  write_synthetic(small_set(folder.path()));
  Dataset dataset = open_dataset(options_for(folder / "labels.csv"));
  scan(dataset, false);
  EXPECT_THAT(dataset.classes, ElementsAre("benign", "malignant"));
  EXPECT_EQ(dataset.samples.size(), 40U);
  EXPECT_TRUE(dataset.has_groups);
  EXPECT_TRUE(dataset.has_splits);
  EXPECT_TRUE(exact_duplicates(dataset).empty());
  const Assignment assignment = make_splits(dataset, {}).at(0);
  EXPECT_TRUE(split_warnings(dataset, {assignment}).empty());
  EXPECT_EQ(std::count(assignment.begin(), assignment.end(), Split::test), 8);
  std::set<std::string> groups;
  for (const Sample& sample : dataset.samples) groups.insert(sample.group);
  EXPECT_EQ(groups.size(), 10U);
}

TEST(WriteSynthetic, TheSameSeedGivesTheSameBytes) {
  const tests::TemporaryFolder folder;
  write_synthetic(small_set(folder / "a"));
  write_synthetic(small_set(folder / "b"));
  EXPECT_EQ(read_file(folder / "a/labels.csv"), read_file(folder / "b/labels.csv"));
  for (const std::string image : {"images/000000.png", "images/000039.png"}) {
    EXPECT_EQ(read_file(folder / ("a/" + image)), read_file(folder / ("b/" + image)));
  }
}

TEST(WriteSynthetic, ASecondSiteHasItsOwnFolderAndThreeClassesTheirNames) {
  const tests::TemporaryFolder folder;
  SyntheticOptions options = small_set(folder.path());
  options.sites = 2;
  options.classes = 3;
  write_synthetic(options);
  const Dataset second = open_dataset(options_for(folder / "site2/labels.csv"));
  EXPECT_THAT(second.classes, ElementsAre("atypical", "benign", "malignant"));
  EXPECT_THAT(second.samples[0].group, HasSubstr("site2-slide"));
  EXPECT_NE(read_file(folder / "images/000000.png"), read_file(folder / "site2/images/000000.png"));
}

TEST(WriteSynthetic, SaysThatTheImagesAreSynthetic) {
  const tests::TemporaryFolder folder;
  write_synthetic(small_set(folder.path()));
  EXPECT_THAT(read_file(folder / "SYNTHETIC.txt"), HasSubstr("drawn by a program"));
  write_synthetic(small_set(folder.path()));  // its own images may be written again
}

TEST(WriteSynthetic, RefusesForeignFoldersAndTooFewImages) {
  const tests::TemporaryFolder folder;
  write_file_atomically(folder / "images/000000.png", "a patient");
  EXPECT_THAT(write_error(small_set(folder.path())), HasSubstr("holds something else"));
  EXPECT_EQ(read_file(folder / "images/000000.png"), "a patient");
  SyntheticOptions few = small_set(folder / "new");
  few.count = 19;
  EXPECT_THAT(write_error(few), HasSubstr("at least 20"));
  few.out = "";
  EXPECT_THAT(write_error(few), HasSubstr("no folder is given"));
}

/// Areas under the ROC curve of mean colour and of nuclear features, by scikit-learn.
struct TaskScores {
  double mean_colour = 0, colour_spread = 0, nuclei = 0;
};

TaskScores score_images(const std::filesystem::path& folder) {
  std::istringstream lines(tests::run_oracle("tissue_task.py", {folder}));
  TaskScores scores;
  lines >> scores.mean_colour >> scores.colour_spread >> scores.nuclei;
  EXPECT_TRUE(lines);
  testing::Test::RecordProperty("colour_spread", std::to_string(scores.colour_spread));
  return scores;
}

TaskScores score_task(double difficulty, std::int64_t seed, std::int64_t count,
                      std::int64_t groups = 20) {
  const tests::TemporaryFolder folder;
  SyntheticOptions options;
  options.out = folder.path().string();
  options.count = count;
  options.difficulty = difficulty;
  options.seed = seed;
  options.groups = groups;
  write_synthetic(options);
  return score_images(folder.path());
}

TEST(SyntheticTask, ColourTellsNothingAndNucleiTellTheClass) {
  const TaskScores scores = score_task(0.5, 0, 600);
  EXPECT_LT(scores.mean_colour, 0.65);
  EXPECT_GT(scores.nuclei, 0.75);
}

TEST(SyntheticTask, ColourTellsNothingInTheDemoEither) {
  const TaskScores scores = score_task(0.3, 0, 240, 80);  // as tools/demo draws them, but fewer
  EXPECT_LT(scores.mean_colour, 0.65);
  EXPECT_GT(scores.nuclei, 0.8);
}

TEST(SyntheticTask, ColourTellsNothingOfThreeClassesAtTwoSites) {
  const tests::TemporaryFolder folder;
  SyntheticOptions options;
  options.out = folder.path().string();
  options.count = 180;
  options.classes = 3;
  options.sites = 2;
  write_synthetic(options);
  for (const std::filesystem::path& site : {folder.path(), folder / "site2"}) {
    const TaskScores scores = score_images(site);
    EXPECT_LT(scores.mean_colour, 0.65) << site;
    EXPECT_GT(scores.nuclei, 0.7) << site;
  }
}

TEST(SyntheticTask, ColourTellsNothingAtASecondSite) {
  const tests::TemporaryFolder folder;
  SyntheticOptions options = small_set(folder.path());
  options.size = 96;
  options.count = 120;
  options.sites = 2;
  write_synthetic(options);
  EXPECT_LT(score_images(folder / "site2").mean_colour, 0.65);
}

TEST(SyntheticTask, DifficultyLowersWhatNucleiTell) {
  const TaskScores easy = score_task(0, 5, 300);
  const TaskScores hard = score_task(1, 6, 300);
  EXPECT_LT(easy.mean_colour, 0.65);
  EXPECT_LT(hard.mean_colour, 0.65);
  EXPECT_GT(easy.nuclei, 0.95);
  EXPECT_LT(hard.nuclei, 0.9);
}

}  // namespace
}  // namespace fathom::data
