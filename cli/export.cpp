#include "fathom/deploy/export.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "cli/command.h"
#include "cli/terminal.h"
#include "fathom/base/download.h"
#include "fathom/results/words.h"

namespace fathom::cli {
namespace {

/// "test AUC 0.905 [0.886, 0.924]" of the test images; "" where there are none.
std::string test_auc(const Json& figures) {
  const Json images = figures.at("test").value("image", Json());
  if (images.is_null()) return "";
  const Json& auc = images.at("auc");
  std::string text =
      "test AUC of this training: " + results::fixed(number_or_nan(auc.at("value")), 3);
  const Json& interval = auc.at("formula");
  if (!interval.is_null()) {
    text += fmt::format(" [{}, {}]", results::fixed(number_or_nan(interval.at("low")), 3),
                        results::fixed(number_or_nan(interval.at("high")), 3));
  }
  return fmt::format("{} on {} images\n", text, images.at("cases").get<std::size_t>());
}

int export_model(const deploy::ExportOptions& options, const std::string& out) {
  const deploy::Exported exported = deploy::export_model(options);
  deploy::write_model(out, exported.model);
  const deploy::ModelCard& card = exported.model.card;
  fmt::print("{}\n", exported.why);
  fmt::print("temperature {:.3f}", card.temperature);
  if (!std::isnan(card.threshold)) {
    fmt::print(", threshold {:.3f} for '{}'", card.threshold, card.positive);
  }
  fmt::print(": chosen on validation\n{}", test_auc(card.figures));
  fmt::print("pretrained weights: {} ({}; licence: {})\n", shown(card.weights.name),
             shown(card.weights.source), shown(card.weights.licence));
  fmt::print("wrote {} ({}): the whole network with its card; it needs no study any more\n", out,
             human_bytes(std::filesystem::file_size(out)));
  fmt::print("Next: fathom predict {} IMAGES\n", shell_word(out));
  return kExitDone;
}

}  // namespace

void declare_export(CLI::App& app, Action& action) {
  struct Flags {
    deploy::ExportOptions options;
    std::string study, out;
  };
  auto flags = std::make_shared<Flags>();
  deploy::UnitWish& wish = flags->options.wish;
  app.add_option("STUDY", flags->study, "Folder of the study.")->required();
  app.add_option("--out", flags->out, "File to write, NAME.safetensors.")->required();
  auto* arch = app.add_option("--arch", wish.arch,
                              "Architecture; by default the one whose recommended level has the "
                              "highest validation AUC.");
  auto* depth = app.add_option("--depth", wish.depth,
                               "Level by name or number; by default the recommended one.");
  auto* seed = app.add_option("--seed", wish.seed,
                              "Seed; by default that of the training with the highest validation "
                              "AUC.");
  app.add_option("--unit", wish.unit, "One training by its id, as in results.csv and units/.")
      ->excludes(arch)
      ->excludes(depth)
      ->excludes(seed);
  app.add_option("--weights", flags->options.weights,
                 "NAME or FILE of the pretrained weights, where they are no longer found as the "
                 "study found them.");
  app.footer(
      "The file holds all tensors by torchvision's names and a card: preprocessing, classes,\n"
      "temperature, threshold, figures. See docs/tuned-models.md for its use from Python.\n"
      "When the study cannot tell which depth to take, choose it by --depth.");
  action = [flags](const Invocation&) {
    flags->options.study = flags->study;
    flags->options.fathom = FATHOM_VERSION;
    return export_model(flags->options, flags->out);
  };
}

}  // namespace fathom::cli
