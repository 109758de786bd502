// What the paragraphs on methods say of studies of different kinds, and nothing of other kinds.
#include <gtest/gtest.h>

#include <regex>

#include "fathom/report/generalization.h"
#include "fathom/report/methods.h"
#include "fathom/report/sources.h"
#include "fathom/results/corrupted_predictions.h"
#include "fathom/results/predictions.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::report {
namespace {

/// All paragraphs of a study whose predictions are on disk.
std::string methods_text(results::JournalContent content, std::size_t group_size = 0) {
  const tests::TemporaryFolder folder;
  tests::write_example_predictions(folder.path(), content, group_size);
  std::string text;
  for (const MethodsParagraph& paragraph :
       methods_paragraphs(make_study(folder.path(), std::move(content)))) {
    text += paragraph.title + ": " + paragraph.text + "\n";
  }
  return text;
}

results::JournalContent with_three_classes() {
  results::JournalContent content = tests::small_content();
  content.study->data.classes = {{"a", 900, 40, 40}, {"b", 500, 30, 30}, {"c", 950, 40, 40}};
  content.study->data.samples.clear();
  content.study->data.positive = "";
  return content;
}

void expect_said(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << "'" << part << "' is not in:\n" << text;
}

void expect_not_said(const std::string& text, const std::string& part) {
  EXPECT_EQ(text.find(part), text.npos) << "'" << part << "' is in:\n" << text;
}

TEST(Methods, OfSeeds) {
  const std::string text = methods_text(tests::with_robustness(tests::small_content()));
  expect_said(text, "with seeds as random readers and images as cases (Obuchowski and Rockette");
  expect_said(text, "on test, for the AUC too, that of 2000 bootstrap draws of images");
  expect_said(text, "with (depths - 1)(seeds - 1) degrees of freedom");
  expect_said(text, "those of the log loss on that of its logarithm");
  expect_said(text, "by the paired expanded percentile bootstrap (Hesterberg, 2015)");
  expect_said(text, "Intervals of differences are two-sided, 95 %");
  expect_said(text, "validation minus test AUC (on its own scale) and external sets cover");
  expect_said(text, "cover other seeds and other images by the method of DeLong");
  expect_said(
      text,
      "Those of training images and corruptions (where predictions were not kept) cover other "
      "seeds alone");
  expect_said(text, "intervals of the probe's AUC cover other images, by the method of DeLong");
  expect_said(text, "Calibration intercept (with a slope of 1) and slope");
  for (const char* other :
       {"folds", "over groups", "with one training", "were missing", "single classes"}) {
    expect_not_said(text, other);
  }
}

TEST(Methods, OfCorruptedImagesWhosePredictionsAreKept) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_robustness(tests::small_content());
  tests::write_example_corrupted(folder.path(), content);
  tests::write_example_predictions(folder.path(), content);
  const Study study = make_study(folder.path(), content);
  std::string text;
  for (const MethodsParagraph& one : methods_paragraphs(study)) text += one.text;
  expect_said(text,
              "external sets and corruptions (over the corrupted images) cover other seeds and "
              "other images");
  expect_said(text, "Those of training images cover other seeds alone");
  expect_said(text, "Differences of these figures to the level that tunes everything are over");
  expect_not_said(text, "were not kept");
  expect_said(latex_report(study), "Robustness of SqueezeNet 1.1");
  const Json level = results_json(study)["levels"][0];
  EXPECT_TRUE(level["generalization"]["drop"]["covers_images"]);
  EXPECT_TRUE(level["against_all"]["corrupted"]["covers_images"]);
  EXPECT_LT(level["against_all"]["corrupted"]["low"], level["against_all"]["corrupted"]["high"]);
  EXPECT_TRUE(results_json(study)["levels"][4]["against_all"].is_null());
}

TEST(Methods, SayWhyImagesHaveNoPartInAnError) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_robustness(tests::small_content());
  tests::write_example_corrupted(folder.path(), content);
  tests::write_example_predictions(folder.path(), content);
  const auto unit_folder = folder / "units" / content.units[0].key.id();
  std::filesystem::remove(unit_folder / results::kCorruptedFile);
  std::filesystem::remove(unit_folder / results::external_file_name("site2"));
  const Study study = make_study(folder.path(), content);
  std::string text;
  for (const MethodsParagraph& one : methods_paragraphs(study)) text += one.text;
  expect_said(text,
              "Those of training images, external sets (where predictions cannot be used) and "
              "corruptions (where predictions cannot be used) cover other seeds alone");
  // Of one level alone, and of what is compared with it.
  EXPECT_EQ(corruption_coverage(study, "squeezenet1_1"),
            "over other trainings and other images or over other trainings alone (predictions "
            "cannot be used)");
  EXPECT_EQ(generalization_coverage(study, "squeezenet1_1"),
            "of validation minus test over other trainings and other images; of external sets over "
            "other trainings and other images or over other trainings alone; of training images "
            "over other trainings alone");
  EXPECT_FALSE(study.against_all[0]->corrupted.covers_images);
  EXPECT_TRUE(study.against_all[1]->corrupted.covers_images) << "its own files are all there";
}

TEST(Methods, SayThatAClassOfTheCorruptedImagesIsInTooFewGroups) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_robustness(tests::small_content());
  tests::write_example_corrupted(folder.path(), content);  // of every tenth image
  tests::write_example_predictions(folder.path(), content, 25);
  const Study study = make_study(folder.path(), content);
  EXPECT_EQ(why_without_corrupted_images(study), "a class is in fewer than 3 groups");
  EXPECT_EQ(why_without_external_images(study), "");
}

TEST(Methods, OfGroups) {
  const std::string text = methods_text(tests::small_content(), 10);
  expect_said(text, "with seeds as random readers and groups of images as cases");
  expect_said(text, "after Obuchowski (1997), with one simplification: the term between the two");
  expect_said(text, "fewer than 3 groups");
  expect_said(text, "Groups were also scored as cases");
  expect_said(text, "at thresholds of their own: of each training that with the largest Youden");
  expect_said(text, "with the effective number of images, over groups (Rao and Scott, 1992;");
}

TEST(Methods, OfValidationGroupsThatTellNoThreshold) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::small_content();
  std::uint64_t model = 0;
  for (results::UnitRecord& unit : content.units) {
    results::PredictionsFile file =
        tests::example_predictions(content.study->data.classes, 0.9, ++model);
    tests::add_example_groups(file, 10);
    file.valid_groups.front() = file.valid_groups.back();  // of both classes
    unit.predictions_sha256 =
        results::write_predictions(tests::predictions_path(folder.path(), unit), file);
  }
  std::string text;
  for (const MethodsParagraph& one : methods_paragraphs(make_study(folder.path(), content))) {
    text += one.text;
  }
  expect_said(text, "at no threshold, as validation has groups with images of several classes");
  expect_not_said(text, "at thresholds of their own");
}

TEST(Methods, OfFolds) {
  const std::string text =
      methods_text(tests::with_robustness(tests::with_folds(tests::small_content())));
  expect_said(text, "their intervals cover other folds, by the corrected resampled t-test");
  expect_said(text, "with (depths - 1)(folds - 1) degrees of freedom");
  expect_said(text,
              "on external sets, where all folds share the images, with the error over images");
  expect_said(text, "Differences of these figures to the level that tunes everything are over");
  for (const char* other : {"random readers", "trainings as they are", "with one training"}) {
    expect_not_said(text, other);
  }
}

TEST(Methods, OfOneSeed) {
  const std::string text = methods_text(tests::with_one_seed(tests::small_content()));
  expect_said(text, "Intervals of levels with one training cover other images alone");
  expect_said(text, "(on its own scale) cover only other images");
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_one_seed(tests::small_content());
  tests::write_example_predictions(folder.path(), content);
  EXPECT_EQ(generalization_coverage(make_study(folder.path(), content), "squeezenet1_1"),
            "of validation minus test over other images alone (of one training)");
  for (const char* other : {"random readers", "folds", "two by two", "trainings as they are"}) {
    expect_not_said(text, other);
  }
}

TEST(Methods, OfSeveralClasses) {
  const std::string text = methods_text(with_three_classes());
  expect_said(text, "of each class against the others, averaged over the classes");
  expect_said(text, "Intervals of single classes are made as that of the validation AUC");
  for (const char* other : {"positive class", "Youden", "Calibration intercept"}) {
    expect_not_said(text, other);
  }
}

TEST(Methods, WithoutPredictions) {
  std::string text;
  for (const MethodsParagraph& one :
       methods_paragraphs(make_study("no such study", tests::small_content()))) {
    text += one.text;
  }
  expect_said(text, "Where predictions were missing, intervals are Student's over trainings alone");
  expect_said(
      text, "Intervals of validation minus test AUC (on its own scale) and training images cover");
  for (const char* other : {"random readers", "bootstrap", "Wilson"}) {
    expect_not_said(text, other);
  }
}

TEST(Methods, EveryCitationHasItsSource) {
  const std::regex citation(
      R"(([A-Z][A-Za-z]+(?: [A-Z][a-z]+)?(?: and [A-Z][a-z]+| et al\.)?),? \(?([12][0-9]{3})\b)");
  for (const std::string& text :
       {methods_text(tests::with_robustness(tests::small_content()), 10),
        methods_text(tests::with_robustness(tests::with_folds(tests::small_content()))),
        methods_text(with_three_classes())}) {
    const std::size_t sources = text.find("Sources: ");
    ASSERT_NE(sources, text.npos);
    const std::string cited = text.substr(0, sources), known = text.substr(sources);
    for (std::sregex_iterator at(cited.begin(), cited.end(), citation), end; at != end; ++at) {
      expect_said(known, at->str(1) + " " + at->str(2) + ", ");
    }
  }
}

TEST(Methods, SourcesAreThoseThatAreCited) {
  EXPECT_EQ(sources_cited_in("As Cox (1958) says (Wilson, 1927); Hillis, 2008; Obuchowski and "
                             "Rockette, 1995."),
            "Cox 1958, doi:10.1093/biomet/45.3-4.562; Obuchowski and Rockette 1995, "
            "doi:10.1080/03610919508813243; Wilson 1927, doi:10.1080/01621459.1927.10502953.");
  EXPECT_EQ(sources_cited_in("Nothing."), "");
}

}  // namespace
}  // namespace fathom::report
