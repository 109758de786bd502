#include <gtest/gtest.h>

#include <sstream>

#include "fathom/base/csv.h"
#include "fathom/report/page_data.h"
#include "fathom/report/report.h"
#include "fathom/report/text.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::report {
namespace {

/// The example study's journal, whose units have their predictions in folder().
struct ExampleOnDisk {
  tests::TemporaryFolder folder;
  results::JournalContent content = tests::example_content();

  ExampleOnDisk() { tests::write_example_predictions(folder.path(), content); }
};

const ExampleOnDisk& on_disk() {
  static const ExampleOnDisk example;
  return example;
}

const Study& example() {
  static const Study study = make_study(on_disk().folder.path(), on_disk().content);
  return study;
}

void expect_says(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

std::string cell_of(const CsvTable& table, std::size_t row, const std::string& column) {
  const int at = table.find(column);
  if (at < 0) throw std::logic_error("no column " + column);
  return table.rows[row][static_cast<std::size_t>(at)];
}

TEST(Report, AStudyIsReadFromItsJournals) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::example_content();
  tests::write_example_predictions(folder.path(), content);
  {
    results::Journal first(folder / "journal.jsonl");
    first.append(*content.study);
    for (const results::UnitRecord& unit : content.units) {
      if (unit.key.architecture != "mobilenet_v2") first.append(unit);
    }
  }
  {
    results::Journal second(folder / "journal-1.jsonl");
    for (const results::UnitRecord& unit : content.units) {
      if (unit.key.architecture == "mobilenet_v2") second.append(unit);
    }
    for (const results::ProbeRecord& probe : content.probes) second.append(probe);
  }
  const Study study = load_study(folder.path());
  EXPECT_EQ(terminal_report(study), terminal_report(example()));
  EXPECT_EQ(study.recommendations.size(), 2U);
}

TEST(Report, AJournalWithoutAStudyIsAnError) {
  const tests::TemporaryFolder folder;
  results::Journal(folder / "journal.jsonl").append(tests::example_units()[0]);
  expect_says(tests::error_of([&] { load_study(folder.path()); }), "does not say what was studied");
}

TEST(Report, MovingAStudyKeepsItsSummaries) {
  Study study = make_study(on_disk().folder.path(), on_disk().content);
  const Study moved = std::move(study);
  EXPECT_EQ(moved.summaries[0].units[0], &moved.content.units[0]);
}

TEST(TerminalReport, FitsEveryWidth) {
  const Study& study = example();
  for (const int width : {60, 72, 80, 100, 120, 200}) {
    std::istringstream lines(terminal_report(study, width));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << line;
      EXPECT_FALSE(line.ends_with(' ')) << "'" << line << "'";
    }
  }
}

TEST(TerminalReport, MarksTheRecommendedLevelAndSaysWhy) {
  const std::string text = terminal_report(example(), 120);
  expect_says(text, "▸  fire7");
  expect_says(text, "0.931 ± 0.002");
  expect_says(text, "0.935 [0.918, 0.948]");
  expect_says(text, "▸ Tune the top 3 blocks (from fire7): validation AUC 0.931 [");
  expect_says(text, "norm-only");
  expect_says(text, "2 (1 failed)");
  expect_says(text, "29 of 30 units finished, 1 failed.");
  expect_says(text, "Between architectures");
  expect_says(terminal_report(example(), 140), "bal. acc.");
  expect_says(text, "to the best [95 %]");
  expect_says(text, "best  0.9");
  expect_says(text, "SqueezeNet 1.1 (squeezenet1_1), 9 blocks, input 96 x 96 pixels\n");
}

TEST(TerminalReport, KeepsTheFiguresThatDecideOnANarrowTerminal) {
  const std::string text = terminal_report(example(), 80);
  for (const char* column : {"level", "validation AUC", "test AUC [95 %]", "time", "of all"}) {
    expect_says(text, column);
  }
  EXPECT_EQ(text.find("bal. acc."), std::string::npos);
}

TEST(TerminalReport, ShowsTheProbeAndWhereTuningChangedTheNetwork) {
  const std::string text = terminal_report(example(), 100);
  expect_says(text, "frozen probe [95 %]    LogME  tuned          least CKA");
  expect_says(text, "head   0.880 [0.850, 0.910]  -0.5100  0.851                  -");
  expect_says(text, "all    0.700 [0.670, 0.730]  -0.6000  0.918  0.790 after fire9");
  expect_says(text,
              "  • Over 5 levels, Spearman's rank correlation of the tuned test AUC is -0.70 [");
  expect_says(text, "norm-only  0.850 after stage5");  // MobileNetV2 was not probed
  results::JournalContent content = tests::example_content();
  content.probes.clear();
  for (results::UnitRecord& unit : content.units) unit.similarity.clear();
  const std::string none = terminal_report(make_study("study", content), 100);
  EXPECT_EQ(none.find("frozen probe"), std::string::npos);
  EXPECT_EQ(none.find("least CKA"), std::string::npos);
}

TEST(TerminalReport, SaysWhenOneFoldOfSeveralWasProbed) {
  results::JournalContent content = tests::example_content();
  for (std::size_t i = 0; i < content.units.size(); ++i) {
    content.units[i].key.fold = static_cast<int>(i % 5);
  }
  expect_says(terminal_report(make_study("study", content), 200), "(fold 1 of 5 alone: 3998 ");
}

TEST(TerminalReport, Warns) {
  results::JournalContent content = tests::example_content();
  content.damaged_lines = 2;
  content.study->data.skipped.assign(13, "bad\x1b[31m.png: broken");
  const std::string text = terminal_report(make_study("study", content), 200);
  expect_says(text, "No group column");
  expect_says(text, "13 files left out:");
  expect_says(text, "bad?[31m.png: broken");
  expect_says(text, "and 3 more, in results.json");
  expect_says(text, "the training loss became NaN in epoch 2");
  expect_says(text, "2 lines of the journal damaged");
  content.damaged_lines = 0;
  content.study->data.skipped.clear();
  content.study->data.warnings.clear();
  std::erase_if(content.units, [](const auto& unit) { return !unit.finished; });
  EXPECT_EQ(terminal_report(make_study("study", content), 120).find("Warnings"), std::string::npos);
}

TEST(TerminalReport, OfAStudyThatHasJustBegun) {
  const Study study = make_study("study", {.study = tests::example_study()});
  const std::string text = terminal_report(study, 80);
  expect_says(text, "0 of 30 units finished, 30 still to run: what is recommended may change.");
  expect_says(text, "? Cannot tell: no unit has finished");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
  EXPECT_EQ(text.find("▸"), std::string::npos) << text;
}

TEST(ResultsCsv, HasARowPerUnitAndEmptyCellsForWhatIsUndefined) {
  const Study& study = example();
  const CsvTable table = parse_csv(results_csv(study), "results.csv");
  ASSERT_EQ(table.rows.size(), 30U);
  EXPECT_EQ(cell_of(table, 0, "unit"), study.content.units[0].key.id());
  EXPECT_EQ(cell_of(table, 0, "level"), "head");
  EXPECT_EQ(std::stod(cell_of(table, 0, "valid_auc")), study.content.units[0].validation.auc);
  EXPECT_EQ(std::stod(cell_of(table, 0, "test_f1_tumour")),
            study.content.units[0].test->class_f1[1]);
  EXPECT_GT(std::stod(cell_of(table, 0, "test_average_precision")), 0.8);
  EXPECT_GT(std::stod(cell_of(table, 0, "test_temperature")), 0.1);
  EXPECT_EQ(cell_of(table, 1, "test_cohen_kappa"), "");
  EXPECT_EQ(cell_of(table, 0, "valid_auc_normal"), "");
  EXPECT_EQ(cell_of(table, 0, "in_summary"), "yes");
  EXPECT_EQ(cell_of(table, 1, "in_summary"), "no");  // fire9 at the rate that lost
  std::size_t failed = 0;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (cell_of(table, row, "status") != "failed") continue;
    ++failed;
    EXPECT_EQ(cell_of(table, row, "valid_auc"), "");
    EXPECT_EQ(cell_of(table, row, "test_auc"), "");
    expect_says(cell_of(table, row, "failure"), "became NaN in epoch 2; a smaller");
    EXPECT_EQ(cell_of(table, row, "total_seconds"), "21");
  }
  EXPECT_EQ(failed, 1U);
}

TEST(Results, TellWhatWasScoredBeyondTest) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_robustness(tests::example_content());
  tests::write_example_predictions(folder.path(), content);
  const Study study = make_study(folder.path(), std::move(content));
  const CsvTable table = parse_csv(results_csv(study), "results.csv");
  const results::UnitRecord& unit = study.content.units[4];
  EXPECT_EQ(std::stod(cell_of(table, 4, "train_auc")), unit.train->auc);
  EXPECT_EQ(std::stod(cell_of(table, 4, "external_site2_auc")), unit.external[0].scores.auc);
  EXPECT_EQ(std::stod(cell_of(table, 4, "corrupted_jpeg_3")), unit.corruptions[5].auc);
  EXPECT_EQ(cell_of(table, 4, "corrupted_noise_3"), "");
  EXPECT_EQ(cell_of(table, 4, "extra_seconds"), "1.5");

  const Json json = results_json(study);
  const Json& level = json["levels"][1]["generalization"];
  EXPECT_TRUE(level["external"][0]["auc"]["covers_images"].get<bool>());
  EXPECT_FALSE(level["drop"]["covers_images"].get<bool>());
  EXPECT_NEAR(level["drop"]["mean"].get<double>(), 0.034, 1e-9);
  // fire7 loses 0.004 a block less than all, which is 6 blocks deeper.
  const Json& against_all = json["recommendations"][0]["against_all"];
  EXPECT_NEAR(against_all["drop"]["mean"].get<double>(), -0.024, 1e-9);
  const Json page = page_data(study);
  const Json& notes = page["architectures"][0]["generalization_notes"];
  ASSERT_EQ(notes.size(), 1U);
  expect_says(notes[0], "AUC of fire7 minus that of all, over the same trainings: ");
  expect_says(notes[0], "; over other trainings and images], ");
  EXPECT_TRUE(json["recommendations"][1]["against_all"].is_null()) << "all is recommended";
  EXPECT_TRUE(page["architectures"][1]["generalization_notes"].empty());

  std::filesystem::remove(folder / "units" / unit.key.id() / "external-site2.csv");
  const Json damaged = page_data(make_study(folder.path(), study.content));
  expect_says(damaged["architectures"][0]["generalization_notes"][1],
              "1 file with predictions of external sets cannot be used");
}

TEST(Results, OfAnOlderStudySayWhatWasNotMeasured) {
  results::JournalContent content = tests::example_content();
  for (results::UnitRecord& unit : content.units) {
    unit.train.reset();
    unit.cost.extra_seconds.reset();
  }
  const Study study = make_study("study", std::move(content));
  EXPECT_EQ(cell_of(parse_csv(results_csv(study), "results.csv"), 1, "extra_seconds"), "");
  const Json level = page_data(study)["architectures"][0]["levels"][1];
  EXPECT_TRUE(level["cost"]["extra_seconds"].is_null());
  EXPECT_TRUE(level["generalization"]["train_to_valid"]["mean"].is_null());
  EXPECT_FALSE(level["generalization"]["valid_to_test"]["mean"].is_null());
}

TEST(ResultsJson, BeginsWithTheStudyAndTheAnswer) {
  const Study& study = example();
  const Json json = Json::parse(results_json(study).dump());
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"study", "recommendations", "comparisons", "levels",
                                            "learning_curves", "estimates", "prefixes", "probes",
                                            "units"}));
  EXPECT_TRUE(json["learning_curves"].empty()) << "it has one train_fraction";
  EXPECT_EQ(json["study"]["progress"]["failed"], 1);
  EXPECT_EQ(json["recommendations"][0]["level"], "fire7");
  EXPECT_EQ(json["recommendations"][0]["best_level"], "fire4");
  const auto chosen = json["recommendations"][0]["chosen"].get<std::size_t>();
  EXPECT_EQ(json["levels"][chosen]["level"], "fire7");
  EXPECT_EQ(json["levels"][chosen]["units"].size(), 3U);
  EXPECT_EQ(json["levels"][chosen]["valid_auc"]["count"], 3);
  EXPECT_EQ(json["units"].size(), 30U);
  EXPECT_EQ(json["units"][1]["id"], study.content.units[1].key.id());
  EXPECT_EQ(to_json(results::study_from_json(json["study"])), to_json(*study.content.study));
  EXPECT_EQ(to_json(results::unit_from_json(json["units"][1])), to_json(study.content.units[1]));
}

TEST(ResultsJson, ComparesEveryLevelWithTheBest) {
  const Json json = results_json(example());
  const Json& comparison = json["comparisons"][0];
  EXPECT_EQ(comparison["margin"], 0.01);
  EXPECT_EQ(json["levels"][comparison["best"].get<std::size_t>()]["level"], "fire4");
  ASSERT_EQ(comparison["levels"].size(), 5U);
  const Json &head = comparison["levels"][0], &fire7 = comparison["levels"][2];
  EXPECT_FALSE(head["good_enough"]);
  EXPECT_TRUE(fire7["good_enough"]);
  EXPECT_LT(fire7["p_value"].get<double>(), 0.05);
  EXPECT_LT(head["valid"]["high"].get<double>(), -0.05);
  EXPECT_LT(head["test"]["difference"].get<double>(), -0.05);
  EXPECT_EQ(comparison["levels"][3]["valid"]["difference"], 0) << "the best itself";
  EXPECT_GT(comparison["valid_variances"]["images"].get<double>(), 0);
}

TEST(ResultsJson, HasTheFiguresThatPredictionsGive) {
  const Json json = results_json(example());
  const Json& figures = json["units"][0]["test_figures"];
  EXPECT_GT(figures["average_precision"].get<double>(), 0.8);
  EXPECT_EQ(figures["calibration"]["bins"].size(), 15U);
  EXPECT_EQ(figures["calibration"]["positive_bins"].size(), 15U);
  EXPECT_NEAR(figures["calibrated"]["slope"].get<double>(),
              figures["calibration"]["slope"].get<double>() * figures["temperature"].get<double>(),
              1e-6);
  EXPECT_FALSE(json["units"][1].contains("test_figures")) << "a rate that lost: not in a summary";
}

TEST(ResultsJson, HasIntervalsOverImagesAndSeedsAndTheirVariances) {
  const Json json = results_json(example());
  const Json& intervals = json["units"][0]["test_intervals"];
  EXPECT_EQ(intervals["image"]["cases"], 1000);
  EXPECT_FALSE(intervals.contains("group_mean")) << "no groups are known";
  expect_says(intervals["image"]["formula"].get<std::string>(), "proportions: Wilson (1927) with");
  for (const char* figure : {"auc", "accuracy", "ppv", "sensitivity_at_threshold"}) {
    const Json& one = intervals["image"][figure];
    EXPECT_LT(one["formula"]["low"], one["value"]) << figure;
    EXPECT_GT(one["bootstrap"]["high"], one["value"]) << figure;
  }
  EXPECT_TRUE(intervals["image"]["brier_score"]["formula"].is_null());
  EXPECT_TRUE(intervals["image"]["sensitivity_at_95_specificity"]["formula"].is_null());
  const Json& auc = json["levels"][2]["precision"]["test"]["image"]["auc"];
  EXPECT_LT(auc["over_all"]["low"], auc["over_images"]["low"]);
  EXPECT_GT(auc["variance"]["images"].get<double>(), 0);
  EXPECT_GE(auc["variance"]["seeds"].get<double>(), 0);
  EXPECT_LT(json["comparisons"][0]["levels"][0]["test_images_alone"]["p_value"].get<double>(),
            0.01);
}

TEST(Results, WithGroupsScoreThemAsCases) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::example_content();
  std::erase_if(content.units, [](const auto& unit) { return unit.key.level.name != "fire7"; });
  content.study->data.groups = 600;
  tests::write_example_predictions(folder.path(), content, 10);
  const Study study = make_study(folder.path(), content);
  const CsvTable table = parse_csv(results_csv(study), "results.csv");
  for (const std::string column :
       {"test_auc", "test_auc_bootstrap", "test_group_mean_sensitivity",
        "test_group_max_auc_bootstrap", "test_sensitivity_at_threshold",
        "test_npv_at_threshold_bootstrap", "test_sensitivity_at_95_specificity_bootstrap"}) {
    EXPECT_LT(std::stod(cell_of(table, 0, column + "_low")),
              std::stod(cell_of(table, 0, column + "_high")))
        << column;
  }
  EXPECT_GT(std::stod(cell_of(table, 0, "test_ppv_at_threshold")), 0.5);
  const double threshold = std::stod(cell_of(table, 0, "test_group_max_threshold"));
  EXPECT_NE(threshold, std::stod(cell_of(table, 0, "test_threshold"))) << "groups have their own";
  EXPECT_GT(std::stod(cell_of(table, 0, "test_group_max_sensitivity_at_threshold")), 0.5);
  EXPECT_EQ(threshold, results_json(study)["units"][0]["test_intervals"]["group_max"]["threshold"]);
  expect_says(latex_report(study), "at thresholds of their own");
  EXPECT_EQ(std::stod(cell_of(table, 0, "test_group_mean_auc")),
            results_json(study)["units"][0]["test_intervals"]["group_mean"]["auc"]["value"]);
  expect_says(latex_report(study), "covariance over groups of images");
  expect_says(latex_report(study), "Groups were also scored as cases");
  expect_says(latex_report(study), "the effective number of images, over groups (Rao and Scott");
}

TEST(Results, TheRuleIsThatOfTheStudy) {
  results::JournalContent content = on_disk().content;
  content.study->settings["study"]["margin"] = 0.3;
  content.study->settings["study"]["confidence"] = 0.9;
  const Study study = make_study(on_disk().folder.path(), content);
  EXPECT_EQ(study.summaries[study.recommendations[0].chosen].level.name, "head");
  expect_says(study.recommendations[0].rule, "at 90 % confidence, to lose less than 0.3");
  expect_says(latex_report(study), "at 90 \\% confidence, to lose less than 0.3");
}

TEST(ResultsJson, SaysHowTheProbeAgreesWithTheTunedLevels) {
  const Json probe = results_json(example())["probes"][0];
  EXPECT_EQ(probe["folds"], 1);
  ASSERT_EQ(probe["by_fold"].size(), 1U);
  EXPECT_EQ(probe["by_fold"][0]["fold"], 0);
  EXPECT_EQ(probe["boundaries"][9]["level"], "head");
  const Json& agreement = probe["agreement"];
  EXPECT_EQ(agreement["levels"], 5);
  // Tuned, shallow to deep: 0.861, 0.905, 0.931, 0.9325, 0.928 less 0.01; the probe falls all
  // along.
  EXPECT_NEAR(agreement["probe"]["value"].get<double>(), -0.7, 1e-12);
  EXPECT_NEAR(agreement["logme"]["value"].get<double>(), -0.7, 1e-12);
  EXPECT_LT(agreement["probe"]["low"].get<double>(), -0.7);
  expect_says(agreement["words"].get<std::string>(), "Over 5 levels, Spearman's");
  expect_says(agreement["words"].get<std::string>(), "is -0.70 [-0.9");
}

TEST(ResultsJson, AgreementOfFewLevelsIsNotDefined) {
  results::JournalContent content = on_disk().content;
  std::erase_if(content.units, [](const auto& unit) { return unit.key.level.name != "fire7"; });
  const Json agreement =
      results_json(make_study(on_disk().folder.path(), content))["probes"][0]["agreement"];
  EXPECT_EQ(agreement["levels"], 1);
  EXPECT_TRUE(agreement["probe"]["value"].is_null());
  expect_says(agreement["words"].get<std::string>(), "Over 1 level, ");
  expect_says(agreement["words"].get<std::string>(), "is not defined");
}

TEST(ResultsJson, OfAStudyThatHasJustBegun) {
  const Json json = results_json(make_study("study", {.study = tests::example_study()}));
  EXPECT_EQ(json["recommendations"][0]["kind"], "cannot_tell");
  EXPECT_TRUE(json["recommendations"][0]["level"].is_null());
  EXPECT_TRUE(json["recommendations"][0]["best_level"].is_null());
  EXPECT_TRUE(json["levels"][0]["valid_auc"]["mean"].is_null());
  EXPECT_TRUE(json["units"].is_array() && json["units"].empty());
}

TEST(Report, SmallerFractionsStandBesideAndLeaveTheAnswerAsItIs) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_fractions(tests::example_content());
  // The answer's predictions come first, so that they are those of example().
  tests::write_example_predictions(folder.path(), content);
  const results::UnitRecord& fewer = content.units[36];
  ASSERT_TRUE(fewer.key.id().starts_with("squeezenet1_1-fire7-t0.1-"));
  std::filesystem::remove(tests::predictions_path(folder.path(), fewer));
  const Study study = make_study(folder.path(), std::move(content));
  EXPECT_EQ(study.recommendations[0].headline, example().recommendations[0].headline);
  EXPECT_EQ(study.recommendations[0].reasons, example().recommendations[0].reasons);
  const std::string text = terminal_report(study, 100);
  expect_says(text, "level       401 images      3998 images");
  expect_says(text, "fire7    0.821 ± 0.002    0.921 ± 0.002");
  expect_says(text, "fire4  * 0.823 ± 0.002  * 0.922 ± 0.002");
  expect_says(text, "validation AUC stays the same: fire4 with 401 training images");
  const Json curve = results_json(study)["learning_curves"][0];
  EXPECT_EQ(curve["architecture"], "squeezenet1_1");
  ASSERT_EQ(curve["points"].size(), 10U);
  EXPECT_EQ(curve["points"][0]["train_fraction"], 0.1);
  EXPECT_EQ(curve["points"][0]["images"], 401);
  EXPECT_TRUE(curve["points"][2]["precision"]["test"]["image"]["auc"]["over_all"].is_object());
  const CsvTable table = parse_csv(results_csv(study), "results.csv");
  EXPECT_EQ(cell_of(table, 1, "train_fraction"), "1");
  EXPECT_EQ(cell_of(table, 31, "train_fraction"), "0.1");
  EXPECT_EQ(cell_of(table, 31, "in_summary"), "yes");
  expect_says(latex_report(study),
              "every depth was also trained on 401 images (a share of 0.1), in nested draws");
}

TEST(Text, WrapsAtSpacesAndBreaksWhatIsTooLong) {
  EXPECT_EQ(wrapped("one two three", 9, "- ", "  "), "- one two\n  three\n");
  EXPECT_EQ(wrapped("a abcdefghij b", 6, "", " "), "a\n abcde\n fghij\n b\n");
  EXPECT_EQ(wrapped("ééé éé", 4, "", ""), "ééé\néé\n");
  EXPECT_EQ(wrapped("a\nb\x1b", 9, "", ""), "a?b?\n");
  EXPECT_EQ(wrapped("", 9, "- ", ""), "- \n");
}

TEST(Text, ATableDropsItsLeastImportantColumns) {
  const std::vector<TextColumn> columns{{"name", false, 3, {"é", "bb"}},
                                        {"x", true, 1, {"1", "22"}},
                                        {"long title", true, 2, {"3", "4"}}};
  EXPECT_EQ(
      text_table(columns, 40),
      "name   x  long title\n────────────────────\né      1           3\nbb    22           4\n");
  EXPECT_EQ(text_table(columns, 19),
            "name  long title\n────────────────\né              3\nbb             4\n");
  EXPECT_EQ(text_table(columns, 3), "name\n────\né\nbb\n");
}

}  // namespace
}  // namespace fathom::report
