#include <gtest/gtest.h>

#include <cmath>

#include "fathom/results/calibration.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {

TEST(LevelCalibration, IsTheMeanOverTheTrainingsThatCouldBeRead) {
  const tests::TemporaryFolder folder;
  JournalContent content = tests::example_content();
  std::erase_if(content.units,
                [](const UnitRecord& unit) { return unit.key.level.name != "fire7"; });
  ASSERT_EQ(content.units.size(), 3U);
  tests::write_example_predictions(folder.path(), content);
  std::filesystem::remove(tests::predictions_path(folder.path(), content.units[1]));
  const std::vector<LevelSummary> summaries = summarize(*content.study, content.units);
  const Evidence evidence = read_evidence(folder.path(), *content.study, summaries);
  const LevelCalibration found = level_calibration(summaries[2], evidence);
  const TestFigures &first = evidence.units.at(&content.units[0]).figures,
                    &last = evidence.units.at(&content.units[2]).figures;
  EXPECT_EQ(found.temperature.count, 2U);
  EXPECT_NEAR(found.temperature.mean, (first.temperature + last.temperature) / 2, 1e-12);
  EXPECT_NEAR(found.error.mean, (first.as_given.error + last.as_given.error) / 2, 1e-12);
  EXPECT_NEAR(found.calibrated_error.mean, (first.calibrated.error + last.calibrated.error) / 2,
              1e-12);
  EXPECT_EQ(to_json(found)["error"]["count"], 2);
}

TEST(LevelCalibration, OfALevelWithoutPredictionsIsNotDefined) {
  const LevelCalibration found = level_calibration(LevelSummary(), Evidence());
  EXPECT_EQ(found.error.count, 0U);
  EXPECT_TRUE(to_json(found)["temperature"]["mean"].is_null());
}

}  // namespace fathom::results
