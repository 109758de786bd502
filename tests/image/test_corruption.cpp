#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "fathom/base/atomic_file.h"
#include "fathom/image/corruption.h"
#include "tests/image/cases.h"

namespace fathom::image {
namespace {

/// Every row of the table, by its name.
class Corruptions : public testing::TestWithParam<std::string> {
 protected:
  static const Corruption& row() {
    return *std::ranges::find(corruptions(), GetParam(), &Corruption::name);
  }
};

TEST_P(Corruptions, SayWhatTheirNumbersAreAndWhy) {
  EXPECT_FALSE(row().amount.empty());
  EXPECT_FALSE(row().reason.empty());
  const std::set<double> distinct(row().amounts.begin(), row().amounts.end());
  EXPECT_EQ(distinct.size(), row().amounts.size());
}

TEST_P(Corruptions, GrowWithSeverity) {
  for (std::uint64_t id = 0; id < 20; ++id) {
    const Image image = tissue(id);
    double last = 0.3;  // what is less is not seen
    for (int severity = 1; severity <= kSeverities; ++severity) {
      const double difference = mean_difference(corrupt(image, row(), severity, id), image);
      EXPECT_GT(difference, last) << "image " << id << ", severity " << severity;
      last = difference;
    }
  }
}

TEST_P(Corruptions, HangOnKindSeverityAndImageAlone) {
  const Image image = tissue(1);
  EXPECT_EQ(corrupt(image, row(), 3, 9), corrupt(image, row(), 3, 9));
  std::set<std::vector<std::uint8_t>> seen;
  for (std::uint64_t id = 0; id < 40; ++id) seen.insert(corrupt(image, row(), 3, id).rgb);
  const std::set<std::string> never_random{"contrast", "defocus", "jpeg", "pixelation"};
  if (never_random.contains(GetParam())) {
    EXPECT_EQ(seen.size(), 1U);
  } else {
    EXPECT_GT(seen.size(), 1U);
  }
}

TEST_P(Corruptions, AreDefinedForEverySizeAndColour) {
  for (const Image& image : {flat(255, 255, 255), flat(0, 0, 0), flat(120, 60, 130, 1, 1),
                             flat(120, 60, 130, 3, 200), flat(120, 60, 130, 150, 2)}) {
    for (int severity = 1; severity <= kSeverities; ++severity) {
      const Image result = corrupt(image, row(), severity, 4);
      EXPECT_EQ(result.height, image.height);
      EXPECT_EQ(result.width, image.width);
      EXPECT_EQ(result.rgb.size(), image.rgb.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Corruptions, testing::ValuesIn([] {
                           std::vector<std::string> names;
                           for (const Corruption& row : corruptions()) names.push_back(row.name);
                           return names;
                         }()),
                         [](const auto& test) { return test.param; });

Image severest(const std::string& name, const Image& image, std::uint64_t id = 1) {
  return corrupt(image, *std::ranges::find(corruptions(), name, &Corruption::name), kSeverities,
                 id);
}

TEST(Corruption, NamesAreDistinct) {
  std::set<std::string> names;
  for (const Corruption& row : corruptions()) EXPECT_TRUE(names.insert(row.name).second);
}

TEST(Corruption, LightGoesEitherWayByAStatedShare) {
  std::set<int> seen;
  for (std::uint64_t id = 0; id < 20; ++id) {
    seen.insert(severest("brightness", flat(100, 100, 100), id).rgb[0]);
  }
  EXPECT_THAT(seen, testing::ElementsAre(70, 130));
}

TEST(Corruption, ContrastKeepsTheMeanColour) {
  Image halves = flat(40, 80, 120);
  for (std::size_t i = 0; i < halves.rgb.size() / 2; ++i) halves.rgb[i] += 100;
  const Image result = severest("contrast", halves);
  EXPECT_NEAR(result.rgb[0], 90 + 0.15 * 50, 1);
  EXPECT_NEAR(result.rgb[result.rgb.size() - 3], 90 - 0.15 * 50, 1);
}

TEST(Corruption, DefocusSpreadsAPointOverADisk) {
  Image point = flat(0, 0, 0, 224, 224);
  for (int c = 0; c < 3; ++c) point.rgb[(112 * 224 + 112) * 3 + c] = 255;
  for (std::size_t i = 0; i < point.rgb.size(); ++i) point.rgb[i] = 255 - point.rgb[i];
  int darker = 0;
  for (const std::uint8_t value : severest("defocus", point).rgb) darker += value < 255 ? 1 : 0;
  EXPECT_NEAR(darker / 3, 3.14159 * 10 * 10, 40);
}

TEST(Corruption, MagnificationScalesAboutTheMiddleEitherWay) {
  // A ramp across: its slope tells the scale, its middle column stays.
  Image ramp(60, 60);
  for (std::size_t i = 0; i < ramp.rgb.size(); ++i) {
    ramp.rgb[i] = static_cast<std::uint8_t>(4 * (i / 3 % 60));
  }
  const auto at = [](const Image& image, int x) { return int{image.rgb[(30 * 60 + x) * 3]}; };
  std::set<int> slopes;
  for (std::uint64_t id = 0; id < 20; ++id) {
    const Image result = severest("magnification", ramp, id);
    slopes.insert(at(result, 40) - at(result, 20));
    EXPECT_NEAR(at(result, 30) + at(result, 29), at(ramp, 30) + at(ramp, 29), 2);
    if (at(result, 40) - at(result, 20) < 80) continue;
    // Smaller: 46 columns of 60, then back the way it came.
    EXPECT_NEAR(at(result, 7), 2, 2);
    EXPECT_NEAR(at(result, 0), at(result, 14), 1);
    EXPECT_NEAR(at(result, 59), at(result, 45), 1);
  }
  // 20 columns of 4 each, at 60 / 46 times and 46 / 60 times the scale.
  EXPECT_THAT(slopes, testing::ElementsAre(testing::AllOf(testing::Ge(60), testing::Le(63)),
                                           testing::AllOf(testing::Ge(103), testing::Le(106))));
}

TEST(Corruption, DocumentationListsEveryRow) {
  const std::string documentation =
      read_file(std::filesystem::path(FATHOM_SOURCE_DIR) / "docs/corruptions.md");
  for (const Corruption& row : corruptions()) {
    EXPECT_NE(documentation.find(fmt::format("| {} | {} | {:.3g} |", row.name, row.amount,
                                             fmt::join(row.amounts, ", "))),
              std::string::npos)
        << row.name;
  }
}

TEST(Corruption, NoiseHasTheStatedDeviation) {
  const Image result = severest("noise", flat(128, 128, 128, 100, 100));
  double sum = 0, squares = 0;
  for (const std::uint8_t value : result.rgb) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const auto count = static_cast<double>(result.rgb.size());
  EXPECT_NEAR(sum / count, 128, 1);
  EXPECT_NEAR(std::sqrt(squares / count - sum * sum / count / count), 25.5, 0.5);
}

}  // namespace
}  // namespace fathom::image
