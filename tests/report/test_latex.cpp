// Tables and paragraphs on methods for a paper.
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "fathom/base/atomic_file.h"
#include "fathom/report/latex_table.h"
#include "fathom/report/report.h"
#include "fathom/results/corrupted_predictions.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::report {
namespace {

const Study& latex_example() {
  static const tests::TemporaryFolder folder;
  static const Study study = [] {
    results::JournalContent content = tests::example_content();
    tests::write_example_predictions(folder.path(), content);
    return make_study(folder.path(), std::move(content));
  }();
  return study;
}

void expect_has(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

std::size_t count_in(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Latex, HasATableOfLevelsAndParagraphsOnMethods) {
  const std::string text = latex_report(latex_example());
  expect_has(text, "\\textbf{fire7} & 289 k & $0.931$ [$0.92");
  expect_has(text, "fire4 & best & $");
  expect_has(text, "\\textbf{fire7} & $-0.00");
  expect_has(text,
             "\\caption{Fine-tuning depth of MobileNetV2: trained parameters and AUC, mean over "
             "trainings [95 \\% interval over other seeds and other images].");
  expect_has(text,
             "that some other level is better by 0.01 or more, corrected after Dunnett; a level is "
             "good enough with at most 0.05.");
  expect_has(text, "Heads are trained side by side: their time, and that of");
  expect_has(text, "5998 images of 2 classes were used. ");
  expect_has(text, "SqueezeNet 1.1 and MobileNetV2 were fine-tuned");
  expect_has(text, "\\paragraph{Data.} 5998 images of");
  expect_has(text, "\\paragraph{Training.} SqueezeNet 1.1 and");
  expect_has(text, "\\paragraph{Figures.} AUC is the area");
  expect_has(text, "(3 seeds)");
  expect_has(text, "on the same images as depths were compared, which the tests do not allow for");
  expect_has(text, "3998 images were for training, 1000 for validation and 1000 for test; groups");
  expect_has(text, "covariance over images is by the method of DeLong");
  expect_has(text, "lose less than 0.01 of validation AUC against every other depth");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST(Latex, SaysInWhatSizeNetworksSawTheImages) {
  results::JournalContent content = tests::example_content();
  const auto text = [&] { return latex_report(make_study("study", content)); };
  expect_has(text(), "Networks were given them as they are, at 96 x 96 pixels.");
  content.study->architectures[1].input_size = 224;
  content.study->data.sizes = results::ImageSizes{64, 96, 96, 96, 12};
  expect_has(text(),
             "They are 64 to 96 pixels high and 96 wide, and were resized to 96 x 96 pixels for "
             "SqueezeNet 1.1 and 224 x 224 pixels for MobileNetV2; the proportions of the 12 that "
             "are not square were not kept.");
  content.study->data.sizes.reset();
  expect_has(text(), "Networks were given them at 96 x 96 pixels for SqueezeNet 1.1 and 224");
  for (auto& architecture : content.study->architectures) architecture.input_size = 0;
  EXPECT_EQ(text().find("Networks were given"), std::string::npos);
}

TEST(Latex, NamesTheWeightsWhereTheyHaveACard) {
  results::JournalContent content = tests::example_content();
  content.study->architectures[0].weights_card = {{"name", "squeezenet-x"}};
  content.study->architectures[1].weights_card = nullptr;
  expect_has(latex_report(make_study("study", content)),
             "SqueezeNet 1.1 (squeezenet-x) and MobileNetV2 were fine-tuned");
}

TEST(Latex, SaysHowTheStudyTrained) {
  results::JournalContent content = tests::example_content();
  content.study->settings["train"] = {{"optimizer", "adamw"}, {"epochs", 30}};
  for (std::size_t i = 0; i < content.units.size(); ++i) {
    content.units[i].key.fold = static_cast<int>(i % 5);
  }
  const std::string text = latex_report(make_study("study", content));
  expect_has(text,
             "Training: optimizer adamw, 30 epochs at most and learning rate 0.0001 and 0.001");
  expect_has(text, "Of 5 folds the first is described: 3998 images");
}

TEST(Latex, SaysHowManyGroupsWereCut) {
  results::JournalContent content = tests::example_content();
  content.study->settings["train"] = {{"class_weights", "none"}, {"sampling", "balanced"}};
  content.study->data.groups = 40;
  const auto text = [&] { return latex_report(make_study("study", content)); };
  expect_has(
      text(),
      "Training: class weights none, sampling balanced and learning rate 0.0001 and 0.001 (0.001 "
      "for the head alone).");
  expect_has(text(), "in 40 groups (patients, slides). ");
  content.study->data.cut_groups = 0;
  expect_has(text(), "in 40 groups (patients, slides), of which none was cut. ");
  content.study->data.cut_groups = 9;
  expect_has(text(), "of which the parts as they were given cut 9: images of one group were both");
}

TEST(Latex, SaysWhatTheScanFound) {
  results::JournalContent content = tests::example_content();
  const auto text = [&] { return latex_report(make_study("study", content)); };
  EXPECT_EQ(text().find("A scan"), std::string::npos);  // a study older than that
  content.study->data.equal_images = 0;
  content.study->data.look_alike_images = 12;
  expect_has(text(), "A scan of all images found none with the pixels of another and 12 that look");
}

TEST(Latex, NamesAreText) {
  results::JournalContent content = tests::example_content();
  content.study->data.positive = "50%_\\input{x}";
  const std::string text = latex_report(make_study("study", content));
  expect_has(text, "positive class 50\\%\\_\\textbackslash{}input\\{x\\}");
}

TEST(Latex, OfAStudyThatHasJustBegun) {
  const std::string text = latex_report(make_study("study", {.study = tests::example_study()}));
  expect_has(text, "head & -- & -- & -- & -- \\");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST(Latex, HasTheProbeAtEveryBoundary) {
  const std::string text = latex_report(latex_example());
  expect_has(text, "What the frozen features of SqueezeNet 1.1 tell before any tuning");
  expect_has(text,
             "(3998 training images, 1000 for validation and 1000 for test; 95 \\% intervals "
             "over images)");
  expect_has(text, "Over 5 levels, Spearman's rank correlation");
  expect_has(text,
             "image & 0.710 [0.680, 0.740] & 0.700 [0.670, 0.730] & $-0.6000$ & all & "
             "$0.918$ \\\\");
  expect_has(text, "fire2 & 0.750 [0.720, 0.780] & 0.740 [0.710, 0.770] & $-0.5800$ & fire3 & -- ");
  EXPECT_EQ(count_in(text, "before any tuning"), 1U) << "MobileNetV2 was not probed";
}

TEST(Latex, HasTheSimilarityOfEveryTunedBlock) {
  const std::string text = latex_report(latex_example());
  expect_has(text, "Where fine-tuning changed SqueezeNet 1.1:");
  expect_has(text, "Block & 1 & 3 & 6 & 9 \\\\");
  expect_has(text, "fire2 &  &  &  & $0.93$ \\\\");
  expect_has(text, "fire9 & $0.79$ & $0.79$ & $0.79$ & $0.79$ \\\\");
  expect_has(text, "Block & norm & 2 & 6 \\\\");
  expect_has(text, "(norm: normalization layers and head alone)");
}

TEST(Latex, SimilarityOfManyLevelsIsCutIntoTables) {
  tests::OneArchitecture one;
  results::ArchitectureSummary& studied = one.study.architectures[0];
  studied.blocks.clear();
  studied.levels.clear();
  for (int b = 1; b <= 15; ++b) studied.blocks.push_back("b" + std::to_string(b));
  for (int depth = 1; depth <= 15; ++depth) {
    const results::Level level{"b" + std::to_string(16 - depth), depth};
    studied.levels.push_back(level);
    one.units.push_back(tests::example_unit("squeezenet1_1", level, 0, 0.9, 0.5));
    one.units.back().similarity.assign(15, 0.5);
  }
  const std::string text =
      latex_report(make_study("study", {.study = one.study, .units = one.units}));
  EXPECT_EQ(count_in(text, "Where fine-tuning changed"), 2U);
  expect_has(text, "Block & 13 & 14 & 15 \\\\");
  expect_has(text, "b1 &  &  & $0.50$ \\\\");
}

TEST(Latex, HasGeneralizationAndCalibrationOfEveryLevel) {
  const std::string text = latex_report(latex_example());
  expect_has(text, "Generalization of SqueezeNet 1.1: differences of AUCs, means over trainings");
  expect_has(text, "Level & Training $-$ validation & Validation $-$ test \\\\");
  expect_has(text, "\\textbf{fire7} & $0.030$ & $0.010$ [$-0.0");
  expect_has(text, "intervals over other trainings and images. Bold: recommended.}");
  expect_has(text, "Calibration of SqueezeNet 1.1: mean $\\pm$ standard error over trainings. ECE");
  expect_has(text, "Level & ECE & $T$ & ECE at $T$ \\\\\n\\hline\nhead & $0.");
  EXPECT_EQ(text.find("severities"), std::string::npos) << "nothing was corrupted";
}

TEST(Latex, HasExternalSetsAndCorruptionsWhereTheyWereScored) {
  results::JournalContent content = tests::example_content();
  content.study->data.external = {{.name = "site_2", .images = 240}};
  content.study->settings["study"]["corrupted_images"] = 500;
  for (results::UnitRecord& unit : content.units) {
    if (!unit.finished) continue;
    unit.external = {{.name = "site_2", .scores = tests::example_scores(0.75)}};
    unit.uncorrupted_auc = 0.9;
    unit.corruptions = {{"blur", 1, 0.85}, {"blur", 2, 0.75}, {"jpeg", 1, 0.8}, {"jpeg", 2, 0.8}};
  }
  const std::string text = latex_report(make_study("study", content));
  expect_has(text, "Level & site\\_2 \\\\");
  expect_has(text, "head & $0.750$ \\\\");
  expect_has(text, "Level & Not corrupted & Corrupted & Drop \\\\");
  expect_has(text, "head & $0.900$ & $0.800$ & $0.100$ \\\\");
  expect_has(text, "Level & Corrupted, $-$ all & Drop, $-$ all \\\\");
  expect_has(text, "head & $0.000$ & $0.000$ \\\\");
  EXPECT_EQ(text.find("ECE at"), std::string::npos) << "no predictions were read";
  expect_has(text, "images of other origin, which none was trained on: site\\_2 (240 images).");
  expect_has(text,
             "on at most 500 test images, as they are and under 2 corruptions (blur and jpeg) "
             "at 5 severities each");
}

TEST(Latex, ManyExternalSetsAreCutIntoTables) {
  results::JournalContent content = tests::example_content();
  for (const char* name : {"a", "b", "c", "d"}) {
    content.study->data.external.push_back({.name = name, .images = 100});
    for (results::UnitRecord& unit : content.units) {
      const double auc = 0.75 + 0.01 * static_cast<double>(unit.key.seed);
      unit.external.push_back({.name = name, .scores = tests::example_scores(auc)});
    }
  }
  const std::string text = latex_report(make_study("study", std::move(content)));
  expect_has(text, "Level & a & b & c \\\\");
  expect_has(text, "Level & d \\\\\n\\hline\nhead & $0.760$ [$0.747$, $0.773$] \\\\");
}

TEST(Latex, MarksIntervalsThatDoNotCoverTrainingsAndImagesAlike) {
  const auto text_of = [](results::JournalContent content,
                          const std::vector<std::string>& without_corrupted = {}) {
    const tests::TemporaryFolder folder;
    content = tests::with_robustness(std::move(content));
    tests::write_example_corrupted(folder.path(), content);
    tests::write_example_predictions(folder.path(), content);
    for (const std::string& unit : without_corrupted) {
      std::filesystem::remove(folder / "units" / unit / results::kCorruptedFile);
    }
    return latex_report(make_study(folder.path(), std::move(content)));
  };
  const std::string seeds = text_of(tests::small_content());
  expect_has(seeds,
             "how far that is below; means over trainings with 95\\,\\% intervals over other "
             "trainings and images. Bold");
  expect_has(seeds,
             "differences of the mean AUC under corruption and of the drop, means over "
             "trainings with 95\\,\\% intervals over other trainings and images.");
  EXPECT_EQ(seeds.find("$^"), std::string::npos);
  const results::JournalContent content = tests::small_content();
  const std::string lost = text_of(content, {content.units[0].key.id()});  // of head
  expect_has(lost, "intervals over other trainings and images; with $^*$ over other seeds alone.");
  expect_has(lost, "\nhead & $0.8");
  EXPECT_EQ(count_in(lost, "]$^*$"), 3U + 2U) << "of head, and of its differences";
  const std::string one = text_of(tests::with_one_seed(tests::small_content()));
  expect_has(one, "95\\,\\% intervals over other images alone, of one training.");
  EXPECT_EQ(one.find("$^"), std::string::npos) << "all alike";
}

TEST(Latex, SaysOnlyWhatWasDone) {
  const std::string all = latex_report(latex_example());
  for (const char* words :
       {"\\paragraph{Robustness and diagnostics.} As many training images", "Calibration is",
        "over 15 bins of equal width", "Without any tuning, a linear probe",
        "at most 5000 images of each part; intervals of the", "by linear CKA",
        "At norm-only the affine parameters", "Computed with Fathom 0.1.0."}) {
    expect_has(all, words);
  }
  results::JournalContent content = tests::example_content();
  content.study->architectures = {tests::example_squeezenet()};
  content.study->versions = nullptr;
  content.probes.clear();
  for (results::UnitRecord& unit : content.units) {
    unit.similarity.clear();
    unit.test.reset();
    unit.train.reset();
  }
  const std::string less = latex_report(make_study("study", content));
  for (const char* words : {"Robustness and diagnostics", "norm-only", "linear probe", "CKA"}) {
    EXPECT_EQ(less.find(words), std::string::npos) << words;
  }
  expect_has(less, "Computed with Fathom.");
}

TEST(Latex, HasAllTestFiguresOfTheRecommendedLevelAndOfFullTuning) {
  const std::string text = latex_report(latex_example());
  expect_has(text,
             "Figures on test of SqueezeNet 1.1, mean over trainings [95 \\% interval over other "
             "seeds and other images], at the recommended level and with all blocks tuned. PPV and "
             "NPV hold where 50 \\% of images are tumour, as in the test part.");
  expect_has(text, "Test figure & \\textbf{fire7} & all \\\\");
  const Study& study = latex_example();
  const auto& figures = study.precisions[2].test.at(results::Cases::images);
  for (const auto& [title, figure] :
       {std::pair("AUC", stats::Figure::auc), std::pair("F1", stats::Figure::f1),
        std::pair("Brier score (0 to 2)", stats::Figure::brier_score)}) {
    expect_has(text, std::string(title) + " & " +
                         latex_figure(figures[figure].mean, figures[figure].over_all) + " & $0.");
  }
  expect_has(text, "\\emph{At the threshold chosen on validation} &  &  \\\\\nSensitivity & $0.");
  EXPECT_EQ(text.find("Groups, by the mean"), std::string::npos) << "no groups are known";
}

TEST(Latex, HasGroupsAsCases) {
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::small_content();
  tests::write_example_predictions(folder.path(), content, 5);
  const std::string text = latex_report(make_study(folder.path(), std::move(content)));
  expect_has(text, "\\emph{Groups, by the mean of their images} &  &  \\\\\nAUC & $");
  expect_has(text, "\\emph{Groups, by the maximum of their images} &  &  \\\\\nAUC & $");
}

TEST(Latex, HasTheDecision) {
  const std::string text = latex_report(latex_example());
  const results::Recommendation& answer = latex_example().recommendations[0];
  expect_has(text, "\\paragraph{Depth of SqueezeNet 1.1.} " + escaped(answer.headline));
  for (const std::string& reason : answer.reasons) expect_has(text, escaped(reason));
}

/// Where LaTeX is installed, a paper with everything in it compiles and nothing leaves the page.
TEST(Latex, Typesets) {
  if (tests::run_command({"sh", "-c", "command -v pdflatex"}).exit_code != 0) {
    GTEST_SKIP() << "pdflatex is not installed";
  }
  const tests::TemporaryFolder folder;
  results::JournalContent content = tests::with_robustness(tests::small_content());
  content.study->data.positive = content.study->data.classes[1].name = "tumour \"<|>^_~";
  tests::write_example_corrupted(folder.path(), content);
  tests::write_example_predictions(folder.path(), content, 5);
  const std::string text = latex_report(make_study(folder.path(), std::move(content)));
  write_file_atomically(folder / "paper.tex", "\\documentclass{article}\n\\begin{document}\n" +
                                                  text + "\\end{document}\n");
  const tests::CommandResult made = tests::run_command(
      {"pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-output-directory",
       folder.path().string(), (folder / "paper.tex").string()});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  EXPECT_EQ(made.output.find("Overfull"), std::string::npos) << made.output;
}

TEST(LatexTable, TextIsText) {
  EXPECT_EQ(escaped("a < b > c | \"d\" 5 ± 1"), "a $<$ b $>$ c $|$ ''d'' 5 $\\pm$ 1");
  EXPECT_EQ(escaped("-0.1 [-0.2, -0.3] two-sided --seeds 3 a-1"),
            "$-$0.1 [$-$0.2, $-$0.3] two-sided -{}-{}seeds 3 a-1");
  EXPECT_EQ(escaped("x\n\x7F"), "x??");
}

TEST(LatexTable, AFigureHasItsInterval) {
  EXPECT_EQ(latex_figure(-0.1234, {-0.2, 0.25}), "$-0.123$ [$-0.200$, $0.250$]");
  EXPECT_EQ(latex_figure(0.5, {NAN, NAN}), "$0.500$");
  EXPECT_EQ(latex_figure(NAN, {0, 1}), "--");
}

TEST(LatexTable, IsATabularWithACaptionAbove) {
  EXPECT_EQ(latex_table("Some \\% words.", {"A", "B"}, {{"x", "1"}, {"y", "2"}}),
            "\\begin{table}\n\\centering\n\\caption{Some \\% words.}\n"
            "\\footnotesize\\setlength{\\tabcolsep}{3pt}\n"
            "\\begin{tabular}{lr}\n\\hline\nA & B \\\\\n\\hline\n"
            "x & 1 \\\\\ny & 2 \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n");
}

}  // namespace
}  // namespace fathom::report
