#include "fathom/study/plan_file.h"

#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/zoo/architecture.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

/// To be raised when older plans cannot be run any more. What they merely lack is read as its
/// absence.
constexpr int kPlanVersion = 3;

/// What an image is.
Json sample_to_json(const data::Dataset& dataset, const data::Sample& sample) {
  Json row;
  row["id"] = sample.id;
  row["class"] = dataset.classes[static_cast<std::size_t>(sample.label)];
  if (!sample.group.empty()) row["group"] = sample.group;
  row["sha256"] = sample.hash;
  row["size"] = {sample.height, sample.width};
  return row;
}

data::Sample sample_from_json(const data::Dataset& dataset, const Json& row) {
  data::Sample sample;
  sample.id = row.at("id").get<std::string>();
  const auto name = row.at("class").get<std::string>();
  sample.label =
      static_cast<int>(std::ranges::find(dataset.classes, name) - dataset.classes.begin());
  FATHOM_CHECK(static_cast<std::size_t>(sample.label) < dataset.classes.size());
  sample.group = row.value("group", "");
  sample.hash = row.at("sha256").get<std::string>();
  sample.height = row.at("size").at(0).get<int>();
  sample.width = row.at("size").at(1).get<int>();
  return sample;
}

Json external_to_json(const data::ExternalSet& set) {
  Json json{{"name", set.name},
            {"root", fs::absolute(set.dataset.root).string()},
            {"source", set.dataset.source},
            {"has_groups", set.dataset.has_groups},
            {"images", Json::array()}};
  for (const data::Sample& sample : set.dataset.samples) {
    json["images"].push_back(sample_to_json(set.dataset, sample));
  }
  return json;
}

data::ExternalSet external_from_json(const Json& json, const data::Dataset& own) {
  data::ExternalSet set;
  set.name = json.at("name").get<std::string>();
  if (!data::is_external_name(set.name)) {
    throw Error(fmt::format("'{}' cannot be the name of an external set", set.name));
  }
  set.dataset.root = json.at("root").get<std::string>();
  set.dataset.source = json.at("source").get<std::string>();
  set.dataset.has_groups = json.at("has_groups").get<bool>();
  set.dataset.classes = own.classes;
  set.dataset.stain = own.stain;
  for (const Json& row : json.at("images")) {
    set.dataset.samples.push_back(sample_from_json(set.dataset, row));
  }
  return set;
}

/// The smallest train_fraction that trains on an image, by fold; null where none does.
Json trained_from(const Plan& plan, std::size_t image) {
  Json smallest = Json::array();
  for (std::size_t fold = 0; fold < plan.folds.size(); ++fold) {
    const auto found = std::ranges::find_if(plan.by_fraction, [&](const auto& parts) {
      return parts.second[fold][image] == data::Split::train;
    });
    smallest.push_back(found == plan.by_fraction.end() ? Json(nullptr) : Json(found->first));
  }
  return smallest;
}

/// Adds an image to the folds of every train_fraction.
void read_fractions(const Json& row, Plan& plan) {
  for (auto& [fraction, folds] : plan.by_fraction) {
    folds.resize(plan.folds.size());
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
      data::Split part = plan.folds[fold].back();
      if (part == data::Split::train) {
        const Json& smallest = row.at("trained_from").at(fold);
        if (smallest.is_null() || fraction < smallest.get<double>()) part = data::Split::none;
      }
      folds[fold].push_back(part);
    }
  }
}

/// Older plans have them beside the study's record.
void read_input_sizes(const Json& json, std::vector<results::ArchitectureSummary>& architectures) {
  if (!json.contains("input_size")) return;
  for (results::ArchitectureSummary& architecture : architectures) {
    architecture.input_size = json["input_size"].at(architecture.name).get<int>();
  }
}

/// A unit of a known level: its folder is called by it.
results::UnitKey unit_from_plan(const Json& json) {
  results::UnitKey key = results::unit_key_from_json(json);
  const zoo::Architecture& architecture = zoo::find_architecture(key.architecture);
  const auto levels = zoo::parse_levels(architecture, {key.level.name});
  if (std::ranges::find(levels, key.level) == levels.end()) {
    throw Error(fmt::format("'{}' is no level of {}", key.level.name, key.architecture));
  }
  return key;
}

Json data_to_json(const Plan& plan) {
  Json data;
  data["root"] = fs::absolute(plan.dataset.root).string();
  data["source"] = plan.dataset.source;
  data["classes"] = plan.dataset.classes;
  data["has_groups"] = plan.dataset.has_groups;
  data["has_splits"] = plan.dataset.has_splits;
  data["skipped"] = Json::array();
  for (const data::SkippedImage& image : plan.dataset.skipped) {
    data["skipped"].push_back({image.id, image.reason});
  }
  data["images"] = Json::array();
  for (std::size_t i = 0; i < plan.dataset.samples.size(); ++i) {
    Json row = sample_to_json(plan.dataset, plan.dataset.samples[i]);
    row["split"] = Json::array();
    for (const data::Assignment& fold : plan.folds) {
      row["split"].push_back(data::split_name(fold[i]));
    }
    row["trained_from"] = trained_from(plan, i);
    data["images"].push_back(std::move(row));
  }
  data["external"] = Json::array();
  for (const data::ExternalSet& set : plan.external) {
    data["external"].push_back(external_to_json(set));
  }
  return data;
}

void read_images(const Json& images, Plan& plan) {
  for (const Json& row : images) {
    plan.dataset.samples.push_back(sample_from_json(plan.dataset, row));
    plan.folds.resize(row.at("split").size());
    for (std::size_t fold = 0; fold < plan.folds.size(); ++fold) {
      plan.folds[fold].push_back(data::split_from_name(row.at("split").at(fold)));
    }
    read_fractions(row, plan);
  }
}

void read_data(const Json& json, Plan& plan) {
  plan.dataset.root = json.at("root").get<std::string>();
  plan.dataset.source = json.at("source").get<std::string>();
  plan.dataset.classes = json.at("classes").get<std::vector<std::string>>();
  plan.dataset.has_groups = json.at("has_groups").get<bool>();
  plan.dataset.has_splits = json.at("has_splits").get<bool>();
  for (const Json& image : json.at("skipped")) {
    plan.dataset.skipped.push_back({image.at(0), image.at(1)});
  }
  read_images(json.at("images"), plan);
  for (const Json& set : json.value("external", Json::array())) {
    plan.external.push_back(external_from_json(set, plan.dataset));
  }
}

}  // namespace

std::string planned_by_another_version(const std::string& folder) {
  return fmt::format(
      "{0}: the study in this folder was planned by another version of fathom. Finish it with that "
      "version, or give the new study a folder of its own with --out; 'fathom report {0}' reads "
      "what is finished",
      folder);
}

Json to_json(const Plan& plan) {
  Json json;
  json["plan_version"] = kPlanVersion;
  StudyOptions options = plan.options;
  resolve_places(options, fs::current_path());  // workers may be started from anywhere
  json["settings"] = to_json(options);
  json["study"] = results::to_json(plan.study);
  json["units"] = Json::array();
  for (const results::UnitKey& key : plan.units) json["units"].push_back(results::to_json(key));
  json["data"] = data_to_json(plan);
  return json;
}

Plan plan_from_json(const Json& json, const std::string& where) {
  Plan plan;
  try {
    if (json.at("plan_version") != kPlanVersion) {
      throw Error(planned_by_another_version(fs::path(where).parent_path().string()));
    }
    set_options(plan.options, json.at("settings"), where);
    plan.study = results::study_from_json(json.at("study"));
    read_input_sizes(json, plan.study.architectures);
    for (const Json& key : json.at("units")) {
      plan.units.push_back(unit_from_plan(key));
    }
    plan.dataset.stain = plan.options.data.stain;
    for (const double fraction : plan.options.data.train_fractions) plan.by_fraction[fraction];
    read_data(json.at("data"), plan);
  } catch (const nlohmann::json::exception& e) {
    throw Error(fmt::format("{}: not a plan of fathom: {}", where, e.what()));
  }
  return plan;
}

void write_plan(const Plan& plan) {
  write_json(fs::path(plan.options.out) / kPlanFile, to_json(plan));
}

Plan read_plan(const fs::path& folder) {
  const fs::path path = folder / kPlanFile;
  if (std::error_code unknown; !fs::exists(path, unknown)) {
    throw Error(fmt::format(
        "{}: there is no planned study in this folder. Plan one by 'fathom plan ... --save --out "
        "{}', or name the folder of a study",
        path.string(), shell_word(folder.string())));
  }
  Plan plan = plan_from_json(read_json(path), path.string());
  plan.options.out = folder.string();
  return plan;
}

}  // namespace fathom::study
