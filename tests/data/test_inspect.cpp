#include <gmock/gmock.h>

#include "fathom/data/inspect.h"
#include "tests/data/fixtures.h"

namespace fathom::data {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// Two classes of `images` images in 4 groups; b/0.png equals a/0.png.
void write_manifest(const tests::TemporaryFolder& folder, int images) {
  std::string rows = "path,label,group\n";
  for (int i = 0; i < images; ++i) {
    write_image(folder / ("a/" + std::to_string(i) + ".png"), i);
    write_image(folder / ("b/" + std::to_string(i) + ".png"), i == 0 ? 0 : 100 + i, 4, 5 + i % 3);
    for (const std::string label : {"a", "b"}) {
      rows +=
          label + "/" + std::to_string(i) + ".png," + label + ",p" + std::to_string(i % 4) + "\n";
    }
  }
  write_file_atomically(folder / "labels.csv", rows);
}

TEST(Inspect, CountsWhatIsThere) {
  const tests::TemporaryFolder folder;
  write_manifest(folder, 8);
  const Inspection inspection = inspect(options_for(folder / "labels.csv"));
  EXPECT_EQ(inspection.images, 16U);
  EXPECT_EQ(inspection.groups, 4U);
  ASSERT_EQ(inspection.classes.size(), 2U);
  EXPECT_EQ(inspection.classes[1].name, "b");
  EXPECT_EQ(inspection.classes[1].images, 8U);
  EXPECT_EQ(inspection.classes[1].groups, 4U);
  EXPECT_EQ(inspection.classes[1].train + inspection.classes[1].valid + inspection.classes[1].test,
            8U);
  EXPECT_EQ(inspection.sizes.height.max, 4);
  EXPECT_EQ(inspection.sizes.width.min, 5);
  EXPECT_EQ(inspection.sizes.width.max, 7);
  EXPECT_EQ(inspection.sizes.not_square, 16U);
  EXPECT_EQ(inspection.duplicates.sets, 1U);
  EXPECT_EQ(inspection.duplicates.across_labels, 1U);
  EXPECT_EQ(inspection.split_problem, "");
  EXPECT_THAT(inspection.warnings, Contains(HasSubstr("different labels: 1")));
}

TEST(Inspect, SaysInLinesWhatAUserMustKnow) {
  const tests::TemporaryFolder folder;
  write_manifest(folder, 8);
  const std::vector<std::string> lines = describe(inspect(options_for(folder / "labels.csv")));
  EXPECT_THAT(lines, Contains(HasSubstr("(csv): 16 images, 2 classes, 4 groups")));
  EXPECT_THAT(lines, Contains("height 4, width 5 to 7 (median 5) pixels"));
  EXPECT_THAT(lines, Contains("  class   images   groups    train    valid     test"));
  EXPECT_THAT(lines, Contains("exact duplicates: 2 images in 1 set, such as a/0.png, b/0.png"));
}

TEST(Inspect, TellsWhatEachTrainFractionLeaves) {
  const tests::TemporaryFolder folder;
  write_manifest(folder, 8);
  DataOptions options = options_for(folder / "labels.csv");
  options.train_fractions = {0.5, 1};
  EXPECT_THAT(describe(inspect(options)),
              Contains(testing::MatchesRegex(
                  "train_fraction 0.5: [0-9]+ training images \\(a [0-9]+, b [0-9]+\\)")));
  options.train_fractions = {0.5, 0.5};
  EXPECT_THAT(inspect(options).split_problem, HasSubstr("0.5 stands twice"));
}

TEST(Inspect, FindsLeaksInEveryFold) {
  const tests::TemporaryFolder folder;
  write_manifest(folder, 8);
  std::string parts = "path,split_1,split_2\n";
  for (int i = 0; i < 8; ++i) {
    const std::string first = i % 4 < 2 ? "train" : i % 4 == 2 ? "valid" : "test";
    for (const std::string label : {"a", "b"}) {
      const bool cut = i == 4 && label == "a";
      parts +=
          label + "/" + std::to_string(i) + ".png," + first + "," + (cut ? "test" : first) + "\n";
    }
  }
  write_file_atomically(folder / "parts.csv", parts);
  DataOptions options = options_for(folder / "labels.csv");
  options.split_file = (folder / "parts.csv").string();
  const std::string cut = "Fold 2 of 2: Groups in more than one of train, validation and test: 1";
  EXPECT_THAT(inspect(options).leaks, Contains(HasSubstr(cut)));
  EXPECT_THAT(inspect(options).leaks, Contains(HasSubstr("by the data set or a split file")));
  EXPECT_THAT(describe(inspect(options)),
              Contains("train, valid and test as the split file says (fold 1 of 2):"));
  EXPECT_THAT(inspect(options).warnings, Contains(HasSubstr(cut)));
}

TEST(Inspect, TellsOfASplitThatIsNotPossible) {
  const tests::TemporaryFolder folder;
  write_manifest(folder, 2);  // 2 groups
  const Inspection inspection = inspect(options_for(folder / "labels.csv"));
  EXPECT_THAT(inspection.split_problem, HasSubstr("class 'a' has 2 images in 2 groups"));
  EXPECT_THAT(describe(inspection), Contains(HasSubstr("test cannot be cut")));
}

TEST(Inspect, ShowsPartsThatCannotBeUsed) {
  const tests::TemporaryFolder folder;
  std::string rows = "path,label,split\n";
  for (int i = 0; i < 6; ++i) {
    const std::string name = std::to_string(i) + ".png", label = i % 2 == 0 ? "a" : "b";
    write_image(folder / name, 20 * i);
    rows += name + "," + label + "," + (i < 2 ? "train" : i < 4 ? "valid" : "test") + "\n";
  }
  const auto inspect_with = [&](const std::string& text) {
    write_file_atomically(folder / "labels.csv", text);
    return inspect(options_for(folder / "labels.csv"));
  };
  const std::size_t last = rows.find("5.png");
  const Inspection missing = inspect_with(rows.substr(0, last) + "5.png,b,valid\n");
  EXPECT_THAT(missing.split_problem, HasSubstr("class 'b' has no image in the test part"));
  EXPECT_EQ(missing.classes[1].valid, 2U);
  EXPECT_EQ(missing.classes[0].test, 1U);
  EXPECT_THAT(describe(missing),
              Contains("train, valid and test cannot be used as the data set says:"));
  const std::string all_test = "path,label,split\n0.png,a,test\n1.png,b,test\n";
  EXPECT_THAT(inspect_with(all_test).split_problem,
              HasSubstr("no image is in the train part, which is needed"));
}

TEST(Inspect, ASlipInALabelIsPointedAt) {
  const tests::TemporaryFolder folder;
  std::string rows = "path,label\n";
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".png";
    write_image(folder / name, 20 * i);
    rows += name + "," + (i == 11 ? "tumuor" : i % 2 == 0 ? "normal" : "tumour") + "\n";
  }
  write_file_atomically(folder / "labels.csv", rows);
  EXPECT_THAT(inspect(options_for(folder / "labels.csv")).split_problem,
              HasSubstr("class 'tumuor' has 1 image ('11.png'; is its label a slip for 'tumour'?), "
                        "too few for"));
}

}  // namespace
}  // namespace fathom::data
