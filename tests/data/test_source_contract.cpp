// What holds for every row of the table of sources. A new row needs an example, and nothing here.
#include <gmock/gmock.h>

#include <set>

#include "fathom/data/source.h"
#include "tests/data/source_examples.h"

namespace fathom::data {
namespace {

class SourceContract : public testing::TestWithParam<Source> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(source_examples().contains(GetParam().name)) << "write an example for this source";
    data_ = example().write(folder_.path());
  }
  static const SourceExample& example() { return source_examples().at(GetParam().name); }
  Dataset open() const { return open_dataset(options_for(data_)); }

  tests::TemporaryFolder folder_;
  std::filesystem::path data_;
};

TEST_P(SourceContract, IsDescribedHereAndInTheDocuments) {
  const Source& source = GetParam();
  EXPECT_NE(source.layout, "");
  EXPECT_NE(source.group, "");
  const std::string page =
      read_file(std::filesystem::path(FATHOM_SOURCE_DIR) / "docs/data-sources.md");
  EXPECT_THAT(page, testing::HasSubstr("\n## `" + source.name + "`"));
}

TEST_P(SourceContract, IsTheOneThatItsLayoutIsTakenFor) {
  EXPECT_NE(GetParam().recognize(data_), "");
  const Dataset dataset = open();
  EXPECT_EQ(dataset.source, GetParam().name);
  EXPECT_EQ(dataset.recognized, GetParam().recognize(data_));
}

TEST_P(SourceContract, ListsTheImagesWithTheirClassesAndGroups) {
  const Dataset dataset = open();
  EXPECT_EQ(dataset.samples.size(), example().images);
  EXPECT_EQ(dataset.classes, example().classes);
  std::set<std::string> groups, ids;
  for (const Sample& sample : dataset.samples) {
    ids.insert(sample.id);
    if (!sample.group.empty()) groups.insert(sample.group);
    EXPECT_LT(static_cast<std::size_t>(sample.label), dataset.classes.size());
  }
  EXPECT_EQ(ids.size(), dataset.samples.size());
  EXPECT_EQ(groups.size(), example().groups);
  EXPECT_EQ(dataset.has_groups, example().groups > 0);
}

TEST_P(SourceContract, EveryImageLoadsAndScans) {
  Dataset dataset = open();
  scan(dataset, false);
  for (const Sample& sample : dataset.samples) {
    const image::Image image = load_image(dataset, sample);
    EXPECT_EQ(pixel_hash(image), sample.hash) << sample.id;
    EXPECT_EQ(image.height, sample.height);
  }
  EXPECT_TRUE(exact_duplicates(dataset).empty()) << "every image of an example is another";
}

TEST_P(SourceContract, IsReadTheSameTwice) {
  const Dataset one = open(), two = open();
  ASSERT_EQ(one.samples.size(), two.samples.size());
  for (std::size_t i = 0; i < one.samples.size(); ++i) {
    EXPECT_EQ(one.samples[i].id, two.samples[i].id);
    EXPECT_EQ(one.samples[i].label, two.samples[i].label);
    EXPECT_EQ(one.samples[i].group, two.samples[i].group);
  }
}

TEST_P(SourceContract, DoesNotTakeWhatIsNotThere) {
  EXPECT_EQ(GetParam().recognize(folder_ / "nowhere"), "");
  EXPECT_EQ(GetParam().recognize(""), "");
}

INSTANTIATE_TEST_SUITE_P(All, SourceContract, testing::ValuesIn(sources()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace fathom::data
