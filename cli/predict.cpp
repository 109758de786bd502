#include "fathom/deploy/predict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "cli/command.h"
#include "cli/terminal.h"
#include "fathom/base/atomic_file.h"
#include "fathom/results/words.h"

namespace fathom::cli {
namespace {

using stats::Figure;

struct PredictFlags {
  std::string model, out, precision;
  deploy::PredictInput input;
  FieldFlags data;
};

/// Those settings of a data set that say what is to be read.
std::vector<Field> input_fields(data::DataOptions& options) {
  constexpr std::array<std::string_view, 5> kHeard = {"data", "source", "label_by", "only",
                                                      "skip_bad"};
  std::vector<Field> fields;
  std::ranges::copy_if(options.fields(), std::back_inserter(fields), [&](const Field& field) {
    return std::ranges::find(kHeard, field.name) != kHeard.end();
  });
  return fields;
}

/// "0.905 [0.886, 0.924]"
std::string with_interval(double value, const stats::Interval& interval) {
  if (std::isnan(interval.low)) return results::fixed(value, 3);
  return fmt::format("{} [{}, {}]", results::fixed(value, 3), results::fixed(interval.low, 3),
                     results::fixed(interval.high, 3));
}

/// By its formula, or by the bootstrap where it has none.
std::string with_interval(const results::CaseScores& scores, Figure figure) {
  const stats::Interval& by_formula = scores.by_formula[figure];
  return with_interval(scores.values[figure],
                       std::isnan(by_formula.low) ? scores.by_bootstrap(figure) : by_formula);
}

void print_evaluation(std::FILE* to, const deploy::ModelCard& card,
                      const deploy::Evaluation& evaluation) {
  const results::CaseScores& scores = evaluation.scores;
  const bool grouped = scores.groups != scores.cases;
  fmt::print(to, "\n{} images{}, figures with 95 % intervals:\n", scores.cases,
             grouped ? fmt::format(" of {} groups", scores.groups) : "");
  for (const auto& [figure, name] :
       {std::pair(Figure::auc, "AUC"), std::pair(Figure::accuracy, "accuracy"),
        std::pair(Figure::balanced_accuracy, "balanced accuracy"),
        std::pair(Figure::sensitivity, "sensitivity"),
        std::pair(Figure::specificity, "specificity"), std::pair(Figure::f1, "F1")}) {
    fmt::print(to, "  {:<28} {}\n", name, with_interval(scores, figure));
  }
  if (!std::isnan(card.threshold)) {
    fmt::print(to, "  {:<28} {}\n  {:<28} {}\n", "sensitivity at the threshold",
               with_interval(scores, Figure::sensitivity_at_threshold),
               "specificity at the threshold",
               with_interval(scores, Figure::specificity_at_threshold));
  }
  fmt::print(to, "  {:<28} {} ({} without the temperature)\n", "calibration error",
             results::fixed(evaluation.calibration_error, 3),
             results::fixed(evaluation.calibration_error_before, 3));
  fmt::print(to, "Intervals: AUC by DeLong, proportions by Wilson{}, others by bootstrap{}.\n",
             grouped ? " with the effective number of images" : "",
             grouped ? ", all over groups" : "");
  if (evaluation.of_the_study) {
    fmt::print(
        to,
        "These are the images of the study, most of which trained or chose this model: the\n"
        "figures flatter it. How it does on its test images stands in the study's report.\n");
  }
}

void print_meaning(std::FILE* to, const deploy::ModelCard& card) {
  fmt::print(to, "p_CLASS: probabilities after the temperature {:.3f}, which validation chose\n",
             card.temperature);
  if (std::isnan(card.threshold)) return;
  fmt::print(to,
             "at_threshold: '{}' where its probability before the temperature is at least {:.3f},\n"
             "which validation chose (the largest sum of sensitivity and specificity)\n",
             shown(card.positive), card.threshold);
}

void print_skipped(std::FILE* to, const data::Dataset& dataset) {
  if (dataset.skipped.empty()) return;
  constexpr std::size_t kShown = 10;
  fmt::print(to, "left out: {}\n", dataset.skipped.size());
  for (std::size_t i = 0; i < std::min(kShown, dataset.skipped.size()); ++i) {
    fmt::print(to, "  {}: {}\n", shown(dataset.skipped[i].id), shown(dataset.skipped[i].reason));
  }
}

void check_input(const deploy::PredictInput& input) {
  if (input.paths.empty() != input.has_labels()) {
    throw UsageError(input.has_labels()
                         ? "PATHS and --data: give images without labels, or a data set with them"
                         : "nothing to look at: give images or folders of images, or --data DATA");
  }
  const data::DataOptions& data = input.data;
  if (!input.has_labels() && !(data.source + data.label_by + data.only).empty()) {
    throw UsageError("--source, --label-by and --only are about images with labels (--data)");
  }
}

int predict_images(PredictFlags& flags) {
  flags.data.apply(input_fields(flags.input.data));
  check_input(flags.input);
  stop_on_signals();
  const deploy::Model model = deploy::read_model(flags.model);
  const deploy::ModelCard& card = model.card;
  const data::Dataset dataset = deploy::open_input(flags.input, card);
  const AmountProgress progress = image_progress();
  const train::Precision precision =
      train::resolve_precision(flags.precision.empty() ? card.precision : flags.precision);
  const stats::Predictions predictions =
      deploy::predict(model, dataset, precision, [&](std::size_t done) {
        if (!progress(done, dataset.samples.size())) throw InterruptedForGood();
      });
  clear_line();
  const bool with_labels = flags.input.has_labels();
  const std::string csv = deploy::predictions_csv(card, dataset, predictions, with_labels);
  std::FILE* notes = flags.out.empty() ? stderr : stdout;
  if (flags.out.empty()) {
    fmt::print("{}", csv);
    std::fflush(stdout);
  } else {
    write_file_atomically(flags.out, csv);
    fmt::print("wrote {} ({} images)\n", flags.out, predictions.size());
  }
  print_meaning(notes, card);
  print_skipped(notes, dataset);
  if (with_labels) print_evaluation(notes, card, deploy::evaluate(card, dataset, predictions));
  return kExitDone;
}

}  // namespace

void declare_predict(CLI::App& app, Action& action) {
  auto flags = std::make_shared<PredictFlags>();
  app.add_option("MODEL", flags->model, "File that 'fathom export' wrote.")->required();
  app.add_option("PATHS", flags->input.paths,
                 "Images, and folders of which every image is taken; without labels.");
  app.add_option("--out", flags->out,
                 "CSV file to write; by default the table goes to standard output and all else to "
                 "standard error.");
  app.add_option("--precision", flags->precision,
                 "Number format of the convolutions, fp32 or bf16; by default that of the study, "
                 "which gives its probabilities again.")
      ->check(CLI::IsMember({"fp32", "bf16"}));
  flags->data.declare(app, "Images with labels", input_fields(flags->input.data));
  app.footer(
      "Examples:\n"
      "  fathom predict model.safetensors slide1.png slide2.png\n"
      "  fathom predict model.safetensors --data site2/ --out site2.csv\n"
      "Images are resized, stain-normalized and scaled as the model's card says, as in the study.");
  action = [flags](const Invocation&) { return predict_images(*flags); };
}

}  // namespace fathom::cli
