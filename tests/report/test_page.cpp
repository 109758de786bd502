#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "fathom/base/atomic_file.h"
#include "fathom/image/image.h"
#include "fathom/report/page_data.h"
#include "fathom/report/report.h"
#include "fathom/results/predictions.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::tests {
namespace {

const std::string kHostileClass =
    "</script><script>document.title='owned'</script><img src=x "
    "onerror=\"document.title='owned'\">";

/// The example study with a predictions file of every finished unit.
report::Study study_with_predictions(const TemporaryFolder& folder,
                                     results::JournalContent content = example_content()) {
  write_example_predictions(folder.path(), content);
  return report::make_study(folder.path(), std::move(content));
}

void rename_classes(results::DataSummary& data, const std::vector<std::string>& names) {
  const std::string positive = names.back();
  for (std::size_t c = 0; c < names.size(); ++c) {
    for (auto& [name, png] : data.samples) {
      if (name == data.classes[c].name) name = names[c];
    }
    data.classes[c].name = names[c];
  }
  data.positive = positive;
}

results::JournalContent four_class_content() {
  results::JournalContent content = example_content();
  content.study->data.classes = {{"epithelial", 900, 225, 260},
                                 {"fibroblast", 500, 125, 170},
                                 {"inflammatory", 950, 240, 300},
                                 {"others", 300, 75, 90}};
  content.study->data.samples.clear();
  for (results::UnitRecord& unit : content.units) {
    if (!unit.finished) continue;
    const double auc = unit.test->auc;
    for (auto* figures : {&unit.test->class_auc, &unit.test->class_sensitivity,
                          &unit.test->class_specificity, &unit.test->class_f1}) {
      *figures = {auc, auc - 0.02, auc + 0.01, std::nan("")};
    }
    unit.test->confusion = {4, {220, 20, 12, 8, 15, 130, 20, 5, 10, 10, 270, 10, 9, 11, 20, 50}};
  }
  return content;
}

/// What stands in the page's data element.
std::string data_text(const std::string& html) {
  const std::string opening = "id=\"study-data\">";
  const std::size_t begin = html.find(opening) + opening.size();
  return html.substr(begin, html.find("</script>", begin) - begin);
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Page, CarriesTheDataOfTheStudy) {
  const TemporaryFolder folder;
  const report::Study study = study_with_predictions(folder);
  const Json data = Json::parse(data_text(report::report_html(study)));
  EXPECT_EQ(data.dump(), report::page_data(study).dump());

  EXPECT_EQ(data["study"]["name"], "pcam-depth");
  EXPECT_EQ(data["study"]["units_finished"], 29);
  const Json& squeezenet = data["architectures"][0];
  EXPECT_EQ(squeezenet["recommendation"]["headline"], study.recommendations[0].headline);
  EXPECT_EQ(squeezenet["levels"][squeezenet["recommendation"]["chosen"].get<int>()]["label"],
            "fire7");
  const Json& comparison = squeezenet["comparison"];
  EXPECT_EQ(squeezenet["levels"][comparison["best"].get<std::size_t>()]["label"], "fire4");
  EXPECT_EQ(comparison["rows"].size(), 5u);
  EXPECT_LT(comparison["rows"][0]["valid"]["high"].get<double>(), -0.01) << "head";
  EXPECT_EQ(squeezenet["closer"]["reliability"].size(), 3u);
  // NaN has no JSON: the first epoch's AUC and one class AUC are not defined in the example.
  EXPECT_TRUE(squeezenet["levels"][0]["units"][0]["history"]["valid_auc"][0].is_null());
  EXPECT_TRUE(squeezenet["levels"][0]["units"][0]["validation"]["class_auc"][0].is_null());
  // Indices count within the architecture.
  const Json& mobilenet = data["architectures"][1];
  EXPECT_EQ(mobilenet["levels"][0]["label"], "head");
  EXPECT_EQ(mobilenet["levels"][mobilenet["recommendation"]["chosen"].get<int>()]["label"], "all");
  EXPECT_EQ(mobilenet["closer"]["roc"].size(), 2u) << "the third seed failed";
  EXPECT_TRUE(squeezenet["images_curve"].is_null()) << "one train_fraction";
  EXPECT_EQ(squeezenet["levels"][1]["label"], "fire9");
  ASSERT_EQ(squeezenet["levels"][1]["similarity"].size(), 9u);
  EXPECT_EQ(squeezenet["levels"][1]["similarity"][7], 1) << "frozen";
  EXPECT_NEAR(squeezenet["levels"][1]["similarity"][8].get<double>(), 0.79, 1e-12);
  EXPECT_EQ(squeezenet["levels"][1]["calibration"]["temperature"]["count"], 3);
  EXPECT_EQ(data["methods"][0]["title"], "Data");
  EXPECT_EQ(squeezenet["probe"]["boundaries"].size(), 10u);
  EXPECT_TRUE(mobilenet["probe"].is_null()) << "not probed";
  ASSERT_EQ(data["failures"].size(), 1u);
  EXPECT_EQ(data["failures"][0]["level"], "all");
}

TEST(Page, RocCurveOfTheRecommendedLevelIsComputedFromThePredictions) {
  const TemporaryFolder folder;
  results::JournalContent content = example_content();
  // By hand: positives score 0.9 and 0.4, negatives 0.8 and 0.1; of the four pairs three are in
  // order, so the area is 3/4.
  results::PredictionsFile file;
  file.classes = {"normal", "tumour"};
  file.valid.classes = 2;
  file.test = {2, {0.1, 0.9, 0.2, 0.8, 0.6, 0.4, 0.9, 0.1}, {1, 0, 1, 0}};
  file.test_images = {"a", "b", "c", "d"};
  for (results::UnitRecord& unit : content.units) {
    unit.predictions_sha256 =
        results::write_predictions(predictions_path(folder.path(), unit), file);
  }
  const Json data = report::page_data(report::make_study(folder.path(), std::move(content)));
  const Json& curves = data["architectures"][0]["closer"]["roc"];
  ASSERT_EQ(curves.size(), 3u);
  EXPECT_EQ(curves[0]["class"], "tumour");
  EXPECT_EQ(curves[2]["seed"], "2");
  EXPECT_EQ(curves[0]["auc"], 0.75);
  EXPECT_EQ(curves[0]["points"].dump(), "[[0.0,0.0],[0.0,0.5],[0.5,0.5],[0.5,1.0],[1.0,1.0]]");
}

TEST(Page, HasEveryLevelByTheNumberOfTrainingImages) {
  const TemporaryFolder folder;
  const report::Study study = study_with_predictions(folder, with_fractions(example_content()));
  const Json curve = report::page_data(study)["architectures"][0]["images_curve"];
  EXPECT_TRUE(curve["in_words"].get<std::string>().starts_with("The level with the highest"));
  ASSERT_EQ(curve["points"].size(), 10u);
  const Json &few = curve["points"][2], &all = curve["points"][7];
  EXPECT_EQ(few["level"], "fire7");
  EXPECT_EQ(few["images"], 401);
  EXPECT_EQ(all["images"], 3998);
  EXPECT_LT(few["low"], few["mean"]);
  EXPECT_LT(few["high"].get<double>(), all["mean"].get<double>());
  EXPECT_FALSE(few["best"].get<bool>());
  EXPECT_TRUE(curve["points"][3]["best"].get<bool>()) << "fire4";
}

TEST(Page, LongRocCurvesAreThinnedWithoutLosingTheirShape) {
  const TemporaryFolder folder;
  results::JournalContent content = example_content();
  std::erase_if(content.units, [](const auto& unit) { return unit.key.level.name != "fire7"; });
  for (results::UnitRecord& unit : content.units) unit.validation.auc = 0.86;  // a long curve
  for (results::ClassCount& count : content.study->data.classes) count.test = 20000;
  const report::Study study = study_with_predictions(folder, std::move(content));
  const Json curve = report::page_data(study)["architectures"][0]["closer"]["roc"][0];
  EXPECT_LE(curve["points"].size(), 1002u);
  EXPECT_GE(curve["points"].size(), 300u);
  EXPECT_EQ(curve["points"].front().dump(), "[0.0,0.0]");
  EXPECT_EQ(curve["points"].back().dump(), "[1.0,1.0]");
  double area = 0;  // trapezes under what is left
  for (std::size_t i = 1; i < curve["points"].size(); ++i) {
    const Json &a = curve["points"][i - 1], &b = curve["points"][i];
    area +=
        (b[0].get<double>() - a[0].get<double>()) * (a[1].get<double>() + b[1].get<double>()) / 2;
  }
  EXPECT_NEAR(area, curve["auc"].get<double>(), 1e-3);
}

TEST(Page, SeveralClassesHaveACurveEach) {
  const TemporaryFolder folder;
  const Json data = report::page_data(study_with_predictions(folder, four_class_content()));
  const Json& closer = data["architectures"][0]["closer"];
  EXPECT_EQ(closer["roc"].size(), 4u * 3u);
  EXPECT_EQ(closer["roc"][1]["class"], "fibroblast");
  EXPECT_EQ(data["architectures"][0]["levels"][2]["units"][0]["test"]["confusion"][1].dump(),
            "[15,130,20,5]");
}

TEST(Page, ShowsWhatDecisionsAreWorthAtTheThreshold) {
  const TemporaryFolder folder;
  const Json data = report::page_data(study_with_predictions(folder));
  const Json& closer = data["architectures"][0]["closer"];
  ASSERT_EQ(closer["decisions"]["at_threshold"].size(), 3u);
  ASSERT_EQ(closer["decisions"]["calibration"].size(), 3u);
  EXPECT_GT(closer["decisions"]["calibration"][0]["as_given"]["slope"].get<double>(), 0);
  EXPECT_TRUE(closer["decisions"]["classes"].empty());
  const Json& first = closer["decisions"]["at_threshold"][0];
  EXPECT_EQ(first["seed"], "0");
  EXPECT_GT(first["threshold"].get<double>(), 0);
  const Json& level = data["architectures"][0]["levels"][closer["level"].get<std::size_t>()];
  for (const char* figure : {"sensitivity_at_threshold", "specificity_at_threshold",
                             "ppv_at_threshold", "npv_at_threshold"}) {
    EXPECT_LT(first[figure]["interval"]["low"], first[figure]["value"]) << figure;
    EXPECT_GT(first[figure]["interval"]["high"], first[figure]["value"]) << figure;
    const Json& mean = level["precision"]["test"]["image"][figure];
    EXPECT_LT(mean["over_all"]["low"], mean["mean"]) << figure;
  }
}

TEST(Page, ShowsEveryClassWithIntervals) {
  const TemporaryFolder folder;
  const Json data = report::page_data(study_with_predictions(folder, four_class_content()));
  const Json& decisions = data["architectures"][0]["closer"]["decisions"];
  EXPECT_TRUE(decisions["at_threshold"].empty());
  ASSERT_EQ(decisions["classes"].size(), 4u);
  for (const Json& one : decisions["classes"]) {
    for (const char* figure : {"auc", "sensitivity", "specificity"}) {
      EXPECT_LT(one[figure]["over_all"]["low"], one[figure]["mean"]) << figure;
    }
  }
}

TEST(Page, MissingAndChangedPredictionsAreSaidInWords) {
  const TemporaryFolder folder;
  const report::Study study = study_with_predictions(folder);
  const results::LevelSummary& chosen = study.summaries[study.recommendations[0].chosen];
  std::filesystem::remove(predictions_path(folder.path(), *chosen.units[0]));
  write_file_atomically(predictions_path(folder.path(), *chosen.units[1]), "image,split\n");
  const Json closer = report::page_data(study)["architectures"][0]["closer"];
  EXPECT_EQ(closer["roc"].size(), 1u);
  ASSERT_EQ(closer["missing"].size(), 2u);
  EXPECT_TRUE(
      closer["missing"][0].get<std::string>().starts_with("No ROC curve of seed 0, fold 1: "))
      << closer["missing"][0];
  EXPECT_NE(closer["missing"][1].get<std::string>().find("not the file that the unit wrote"),
            std::string::npos)
      << closer["missing"][1];
}

TEST(Page, AStudyWithoutAnAnswerSaysSo) {
  results::JournalContent content = example_content();
  std::erase_if(content.units, [](const auto& unit) { return unit.key.seed != 0; });
  const Json data = report::page_data(report::make_study("nowhere", std::move(content)));
  const Json& squeezenet = data["architectures"][0];
  EXPECT_EQ(squeezenet["recommendation"]["kind"], "cannot_tell");
  EXPECT_TRUE(squeezenet["recommendation"]["chosen"].is_null());
  EXPECT_EQ(squeezenet["levels"][squeezenet["closer"]["level"].get<int>()]["label"], "fire4");

  content = example_content();
  content.units.clear();
  const Json empty = report::page_data(report::make_study("nowhere", std::move(content)));
  EXPECT_TRUE(empty["architectures"][1]["closer"].is_null());
  EXPECT_TRUE(empty["architectures"][1]["comparison"].is_null());
  EXPECT_TRUE(empty["architectures"][1]["levels"][0]["valid_auc"]["mean"].is_null());
}

TEST(Page, NamesCannotEndTheDataElement) {
  const TemporaryFolder folder;
  results::JournalContent content = example_content();
  rename_classes(content.study->data, {"a & b <!-- \u2028", kHostileClass});
  content.study->name = "--></script>";
  content.study->data.path = "latin-\xe9";  // not UTF-8
  const std::string hostile_file = "a\"b'<script>.png: not an image";
  content.study->data.skipped = {hostile_file};
  const report::Study study = study_with_predictions(folder, std::move(content));
  const std::string html = report::report_html(study);
  const std::string text = data_text(html);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(text.find("\u2028"), std::string::npos);
  EXPECT_EQ(html.find("document.title='owned'</script>"), std::string::npos);
  const Json data = Json::parse(text);
  EXPECT_EQ(data["data"]["classes"][1]["name"], kHostileClass);
  EXPECT_EQ(data["data"]["classes"][0]["name"], "a & b <!-- \u2028");
  EXPECT_EQ(data["data"]["path"], "latin-\ufffd");
  EXPECT_EQ(data["data"]["skipped"][0], hostile_file);
}

TEST(Page, IsOneFileThatAsksTheNetworkForNothing) {
  const TemporaryFolder folder;
  results::JournalContent content = example_content();
  // Histories of 60 epochs and 16 sample images of 20 kB.
  content.study->data.samples.assign(16, {"tumour", std::string(27000, 'A')});
  for (results::UnitRecord& unit : content.units) {
    while (unit.finished && unit.history.size() < 60) unit.history.push_back(unit.history.back());
  }
  const std::string html = report::report_html(study_with_predictions(folder, std::move(content)));
  EXPECT_LT(html.size(), 3u << 20);
  EXPECT_NE(html.find("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"),
            std::string::npos);
  EXPECT_EQ(count_of(html, "<script"), 2u) << "the data and the page's own script";
  for (const char* request : {"src=\"http", "src=\"/", "href=\"http", "href=\"/", "url(http",
                              "url(/", "@import", "'unsafe-eval'"}) {
    EXPECT_EQ(html.find(request), std::string::npos) << request;
  }
}

/// One of cost, one of SqueezeNet's probe; each architecture: AUC by depth, forest, similarity,
/// ROC, confusion, reliability, that of the positive class, loss, AUC.
constexpr std::size_t kFigures = 2 + 2 * 9;

/// The page as headless Chromium builds it.
class PageInBrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (run_command({"chromium", "--version"}).exit_code != 0) {
      GTEST_SKIP() << "chromium is not installed (apt-get install chromium)";
    }
  }

  std::string dom_of(const report::Study& study, const std::string& window = "1400,1000") {
    write_file_atomically(folder_ / "page.html", report::report_html(study));
    const CommandResult result = run_command(
        {"timeout", "120", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
         "--disable-background-networking", "--user-data-dir=" + (folder_ / "profile").string(),
         "--window-size=" + window, "--virtual-time-budget=5000", "--dump-dom",
         "file://" + (folder_ / "page.html").string()});
    EXPECT_EQ(result.exit_code, 0) << result.output.substr(0, 2000);
    // Without the page's own script, whose text is not what people see.
    const std::size_t body = result.output.find("<body");
    return body == std::string::npos ? "" : result.output.substr(body);
  }

  static void expect_drawn(const std::string& dom, std::size_t figures) {
    EXPECT_EQ(count_of(dom, "<figure"), figures);
    EXPECT_EQ(count_of(dom, "class=\"chart\""), figures);
    EXPECT_EQ(count_of(dom, "<svg"), figures) << "every figure holds one drawing";
    EXPECT_EQ(count_of(dom, "class=\"page-error\""), 0u);
    EXPECT_EQ(count_of(dom, "class=\"chart-error\""), 0u);
  }

  TemporaryFolder folder_;
};

TEST_F(PageInBrowser, DrawsEveryFigureAndTheAnswer) {
  const report::Study study = study_with_predictions(folder_);
  const std::string dom = dom_of(study);
  expect_drawn(dom, kFigures);
  for (const results::Recommendation& recommendation : study.recommendations) {
    EXPECT_NE(dom.find(">" + recommendation.headline + "</p>"), std::string::npos);
  }
  EXPECT_NE(dom.find("No group column"), std::string::npos);
  EXPECT_NE(dom.find("Over 5 levels, Spearman's rank correlation"), std::string::npos);
  EXPECT_NE(dom.find("the frozen network's features at every boundary"), std::string::npos);
  EXPECT_NE(dom.find("the training loss became NaN in epoch 2"), std::string::npos);
  EXPECT_NE(dom.find("fathom study configs/pcam.toml --seeds 3"), std::string::npos);
  EXPECT_NE(dom.find("src=\"data:image/png;base64,"), std::string::npos);
  EXPECT_NE(dom.find("MobileNetV2: 96 x 96 pixels"), std::string::npos);
  EXPECT_NE(dom.find("2 files were left out"), std::string::npos);
}

TEST_F(PageInBrowser, ShowsGroupsAsCasesAndWhatTheErrorIsMadeOf) {
  results::JournalContent content = example_content();
  content.study->data.groups = 600;
  write_example_predictions(folder_.path(), content, 10);
  const std::string dom = dom_of(report::make_study(folder_.path(), std::move(content)));
  expect_drawn(dom, kFigures);
  for (const char* words :
       {"with whole groups (patients, slides) as cases", "SD of seeds × images",
        "Test, images alone (DeLong)", "Matthews corr.", "Groups were also scored as cases",
        "Sensitivity at 95 % specificity", "At the threshold chosen on validation, level fire7",
        "Mean of 3", "Slope: 1 is right", "calibration on test", "<strong>Figures. </strong>AUC is",
        "href=\"https://doi.org/10.1002/sim.2532\""}) {
    EXPECT_NE(dom.find(words), std::string::npos) << words;
  }
}

TEST_F(PageInBrowser, ShowsWhatIsLostOnExternalSetsAndUnderCorruptions) {
  const report::Study study = study_with_predictions(folder_, with_robustness(example_content()));
  const std::string dom = dom_of(study);
  expect_drawn(dom, kFigures + 2);  // generalization by level of each architecture
  for (const char* words :
       {"Training minus validation AUC", "AUC on site2", "AUC of fire7 minus that of all",
        "of external sets over other trainings and other images; of training images over other "
        "trainings alone]",
        "Severity 5", "Heads are trained side by side"}) {
    EXPECT_NE(dom.find(words), std::string::npos) << words;
  }
  EXPECT_EQ(dom.find("not measured"), std::string::npos);
}

TEST_F(PageInBrowser, SaysOfAnOlderStudyWhatWasNotMeasured) {
  results::JournalContent content = example_content();
  for (results::UnitRecord& unit : content.units) unit.train.reset();
  EXPECT_NE(dom_of(study_with_predictions(folder_, std::move(content))).find("not measured"),
            std::string::npos);
}

TEST_F(PageInBrowser, DrawsSeveralClassesOnANarrowScreen) {
  const report::Study study = study_with_predictions(folder_, with_fractions(four_class_content()));
  const std::string dom = dom_of(study, "500,900");  // the narrowest window that it opens
  // In the place of the reliability of a positive class the AUC by training images.
  expect_drawn(dom, kFigures);
  EXPECT_NE(dom.find("fire4 with 401 training images"), std::string::npos);
  EXPECT_NE(dom.find("Scores of each class against all others, level fire7"), std::string::npos);
  EXPECT_EQ(dom.find("At the threshold chosen on validation"), std::string::npos);
}

TEST_F(PageInBrowser, FitsWideAndNarrowScreensInLightAndDarkAndSavesItsFigures) {
  const report::Study study = study_with_predictions(folder_, with_robustness(example_content()));
  write_file_atomically(folder_ / "page.html", report::report_html(study));
  const std::filesystem::path saved = folder_ / "saved";
  const Json seen = Json::parse(run_oracle("browse_page.py", {folder_ / "page.html", saved}));
  ASSERT_EQ(seen["views"].size(), 4u);
  for (const Json& view : seen["views"]) {
    const std::string screen = fmt::format("{} {}", view["width"].dump(), view["scheme"].dump());
    const std::string paper = view["scheme"] == "dark" ? "rgb(20, 24, 28)" : "rgb(255, 255, 255)";
    EXPECT_LE(view["wider"], 0) << screen;
    EXPECT_EQ(view["paper"], paper) << screen;
    EXPECT_EQ(view["charts"].size(), kFigures + 2) << screen;
    for (const Json& chart : view["charts"]) {
      EXPECT_LE(chart["wider"], 0) << screen;
      EXPECT_EQ(chart["paper"], paper) << screen << ": charts follow the scheme";
    }
  }
  EXPECT_EQ(seen["errors"].dump(), "[]");
  ASSERT_EQ(seen["saved"].size(), 6u) << seen["saved"];
  for (const int figure : {1, 2, 3}) {
    const std::string name = fmt::format("pcam-depth-figure-{}", figure);
    EXPECT_TRUE(read_file(saved / (name + ".svg")).starts_with("<svg ")) << name;
    const image::Image picture = image::decode_file(saved / (name + ".png"));
    EXPECT_GT(picture.width, 1000) << "three times as fine as on the screen";
  }
}

TEST_F(PageInBrowser, ShowsHostileNamesAsText) {
  results::JournalContent content = example_content();
  rename_classes(content.study->data, {"normal", kHostileClass});
  content.study->name = "<b>bold</b>";
  const std::string dom = dom_of(study_with_predictions(folder_, std::move(content)));
  expect_drawn(dom, kFigures);
  EXPECT_NE(dom.find("&lt;/script&gt;&lt;script&gt;document.title="), std::string::npos);
  EXPECT_NE(dom.find("<h1>&lt;b&gt;bold&lt;/b&gt;</h1>"), std::string::npos);
  EXPECT_EQ(dom.find("<img src=\"x\""), std::string::npos);
  EXPECT_EQ(dom.find("<b>bold"), std::string::npos);
}

TEST_F(PageInBrowser, ShowsAStudyThatHasJustBegun) {
  results::JournalContent content = example_content();
  content.units.clear();
  const std::string dom = dom_of(report::make_study(folder_.path(), std::move(content)));
  expect_drawn(dom, 0);
  EXPECT_NE(dom.find("Cannot tell"), std::string::npos);
}

}  // namespace
}  // namespace fathom::tests
