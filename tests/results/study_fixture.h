// A made-up but plausible study for tests of results and report: two architectures, three seeds,
// one level at two learning rates, one failed unit, figures that are not defined.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fathom/base/random.h"
#include "fathom/results/corrupted_predictions.h"
#include "fathom/results/journal.h"
#include "fathom/results/predictions.h"
#include "fathom/results/record.h"
#include "fathom/stats/intervals.h"

namespace fathom::tests {

inline constexpr int kExampleSeeds = 3;

inline results::ArchitectureSummary example_squeezenet() {
  return {
      .name = "squeezenet1_1",
      .title = "SqueezeNet 1.1",
      .blocks = {"stem", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9"},
      .input_size = 96,
      .levels = {{"head", 0}, {"fire9", 1}, {"fire7", 3}, {"fire4", 6}, {"all", 9}},
      .weights_card = {{"source", "torchvision IMAGENET1K_V1"}, {"licence", "BSD-3-Clause"}}};
}

inline results::ArchitectureSummary example_mobilenet() {
  return {.name = "mobilenet_v2",
          .title = "MobileNetV2",
          .blocks = {"stem", "stage1", "stage2", "stage3", "stage4", "stage5"},
          .input_size = 96,
          .levels = {{"head", 0}, {"norm-only", 0, true}, {"stage4", 2}, {"all", 6}},
          .weights_card = {{"source", "torchvision IMAGENET1K_V2"}, {"licence", "BSD-3-Clause"}}};
}

inline results::DataSummary example_data() {
  // One grey pixel.
  const std::string png =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Er"
      "kJggg==";
  return {.path = "data/pcam",
          .source = "folder",
          .fingerprint = std::string(64, 'd'),
          .sizes = results::ImageSizes{96, 96, 96, 96},
          .positive = "tumour",
          .images = 5998,
          .groups = 0,
          .classes = {{"normal", 1999, 500, 500}, {"tumour", 1999, 500, 500}},
          .warnings = {"No group column: images of one patient may stand in both training and "
                       "test, which makes every figure look better than it is."},
          .skipped = {"data/pcam/train/tumour/0017.png: truncated PNG",
                      "data/pcam/test/normal/0404.png: not an image"},
          .samples = {{"normal", png}, {"normal", png}, {"tumour", png}, {"tumour", png}}};
}

inline results::StudyRecord example_study() {
  results::StudyRecord study{
      .name = "pcam-depth",
      .command = "fathom study configs/pcam.toml --seeds 3",
      .created_at = "2026-03-01T12:00:00Z",
      .settings = {{"training", {{"epochs", 4}, {"optimizer", "adamw"}}},
                   {"study", {{"seeds", 3}}}},
      .versions = {{"fathom", "0.1.0"}, {"libtorch", "1.13.0"}, {"threads", 2}},
      .data = example_data(),
      .architectures = {example_squeezenet(), example_mobilenet()}};
  study.units = 10 * kExampleSeeds;
  return study;
}

inline stats::Scores example_scores(double auc) {
  const auto hits = static_cast<std::size_t>(std::lround(500 * (auc - 0.04)));
  stats::Scores scores{.auc = auc,
                       .accuracy = auc - 0.05,
                       .balanced_accuracy = auc - 0.05,
                       .sensitivity = auc - 0.06,
                       .specificity = auc - 0.04,
                       .f1 = auc - 0.055,
                       .log_loss = 1.2 - auc,
                       .class_auc = {auc, auc},
                       .class_sensitivity = {auc - 0.04, auc - 0.06},
                       .class_specificity = {auc - 0.06, auc - 0.04},
                       .class_f1 = {auc - 0.045, auc - 0.055}};
  scores.confusion = {2, {hits, 500 - hits, 510 - hits, hits - 10}};
  return scores;
}

inline std::vector<results::EpochRecord> example_history(double auc) {
  std::vector<results::EpochRecord> history;
  for (int epoch = 1; epoch <= 4; ++epoch) {
    const double missing = 0.08 / epoch;
    history.push_back({.epoch = epoch,
                       .learning_rate = 0.001,
                       .train_loss = 0.3 + missing,
                       .valid_loss = 0.32 + missing,
                       .valid_auc = auc - missing + 0.02,
                       .seconds = 2.5});
  }
  history[0].valid_auc = std::numeric_limits<double>::quiet_NaN();
  return history;
}

/// A finished unit. `share`: of the network that is tuned, 0 to 1.
inline results::UnitRecord example_unit(const std::string& architecture,
                                        const results::Level& level, std::uint64_t seed,
                                        double valid_auc, double share) {
  results::UnitRecord unit;
  unit.key = {.architecture = architecture,
              .weights = std::string(64, 'a'),
              .level = level,
              .seed = seed,
              .learning_rate = 0.001,
              .settings = std::string(64, 'b')};
  unit.finished = true;
  unit.best_epoch = 3;
  unit.validation = example_scores(valid_auc);
  unit.train = {1000, valid_auc + 0.03, 0.15};
  unit.test = example_scores(valid_auc - 0.01);
  unit.history = example_history(valid_auc);
  const std::size_t blocks = architecture == "squeezenet1_1" ? example_squeezenet().blocks.size()
                                                             : example_mobilenet().blocks.size();
  for (std::size_t b = 0; b < blocks; ++b) {
    const bool frozen = !level.norm_only && b + static_cast<std::size_t>(level.depth) < blocks;
    unit.similarity.push_back(frozen ? 1 : 0.95 - 0.02 * static_cast<double>(b));
  }
  unit.cost = {.prefix_seconds = 4 * (1 - share),
               .train_seconds = 3 + 57 * share,
               .evaluate_seconds = 2,
               .total_seconds = 9 + 53 * share,
               .prefix_flops = 7e8 * (1 - share),
               .forward_flops = 7e8 * share + 1e6,
               .backward_flops = 1.4e9 * share + 2e6,
               .trainable_parameters = 1026 + std::lround(7.2e5 * share),
               .total_parameters = 723522,
               .peak_memory_bytes = std::int64_t{512} << 20,
               .extra_seconds = 1.5};
  unit.frozen_hash = std::string(16, 'c');
  unit.predictions_sha256 = std::string(64, 'e');
  unit.finished_at = "2026-03-01T12:30:00Z";
  return unit;
}

/// Three seeds of one level, around `valid_auc` with a standard deviation of 0.004.
inline void add_example_level(std::vector<results::UnitRecord>& units,
                              const std::string& architecture, const results::Level& level,
                              double valid_auc, double share) {
  for (int seed = 0; seed < kExampleSeeds; ++seed) {
    units.push_back(example_unit(architecture, level, static_cast<std::uint64_t>(seed),
                                 valid_auc + 0.004 * (seed - 1), share));
  }
}

inline std::vector<results::UnitRecord> example_units() {
  std::vector<results::UnitRecord> units;
  add_example_level(units, "squeezenet1_1", {"head", 0}, 0.861, 0.0);
  add_example_level(units, "squeezenet1_1", {"fire9", 1}, 0.905, 0.2);
  add_example_level(units, "squeezenet1_1", {"fire7", 3}, 0.9312, 0.4);
  add_example_level(units, "squeezenet1_1", {"fire4", 6}, 0.9325, 0.8);
  add_example_level(units, "squeezenet1_1", {"all", 9}, 0.928, 1.0);
  add_example_level(units, "mobilenet_v2", {"head", 0}, 0.88, 0.0);
  add_example_level(units, "mobilenet_v2", {"norm-only", 0, true}, 0.91, 0.05);
  add_example_level(units, "mobilenet_v2", {"stage4", 2}, 0.925, 0.5);
  add_example_level(units, "mobilenet_v2", {"all", 6}, 0.945, 1.0);
  // fire9 again, at a rate that validation does not choose.
  std::vector<results::UnitRecord> slow;
  add_example_level(slow, "squeezenet1_1", {"fire9", 1}, 0.89, 0.2);
  for (results::UnitRecord& unit : slow) unit.key.learning_rate = 0.0001;
  units.insert(units.end(), slow.begin(), slow.end());

  // The last seed of mobilenet_v2's all failed.
  results::UnitRecord& failed = *std::find_if(units.rbegin(), units.rend(), [](const auto& unit) {
    return unit.key.architecture == "mobilenet_v2";
  });
  results::UnitRecord nothing;
  nothing.key = failed.key;
  nothing.failure = "the training loss became NaN in epoch 2; a smaller learning rate may help";
  nothing.history = {example_history(0.9)[0]};
  nothing.cost.total_seconds = 21;
  failed = nothing;
  units[0].validation.class_auc[0] = std::numeric_limits<double>::quiet_NaN();
  return units;
}

/// SqueezeNet's frozen network: the deeper the boundary, the less it tells.
inline results::ProbeRecord example_probe() {
  results::ProbeRecord probe{.architecture = "squeezenet1_1",
                             .most_images = 5000,
                             .train = 3998,
                             .valid = 1000,
                             .test = 1000,
                             .seconds = 12.5};
  const std::vector<std::string> blocks = example_squeezenet().blocks;
  for (std::size_t b = 0; b <= blocks.size(); ++b) {
    const double auc = 0.7 + 0.02 * static_cast<double>(b);
    probe.boundaries.push_back({.below = b == 0 ? "image" : blocks[b - 1],
                                .level = b == 0               ? "all"
                                         : b == blocks.size() ? "head"
                                                              : blocks[b],
                                .features = 64,
                                .strength = 0.01,
                                .validation = {auc + 0.01, {auc - 0.02, auc + 0.04}},
                                .test = {auc, {auc - 0.03, auc + 0.03}},
                                .logme = -0.6 + 0.01 * static_cast<double>(b)});
  }
  return probe;
}

/// All of it, as if read from a journal.
inline results::JournalContent example_content() {
  return {.study = example_study(), .units = example_units(), .probes = {example_probe()}};
}

/// The same study with a tenth of the training images too, where every AUC is 0.1 less.
inline results::JournalContent with_fractions(results::JournalContent content) {
  content.study->data.shares = {{0.1, {200, 201}}, {1, {1999, 1999}}};
  std::vector<results::UnitRecord> fewer = content.units;
  for (results::UnitRecord& unit : fewer) {
    unit.key.train_fraction = 0.1;
    unit.validation.auc -= 0.1;
    if (unit.test) unit.test->auc -= 0.1;
  }
  content.units.insert(content.units.end(), fewer.begin(), fewer.end());
  content.study->units *= 2;
  return content;
}

/// SqueezeNet with head, fire9, fire7 and all; units are added by the tests.
struct OneArchitecture {
  results::StudyRecord study = example_study();
  std::vector<results::UnitRecord> units;

  OneArchitecture() {
    study.architectures = {example_squeezenet()};
    study.architectures[0].levels = {{"head", 0}, {"fire9", 1}, {"fire7", 3}, {"all", 9}};
  }
  /// Units of one level with these validation AUCs, seeds counted from 0.
  void add(const std::string& level, const std::vector<double>& aucs, double rate = 0.001) {
    for (const results::Level& known : study.architectures[0].levels) {
      for (std::size_t seed = 0; known.name == level && seed < aucs.size(); ++seed) {
        units.push_back(example_unit("squeezenet1_1", known, seed, aucs[seed], known.depth / 9.0));
        units.back().key.learning_rate = rate;
      }
    }
  }
  void fail(std::size_t unit) {
    units[unit].finished = false;
    units[unit].failure = "out of memory";
  }
};

/// Predictions of a model with about this AUC. The images are the same for every `model`, which
/// adds a little noise of its own.
inline results::PredictionsFile example_predictions(const std::vector<results::ClassCount>& counts,
                                                    double auc, std::uint64_t model) {
  constexpr double kOwnNoise = 0.1;
  // Binormal: the difference of two logits has twice the variance of one.
  const double distance =
      std::sqrt(1 + kOwnNoise * kOwnNoise) * stats::normal_quantile(std::clamp(auc, 0.5, 0.999));
  Random images(1), own(model + 2);
  results::PredictionsFile file;
  for (const results::ClassCount& count : counts) file.classes.push_back(count.name);
  const std::size_t classes = counts.size();
  const auto add = [&](stats::Predictions& part, std::vector<std::string>& names,
                       std::size_t results::ClassCount::*size) {
    part.classes = classes;
    for (std::size_t truth = 0; truth < classes; ++truth) {
      for (std::size_t i = 0; i < counts[truth].*size; ++i) {
        std::vector<double> weights(classes);
        double sum = 0;
        for (std::size_t c = 0; c < classes; ++c) {
          const double logit = images.normal() + kOwnNoise * own.normal();
          sum += weights[c] = std::exp(logit + (c == truth ? distance : 0.0));
        }
        for (const double weight : weights) part.probabilities.push_back(weight / sum);
        part.labels.push_back(static_cast<int>(truth));
        names.push_back("image-" + std::to_string(names.size()));
      }
    }
  };
  add(file.valid, file.valid_images, &results::ClassCount::valid);
  add(file.test, file.test_images, &results::ClassCount::test);
  return file;
}

/// Names a group for every `size` images of a class in a row; the last of a class may be smaller.
inline void add_example_groups(results::PredictionsFile& file, std::size_t size) {
  const auto add = [&](const stats::Predictions& part, std::vector<std::string>& groups) {
    std::vector<std::size_t> seen(part.classes);
    for (const int label : part.labels) {
      const std::size_t group = seen[static_cast<std::size_t>(label)]++ / size;
      groups.push_back(file.classes[static_cast<std::size_t>(label)] + " patient " +
                       std::to_string(group));
    }
  };
  add(file.valid, file.valid_groups);
  add(file.test, file.test_groups);
}

/// SqueezeNet alone, with a tenth of the images scored: where what is said matters, not the
/// figures.
inline results::JournalContent small_content() {
  results::JournalContent content = example_content();
  content.study->architectures = {example_squeezenet()};
  std::erase_if(content.units,
                [](const auto& unit) { return unit.key.architecture != "squeezenet1_1"; });
  for (results::ClassCount& one : content.study->data.classes) one.valid = one.test = 50;
  return content;
}

/// The same study with a fold in the place of each seed.
inline results::JournalContent with_folds(results::JournalContent content) {
  for (results::UnitRecord& unit : content.units) {
    unit.key.fold = static_cast<int>(unit.key.seed);
    unit.key.seed = 0;
  }
  return content;
}

/// The same study of which only the first seed has run.
inline results::JournalContent with_one_seed(results::JournalContent content) {
  std::erase_if(content.units, [](const auto& unit) { return unit.key.seed > 0; });
  return content;
}

/// The same study with an external set and corrupted test images: the deeper, the more is lost.
inline results::JournalContent with_robustness(results::JournalContent content) {
  content.study->data.external = {{.name = "site2", .path = "data/site2", .images = 400}};
  for (results::UnitRecord& unit : content.units) {
    if (!unit.finished) continue;
    const double auc = unit.test->auc - 0.004 * unit.key.level.depth;
    unit.external = {{"site2", example_scores(auc), ""}};
    unit.uncorrupted_auc = unit.test->auc;
    for (int severity = 1; severity <= 5; ++severity) {
      for (const char* kind : {"stain", "jpeg"}) {
        unit.corruptions.push_back({kind, severity, auc - 0.01 * severity});
      }
    }
  }
  return content;
}

inline std::filesystem::path predictions_path(const std::filesystem::path& folder,
                                              const results::UnitRecord& unit) {
  return folder / "units" / unit.key.id() / "predictions.csv";
}

/// Keeps the predictions of every finished unit of with_robustness() on every tenth test image,
/// whose AUCs are then those of its record.
inline void write_example_corrupted(const std::filesystem::path& folder,
                                    results::JournalContent& content) {
  std::uint64_t model = 100;
  for (results::UnitRecord& unit : content.units) {
    if (!unit.finished) continue;
    ++model;
    results::CorruptedPredictions file{.classes = content.study->data.classes.size()};
    const auto score = [&](double auc, std::vector<float>& logarithms) {
      const stats::Predictions all =
          example_predictions(content.study->data.classes, auc, model).test;
      stats::Predictions some{file.classes, {}, {}};
      file.test_rows.clear();
      for (std::size_t i = 0; i < all.size(); i += 10) {
        file.test_rows.push_back(static_cast<std::int64_t>(i));
        some.labels.push_back(all.labels[i]);
        for (std::size_t c = 0; c < file.classes; ++c) {
          some.probabilities.push_back(all.probabilities[i * file.classes + c]);
          logarithms.push_back(static_cast<float>(std::log(some.probabilities.back())));
        }
      }
      return stats::score(some, 1).auc;
    };
    unit.uncorrupted_auc = score(unit.uncorrupted_auc, file.uncorrupted);
    for (results::CorruptionScores& scores : unit.corruptions) {
      scores.auc = score(scores.auc, file.corrupted[{scores.corruption, scores.severity}]);
    }
    unit.corrupted_sha256 =
        results::write_corrupted(folder / "units" / unit.key.id() / results::kCorruptedFile, file);
  }
}

/// Writes the predictions of every finished unit, on external sets too, whose records then vouch
/// for them. `group_size`: images of a group; 0: no groups are known.
inline void write_example_predictions(const std::filesystem::path& folder,
                                      results::JournalContent& content,
                                      std::size_t group_size = 0) {
  std::uint64_t model = 0;
  for (results::UnitRecord& unit : content.units) {
    if (!unit.finished) continue;
    results::PredictionsFile file =
        example_predictions(content.study->data.classes, unit.validation.auc, ++model);
    if (group_size > 0) add_example_groups(file, group_size);
    unit.predictions_sha256 = results::write_predictions(predictions_path(folder, unit), file);
    for (results::ExternalScores& set : unit.external) {
      if (!set.predictions_sha256.empty()) continue;  // a test has written them
      file = example_predictions(content.study->data.classes, set.scores.auc, model);
      file.valid = {file.classes.size(), {}, {}};
      file.valid_images.clear();
      set.predictions_sha256 = results::write_predictions(
          folder / "units" / unit.key.id() / results::external_file_name(set.name), file);
    }
  }
}

}  // namespace fathom::tests
