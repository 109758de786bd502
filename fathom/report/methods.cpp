#include "fathom/report/methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fathom/report/methods_diagnostics.h"
#include "fathom/report/methods_statistics.h"
#include "fathom/report/sources.h"
#include "fathom/results/input_sizes.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::listed_in_words;
using results::StudyRecord;

/// "3 seeds x 5 folds" of the level that has the most.
std::string most_trainings(const Study& study) {
  const results::LevelSummary* most = nullptr;
  for (const results::LevelSummary& level : study.summaries) {
    if (!most || level.units.size() > most->units.size()) most = &level;
  }
  return most ? results::units_in_words(*most) : "no training";
}

/// On what share of the training images levels were trained; "" where it was all of them.
std::string share_sentence(const results::DataSummary& data) {
  if (data.shares.empty() || data.shares.front().train_fraction == 1) return "";
  const double largest = data.shares.back().train_fraction;
  std::string text;
  if (largest < 1) {
    text =
        fmt::format(" The training images are a share of {:g} of those that there were.", largest);
  }
  std::vector<std::string> smaller;
  for (const results::TrainingShare& share : data.shares) {
    if (share.train_fraction == largest) break;
    smaller.push_back(fmt::format("{} images (a share of {:g})",
                                  results::trained_images(data, share.train_fraction),
                                  share.train_fraction));
  }
  if (!smaller.empty()) {
    text += fmt::format(
        " For learning curves every depth was also trained on {}, in nested draws within every "
        "class, with groups whole and the same validation and test images; these trainings took no "
        "part in the choice of a depth.",
        listed_in_words(smaller));
  }
  return text;
}

std::string groups_in_words(const results::DataSummary& data) {
  if (data.groups == 0) return "; groups of images (patients, slides) were not known";
  std::string text = fmt::format(", in {} groups (patients, slides)", data.groups);
  if (!data.cut_groups) return text;
  if (*data.cut_groups == 0) return text + ", of which none was cut";
  return text + fmt::format(
                    ", of which the parts as they were given cut {}: images of one group were both "
                    "learnt from and scored",
                    *data.cut_groups);
}

/// In what size networks were given the images.
std::string size_sentence(const StudyRecord& study) {
  const std::string inputs = results::inputs_in_words(study.architectures);
  if (inputs.empty()) return "";
  if (!study.data.sizes) return fmt::format(" Networks were given them at {}.", inputs);
  const results::ImageSizes& sizes = *study.data.sizes;
  if (!results::are_resized(sizes, study.architectures)) {
    return fmt::format(" Networks were given them as they are, at {}.", inputs);
  }
  return fmt::format(
      " They are {}, and were resized to {}{}.", results::sizes_in_words(sizes), inputs,
      sizes.not_square == 0
          ? ""
          : fmt::format("; the proportions of the {} that are not square were not kept",
                        sizes.not_square));
}

std::string scan_in_words(const results::DataSummary& data) {
  if (!data.equal_images || !data.look_alike_images) return "";
  const auto counted = [](std::size_t images) {
    return images == 0 ? "none" : std::to_string(images);
  };
  return fmt::format(
      " A scan of all images found {} with the pixels of another and {} that look like another "
      "(turned, mirrored or saved again).",
      counted(*data.equal_images), counted(*data.look_alike_images));
}

std::string data_sentences(const Study& study) {
  const results::DataSummary& data = study.content.study->data;
  std::string text =
      fmt::format("{} images of {} classes were used.", data.images, data.classes.size());
  std::size_t train = 0, valid = 0, test = 0;
  for (const results::ClassCount& count : data.classes) {
    train += count.train;
    valid += count.valid;
    test += count.test;
  }
  text +=
      fmt::format(" {} {} images were for training, {} for validation and {} for test{}.",
                  study.folds > 1 ? fmt::format("Of {} folds the first is described:", study.folds)
                                  : "Of these",
                  train, valid, test, groups_in_words(data));
  text += size_sentence(*study.content.study) + scan_in_words(data);
  const std::string stain = setting_in_words(*study.content.study, "data", "stain");
  if (!stain.empty() && stain != "none") {
    text += fmt::format(" Their stain was normalized by the method of {}.", stain);
  }
  return text + share_sentence(data);
}

/// "learning rate 0.001 (0.01 for the head alone)"; "" before the first training.
std::string rates_in_words(const Study& study) {
  std::set<double> of_heads, of_others;
  for (const results::LevelSummary& level : study.summaries) {
    const bool head = level.level.depth == 0 && !level.level.norm_only;
    (head ? of_heads : of_others).insert(level.rates.begin(), level.rates.end());
  }
  if (of_others.empty() && of_heads.empty()) return "";
  const auto listed = [](const std::set<double>& rates) {
    std::vector<std::string> items;
    for (const double rate : rates) items.push_back(fmt::format("{:g}", rate));
    return listed_in_words(items);
  };
  if (of_others.empty() || of_heads.empty() || of_heads == of_others) {
    return fmt::format("learning rate {}", listed(of_others.empty() ? of_heads : of_others));
  }
  return fmt::format("learning rate {} ({} for the head alone)", listed(of_others),
                     listed(of_heads));
}

/// What was chosen on validation.
std::string choice_sentence(const Study& study) {
  const bool several = std::ranges::any_of(
      study.summaries, [](const auto& level) { return level.rates.size() > 1; });
  return several ? " The epoch, and of several learning rates the one for each depth, was chosen "
                   "on validation, on the same images as depths were compared, which the tests do "
                   "not allow for; the test part was scored once per training."
                 : " The epoch was chosen on validation, on the same images as depths were "
                   "compared; the test part was scored once per training.";
}

/// What became of normalization layers where that is not the usual; "" where it is.
std::string norm_sentences(const Study& study) {
  std::string text;
  if (std::ranges::any_of(study.summaries,
                          [](const auto& level) { return level.level.norm_only; })) {
    text +=
        " At norm-only the affine parameters of all normalization layers and the head were "
        "trained.";
  }
  if (setting_in_words(*study.content.study, "train", "norm") == "frozen") {
    text += " Normalization layers of trained blocks, too, stayed as pretrained.";
  }
  return text;
}

std::string training_sentences(const Study& study) {
  const StudyRecord& record = *study.content.study;
  std::vector<std::string> titles;
  for (const results::ArchitectureSummary& one : record.architectures) {
    const bool named = one.weights_card.is_object() && one.weights_card.contains("name");
    titles.push_back(
        named ? fmt::format("{} ({})", one.title, one.weights_card["name"].get<std::string>())
              : one.title);
  }
  std::string text = fmt::format(
      "{} {} fine-tuned from pretrained weights at several depths ({}); at each the head and the "
      "blocks above a cut were trained and everything below was frozen, normalization statistics "
      "included.{} For one seed all depths saw the same order of images.",
      listed_in_words(titles), titles.size() == 1 ? "was" : "were", most_trainings(study),
      norm_sentences(study));
  struct Named {
    const char *setting, *words;
  };
  std::vector<std::string> settings;
  for (const auto& [setting, words] :
       {Named{"optimizer", "optimizer {}"}, Named{"epochs", "{} epochs at most"},
        Named{"batch_size", "batches of {}"}, Named{"schedule", "schedule {}"},
        Named{"warmup_epochs", "{} epochs of warm-up"}, Named{"weight_decay", "weight decay {}"},
        Named{"dropout", "dropout {}"}, Named{"label_smoothing", "label smoothing {}"},
        Named{"class_weights", "class weights {}"}, Named{"sampling", "sampling {}"},
        Named{"augment", "augmentation {}"}, Named{"precision", "precision {}"}}) {
    const std::string value = setting_in_words(record, "train", setting);
    if (!value.empty()) settings.push_back(fmt::format(fmt::runtime(words), value));
  }
  const std::string rates = rates_in_words(study);
  if (!rates.empty()) settings.push_back(rates);
  if (!settings.empty()) text += " Training: " + listed_in_words(settings) + ".";
  return text + choice_sentence(study);
}

}  // namespace

std::string setting_in_words(const StudyRecord& study, const char* section, const char* name) {
  if (!study.settings.contains(section) || !study.settings[section].contains(name)) return "";
  const Json& value = study.settings[section][name];
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::vector<std::string> items;
  for (const Json& item : value) {
    items.push_back(item.is_number() ? fmt::format("{:g}", item.get<double>()) : item.dump());
  }
  return listed_in_words(items);
}

std::vector<MethodsParagraph> methods_paragraphs(const Study& study) {
  if (study.comparisons.empty()) return {};
  std::vector<MethodsParagraph> made{{"Data", data_sentences(study)},
                                     {"Training", training_sentences(study)},
                                     {"Figures", figures_sentences(study)}};
  const std::string intervals = intervals_sentences(study);
  if (!intervals.empty()) made.push_back({"Intervals", intervals});
  made.push_back({"Comparison of depths", comparison_sentences(study)});
  const std::string beyond = diagnostics_sentences(study);
  if (!beyond.empty()) made.push_back({"Robustness and diagnostics", beyond});
  const Json& versions = study.content.study->versions;
  made.back().text += fmt::format(" Computed with Fathom{}.",
                                  versions.contains("fathom") && versions["fathom"].is_string()
                                      ? " " + versions["fathom"].get<std::string>()
                                      : "");
  std::string all;
  for (const MethodsParagraph& paragraph : made) all += paragraph.text;
  const std::string sources = sources_cited_in(all);
  if (!sources.empty()) made.push_back({"Sources", sources});
  return made;
}

}  // namespace fathom::report
