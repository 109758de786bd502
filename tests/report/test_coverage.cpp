// What captions say that intervals cover.
#include <gtest/gtest.h>

#include "fathom/base/json.h"
#include "fathom/report/coverage.h"
#include "fathom/report/page_data.h"
#include "fathom/report/report.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::report {
namespace {

/// As it stands on the page, in the terminal's legend and in LaTeX: in all three the same.
std::string caption_of(results::JournalContent content, bool has_predictions = true) {
  const tests::TemporaryFolder folder;
  if (has_predictions) tests::write_example_predictions(folder.path(), content);
  const Study study = make_study(folder.path(), std::move(content));
  const std::string caption = page_data(study)["architectures"][0]["mean_in_words"];
  EXPECT_NE(terminal_report(study, 2000).find("; test: " + caption + "; time"), std::string::npos);
  return caption;
}

TEST(Coverage, IsSeenFromTheTrainings) {
  EXPECT_EQ(caption_of(tests::small_content()),
            "mean over trainings [95 % interval over other seeds and other images]");
  EXPECT_EQ(caption_of(tests::with_folds(tests::small_content())),
            "mean over trainings [95 % interval over other folds, on test also other images]");
  EXPECT_EQ(caption_of(tests::with_one_seed(tests::small_content())),
            "mean over trainings [95 % interval over other images alone (of one training)]");
}

TEST(Coverage, WithoutPredictionsIsOverTrainings) {
  EXPECT_EQ(caption_of(tests::small_content(), false),
            "mean over trainings [95 % interval over other trainings alone (without predictions)]");
  EXPECT_EQ(caption_of(tests::with_one_seed(tests::small_content()), false), "mean over trainings");
}

TEST(Coverage, OfAStudyThatIsHalfDone) {
  results::JournalContent content = tests::small_content();
  std::erase_if(content.units, [](const results::UnitRecord& unit) {
    return unit.key.level.name == "fire4" && unit.key.seed > 0;
  });
  EXPECT_EQ(caption_of(std::move(content)),
            "mean over trainings [95 % interval over other seeds and other images or other images "
            "alone (of one training)]");
}

TEST(Coverage, OfLearningCurves) {
  results::JournalContent content = tests::with_fractions(tests::small_content());
  const tests::TemporaryFolder folder;
  tests::write_example_predictions(folder.path(), content);
  const Study study = make_study(folder.path(), std::move(content));
  EXPECT_EQ(page_data(study)["architectures"][0]["images_curve"]["mean_in_words"],
            "mean over trainings [95 % interval over other seeds and other images]");
}

TEST(Coverage, OfStandardErrorsOverFolds) {
  const auto terminal = [](results::JournalContent content) {
    return terminal_report(make_study("no such study", std::move(content)), 2000);
  };
  const std::string over_folds = "± standard error over trainings (all folds and seeds, which it";
  EXPECT_NE(terminal(tests::with_folds(tests::small_content())).find(over_folds),
            std::string::npos);
  EXPECT_EQ(terminal(tests::small_content()).find(over_folds), std::string::npos);
}

}  // namespace
}  // namespace fathom::report
