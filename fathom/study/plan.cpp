#include "fathom/study/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <ranges>
#include <set>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"
#include "fathom/results/input_sizes.h"
#include "fathom/results/journal.h"
#include "fathom/study/data_summary.h"
#include "fathom/study/differences.h"
#include "fathom/study/input_size.h"
#include "fathom/study/plan_file.h"
#include "fathom/train/runtime.h"
#include "fathom/train/trainer.h"
#include "fathom/zoo/architecture.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

/// Everything beside the axes of the study that can change a unit's result.
std::string settings_hash(const StudyOptions& options, const results::DataSummary& data,
                          const data::Assignment& parts, int input_size) {
  StudyOptions copy = options;
  copy.train.learning_rates.clear();
  copy.train.head_learning_rates.clear();
  Json relevant;
  relevant["train"] = fields_to_json(copy.train.fields());
  relevant["data"] = data.fingerprint;
  relevant["stain"] = options.data.stain;
  relevant["positive"] = data.positive;
  relevant["parts"] = parts;
  relevant["input_size"] = input_size;
  relevant["corrupted_images"] = options.corrupted_images;
  relevant["cka_images"] = options.cka_images;
  relevant["external"] = Json::array();
  for (const results::ExternalSummary& set : data.external) {
    relevant["external"].push_back({set.name, set.fingerprint});
  }
  return sha256_hex(relevant.dump());
}

/// The rates among which validation chooses.
std::vector<double> rates_of(const train::TrainOptions& options, const results::Level& level) {
  if (!train::is_head_only(level)) return options.learning_rates;
  if (!options.head_learning_rates.empty()) return options.head_learning_rates;
  std::vector<double> rates = options.learning_rates;
  for (double& rate : rates) rate *= 10;
  return rates;
}

std::vector<results::UnitKey> list_units(const Plan& plan,
                                         const std::map<std::string, std::string>& weights_hash) {
  const StudyOptions& options = plan.options;
  std::vector<results::UnitKey> units;
  const auto add_levels = [&](const results::ArchitectureSummary& architecture,
                              results::UnitKey key) {
    for (const results::Level& level : architecture.levels) {
      for (const double rate : rates_of(options.train, level)) {
        key.level = level;
        key.learning_rate = rate;
        units.push_back(key);
      }
    }
  };
  // Seeds outermost: after one round every depth has a first figure. The largest fraction first:
  // the answer is about it.
  for (std::int64_t seed = 0; seed < options.seeds; ++seed) {
    for (std::size_t fold = 0; fold < plan.folds.size(); ++fold) {
      for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
        for (const auto& [fraction, folds] : std::views::reverse(plan.by_fraction)) {
          results::UnitKey key;
          key.architecture = architecture.name;
          key.weights = weights_hash.at(architecture.name);
          key.train_fraction = fraction;
          key.fold = static_cast<int>(fold);
          key.seed = static_cast<std::uint64_t>(seed);
          key.settings =
              settings_hash(options, plan.study.data, folds[fold], architecture.input_size);
          add_levels(architecture, key);
        }
      }
    }
  }
  return units;
}

results::ArchitectureSummary summarize_architecture(const StudyOptions& options,
                                                    const std::string& name,
                                                    const weights::WeightCard& card) {
  const zoo::Architecture& architecture = zoo::find_architecture(name);
  return {.name = architecture.name,
          .title = architecture.title,
          .blocks = architecture.blocks,
          .levels = zoo::parse_levels(architecture, options.depths),
          .weights_card = weights::to_json(card)};
}

/// Once the data are known: in what size networks are given the images, with warnings where that is
/// not their own.
void choose_input_sizes(Plan& plan) {
  results::StudyRecord& study = plan.study;
  for (results::ArchitectureSummary& architecture : study.architectures) {
    architecture.input_size = choose_input_size(plan.options.data.image_size, *study.data.sizes,
                                                zoo::find_architecture(architecture.name));
  }
  const auto warn = [&](const std::string& whose, const results::ImageSizes& sizes) {
    const std::string text = results::resizing_warning(whose, sizes, study.architectures);
    if (!text.empty()) study.data.warnings.push_back(text);
  };
  warn("The images", *study.data.sizes);
  for (const data::ExternalSet& set : plan.external) {
    warn(fmt::format("The images of the external set '{}'", set.name), measure_sizes(set.dataset));
  }
}

/// All settings but what each process of a study may say for itself: where things lie. (Units' keys
/// tell their weights.)
Json common_settings(const StudyOptions& options) {
  Json settings = to_json(options);
  for (const char* own : {"name", "out", "weights", "cache", "cache_gib"}) {
    settings["study"].erase(own);
  }
  return settings;
}

/// The settings that decide whether two plans are of one study: all but the axes that may be
/// widened, the rule of the answer, and where things lie.
Json identity_of(const StudyOptions& options) {
  Json settings = common_settings(options);
  for (const char* axis : {"arch", "blocks", "depths", "seeds", "margin", "confidence",
                           "probe_images", "checkpoint_seconds"}) {
    settings["study"].erase(axis);
  }
  settings["train"].erase("learning_rates");
  settings["train"].erase("head_learning_rates");
  // Where the images lie and how strictly they were looked at change no result.
  for (const char* place : {"data", "strict", "cleared_look_alikes", "external"}) {
    settings["data"].erase(place);
  }
  settings["data"].erase("train_fractions");
  return settings;
}

std::map<std::string, std::string> weights_of(const Plan& plan) {
  std::map<std::string, std::string> hashes;
  for (const results::UnitKey& key : plan.units) hashes[key.architecture] = key.weights;
  return hashes;
}

/// Names and fingerprints.
std::set<std::pair<std::string, std::string>> external_sets(const Plan& plan) {
  std::set<std::pair<std::string, std::string>> sets;
  for (const results::ExternalSummary& set : plan.study.data.external) {
    sets.emplace(set.name, set.fingerprint);
  }
  return sets;
}

std::set<std::string> unit_ids(const Plan& plan) {
  std::set<std::string> ids;
  for (const results::UnitKey& key : plan.units) ids.insert(key.id());
  return ids;
}

/// The units by the axes of the study alone.
std::set<std::string> unit_names(const Plan& plan) {
  std::set<std::string> names;
  for (const results::UnitKey& key : plan.units) {
    names.insert(fmt::format("{} {} train_fraction {} fold {} seed {} learning rate {:g}",
                             key.architecture, key.level.name, key.train_fraction, key.fold + 1,
                             key.seed, key.learning_rate));
  }
  return names;
}

/// Why the units of an existing plan are not all among the wanted ones, which have the same data
/// and settings.
Error narrowed(const Plan& existing, const Plan& wanted) {
  const std::set<std::string> before = unit_names(existing), now = unit_names(wanted);
  std::vector<std::string> missing;
  std::ranges::set_difference(before, now, std::back_inserter(missing));
  const std::string& folder = wanted.options.out;
  if (missing.empty()) return Error(planned_by_another_version(folder));
  return Error(fmt::format(
      "{}: the study in this folder has {} units that these settings leave out (the first: {}); a "
      "study can be widened by seeds, depths, architectures, learning rates and train_fractions, "
      "not narrowed. Take them back, or give the new study a folder of its own with --out",
      folder, missing.size(), missing.front()));
}

void check_same_study(const Plan& existing, const Plan& wanted) {
  std::vector<std::string> differences =
      differences_of(identity_of(existing.options), identity_of(wanted.options));
  if (existing.study.data.fingerprint != wanted.study.data.fingerprint) {
    differences.push_back(difference_of_images(existing.dataset, wanted.dataset));
  } else if (existing.folds != wanted.folds) {
    differences.emplace_back("the parts (train, valid, test) of the images differ");
  }
  if (external_sets(existing) != external_sets(wanted)) {
    differences.emplace_back("the external sets differ");
  }
  const auto before_weights = weights_of(existing);
  for (const auto& [architecture, hash] : weights_of(wanted)) {
    const auto old = before_weights.find(architecture);
    if (old != before_weights.end() && old->second != hash) {
      differences.push_back(fmt::format("the weights of {} differ", architecture));
    }
  }
  if (differences.empty()) return;
  throw Error(fmt::format(
      "{}: this folder holds a study with other settings ({}). Take them back, or give the new "
      "study a folder of its own with --out",
      wanted.options.out, fmt::join(differences, "; ")));
}

/// What a plan holds: what "auto", "fine" and no name mean for this study.
StudyOptions settle(StudyOptions options) {
  // What "auto" means differs between machines; one study has one meaning of it.
  const train::Compute compute = train::resolve_compute(options.train);
  options.train.device = compute.device == train::Device::cuda ? "cuda" : "cpu";
  options.train.precision = compute.precision == train::Precision::bf16 ? "bf16" : "fp32";
  if (options.blocks == "fine") {
    for (std::string& name : options.arch) {
      name = zoo::in_fine_blocks(zoo::find_architecture(name)).name;
    }
  }
  if (options.name.empty()) {
    options.name = fs::path(options.out).lexically_normal().filename().string();
  }
  check_complete(options);
  return options;
}

/// Says what the study is from now on, whoever runs it.
void record_study(const Plan& plan) {
  results::Journal journal(fs::path(plan.options.out) / results::kMainJournal);
  const auto& recorded = journal.content().study;
  if (!recorded || results::to_json(*recorded) != results::to_json(plan.study)) {
    journal.append(plan.study);
  }
}

}  // namespace

Plan make_plan(const StudyOptions& wanted, const std::string& command, const Json& versions) {
  Plan plan;
  const StudyOptions& options = plan.options = settle(wanted);
  plan.dataset = data::open_dataset(options.data);
  std::map<std::string, std::string> weights_hash;
  const auto weights = load_weights(options);
  for (const std::string& name : options.arch) {
    weights_hash[name] = weights.at(name).hash;
    plan.study.architectures.push_back(
        summarize_architecture(options, name, weights.at(name).card));
  }
  log_info("reading {} images of {}", plan.dataset.samples.size(), options.data.data);
  const std::vector<image::Fingerprint> prints =
      train::with_memory_to("read the images of " + options.data.data,
                            [&] { return data::scan(plan.dataset, options.data.skip_bad); });
  plan.folds = data::make_splits(plan.dataset, options.data);
  plan.by_fraction = data::thin_training(plan.dataset, options.data, plan.folds);
  plan.external = data::open_external(options.data, plan.dataset, prints);
  plan.study.name = options.name;
  plan.study.command = command;
  plan.study.created_at = utc_now();
  plan.study.settings = to_json(options);
  plan.study.versions = versions;
  plan.study.data = summarize_data(plan.dataset, plan.by_fraction, options.data);
  for (std::size_t i = 0; i < plan.external.size(); ++i) {
    add_external(plan.external[i], options.data.external[i], plan.study.data);
  }
  choose_input_sizes(plan);
  plan.units = list_units(plan, weights_hash);
  plan.study.units = plan.units.size();
  return plan;
}

Plan open_plan(const StudyOptions& options, const std::string& command, const Json& versions,
               const std::function<void(const Plan&)>& approve) {
  // Before a large data set is read, where there is a study; of a refused one nothing is to stay.
  std::unique_ptr<FileLock> lock;
  if (fs::exists(fs::path(options.out) / kPlanFile)) lock = results::lock_study(options.out);
  Plan wanted = make_plan(options, command, versions);
  approve(wanted);
  if (!lock) lock = results::lock_study(options.out);
  if (fs::exists(fs::path(options.out) / kPlanFile)) {
    Plan existing = read_plan(options.out);
    check_same_study(existing, wanted);
    const std::set<std::string> before = unit_ids(existing), now = unit_ids(wanted);
    if (before == now && existing.options.rule == wanted.options.rule) {
      // Where things lie is what the user says now; what the study is stands in its record.
      existing.options = wanted.options;
      existing.dataset.root = wanted.dataset.root;
      existing.external = wanted.external;
      record_study(existing);
      return existing;
    }
    if (!std::ranges::includes(now, before)) throw narrowed(existing, wanted);
    if (before != now) {
      log_info("the study is widened from {} to {} units", before.size(), now.size());
    }
  }
  record_study(wanted);  // first: a plan that nobody recorded would be run and not reported
  write_plan(wanted);
  return wanted;
}

Plan join_plan(const StudyOptions& options) {
  Plan plan = read_plan(options.out);
  StudyOptions wanted = options;
  // The meaning of "auto" is the study's, not this machine's.
  if (wanted.train.precision == "auto") wanted.train.precision = plan.options.train.precision;
  const std::vector<std::string> differences =
      differences_of(common_settings(plan.options), common_settings(settle(wanted)));
  if (!differences.empty()) {
    throw Error(fmt::format(
        "{}: the study in this folder is run with other settings ({}). A command that joins in "
        "takes the same ones",
        options.out, fmt::join(differences, "; ")));
  }
  if (!options.weights.empty()) plan.options.weights = options.weights;
  plan.options.cache = options.cache;
  plan.options.cache_gib = options.cache_gib;
  return plan;
}

}  // namespace fathom::study
