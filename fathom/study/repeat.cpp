#include "fathom/study/repeat.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "fathom/base/error.h"
#include "fathom/results/repetition.h"
#include "fathom/study/differences.h"
#include "fathom/study/plan_file.h"
#include "fathom/study/prefix.h"
#include "fathom/zoo/architecture.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

using Differences = std::vector<std::string>;

std::string card_name(const results::ArchitectureSummary& architecture) {
  return architecture.weights_card.value("name", "");
}

/// All but where things lie, of which the content is compared, and what changes no result.
Json settings_that_count(const StudyOptions& options) {
  Json settings = to_json(options);
  for (const char* place : {"name", "out", "weights", "cache", "cache_gib", "checkpoint_seconds"}) {
    settings["study"].erase(place);
  }
  for (const char* place : {"data", "strict", "split_file", "cleared_look_alikes", "external"}) {
    settings["data"].erase(place);
  }
  return settings;
}

/// The images by name, where the original's plan is still beside its results.
std::string name_images(const Original& original, const Plan& plan) {
  const fs::path folder = fs::absolute(original.file).parent_path();
  if (fs::exists(folder / kPlanFile)) {
    const Plan before = read_plan(folder);
    if (before.study.data.fingerprint == original.content.study->data.fingerprint) {
      return difference_of_images(before.dataset, plan.dataset);
    }
  }
  return fmt::format("the images, their labels or their groups differ (there were {}, here are {})",
                     original.content.study->data.images, plan.study.data.images);
}

void compare_data(const Original& original, const Plan& plan, Differences& differences) {
  const results::DataSummary& before = original.content.study->data;
  const results::DataSummary& now = plan.study.data;
  if (before.fingerprint != now.fingerprint) differences.push_back(name_images(original, plan));
  for (const results::ExternalSummary& set : before.external) {
    const auto same = std::ranges::find(now.external, set.name, &results::ExternalSummary::name);
    if (same == now.external.end() || same->fingerprint != set.fingerprint) {
      differences.push_back(fmt::format("the external set '{}' differs", set.name));
    }
  }
  if (now.external.size() > before.external.size()) {
    differences.emplace_back("there are more external sets");
  }
}

void compare_weights(const Original& original, const Plan& plan, Differences& differences) {
  std::map<std::string, std::string> before;
  for (const results::UnitRecord& unit : original.content.units) {
    before[unit.key.architecture] = unit.key.weights;
  }
  std::map<std::string, std::string> now;
  for (const results::UnitKey& key : plan.units) now[key.architecture] = key.weights;
  for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
    const auto old = before.find(architecture.name);
    if (old == before.end() || old->second == now[architecture.name]) continue;
    differences.push_back(
        fmt::format("the weights of {} differ ('{}' with the checksum {}... here, {}... there)",
                    architecture.name, card_name(architecture),
                    now[architecture.name].substr(0, 12), old->second.substr(0, 12)));
  }
}

/// When all else is the same.
void compare_units(const Original& original, const Plan& plan, Differences& differences) {
  std::set<std::string> planned;
  for (const results::UnitKey& key : plan.units) planned.insert(key.id());
  const bool has_all = std::ranges::all_of(
      original.content.units, [&](const auto& unit) { return planned.contains(unit.key.id()); });
  if (has_all) return;
  differences.emplace_back(
      "the parts (train, valid, test) of the images differ, or another version of fathom plans "
      "other units");
}

void check_same(const Original& original, const Plan& plan) {
  Differences differences =
      differences_of(settings_that_count(settings_of(original)), settings_that_count(plan.options));
  compare_data(original, plan, differences);
  compare_weights(original, plan, differences);
  if (differences.empty()) compare_units(original, plan, differences);
  if (differences.empty()) return;
  throw Error(fmt::format(
      "{}: this would not be the same study: {}. Give the images and weights that it was run with "
      "(--data, --external, --weights) and no other settings, or run a study of its own",
      original.file.string(), fmt::join(differences, "; ")));
}

/// The numbers of the boundaries above blocks of an architecture.
std::vector<std::size_t> boundaries_above(const std::vector<std::string>& blocks,
                                          const std::vector<std::string>& names) {
  std::vector<std::size_t> boundaries;
  for (const std::string& name : names) {
    const auto at = std::ranges::find(blocks, name);
    if (at != blocks.end()) boundaries.push_back(static_cast<std::size_t>(at - blocks.begin()) + 1);
  }
  return boundaries;
}

}  // namespace

Original read_original(const fs::path& file) { return {file, results::read_results(file)}; }

StudyOptions settings_of(const Original& original) {
  const results::StudyRecord& study = *original.content.study;
  StudyOptions options;
  set_options(options, study.settings, original.file.string());
  options.out.clear();
  options.cache.clear();          // where to write says the user alone
  if (options.weights.empty()) {  // there may be other sets by now
    for (const results::ArchitectureSummary& architecture : study.architectures) {
      options.weights.push_back(architecture.name + "=" + card_name(architecture));
    }
  }
  return options;
}

std::vector<std::string> differences_of_versions(const Original& original, const Json& versions) {
  return differences_of({{"versions", original.content.study->versions}}, {{"versions", versions}});
}

Plan open_repeat(const StudyOptions& options, const Original& original, const std::string& command,
                 const Json& versions) {
  std::error_code not_there;
  if (fs::equivalent(options.out, fs::absolute(original.file).parent_path(), not_there)) {
    throw Error(
        fmt::format("{}: this folder holds the study that is to be repeated; give the "
                    "repetition a folder of its own with --out",
                    options.out));
  }
  Plan plan = open_plan(options, command, versions,
                        [&](const Plan& wanted) { check_same(original, wanted); });
  // Whether a boundary was stored or computed may change the last bits.
  for (const results::PrefixRecord& pass : original.content.prefixes) {
    if (pass.interrupted) continue;
    choose(first_choice(plan, pass.architecture),
           boundaries_above(zoo::find_architecture(pass.architecture).blocks, pass.blocks));
  }
  return plan;
}

}  // namespace fathom::study
