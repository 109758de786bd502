#include "fathom/study/plan_file.h"

#include <fmt/format.h>

#include "fathom/base/error.h"

namespace fathom::study {
namespace {

constexpr int kPlanVersion = 1;

/// One image: what it is, and its part in every fold.
Json image_to_json(const Plan& plan, std::size_t i) {
  const data::Sample& sample = plan.dataset.samples[i];
  Json row;
  row["id"] = sample.id;
  row["class"] = plan.dataset.classes[static_cast<std::size_t>(sample.label)];
  if (!sample.group.empty()) row["group"] = sample.group;
  row["sha256"] = sample.hash;
  row["size"] = {sample.height, sample.width};
  Json parts = Json::array();
  for (const data::Assignment& fold : plan.folds) parts.push_back(data::split_name(fold[i]));
  row["split"] = parts;
  return row;
}

Json data_to_json(const Plan& plan) {
  Json data;
  data["root"] = plan.dataset.root.string();
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
    data["images"].push_back(image_to_json(plan, i));
  }
  return data;
}

void read_images(const Json& images, Plan& plan) {
  for (const Json& row : images) {
    data::Sample sample;
    sample.id = row.at("id").get<std::string>();
    const auto& classes = plan.dataset.classes;
    const auto name = row.at("class").get<std::string>();
    sample.label = static_cast<int>(std::ranges::find(classes, name) - classes.begin());
    FATHOM_CHECK(static_cast<std::size_t>(sample.label) < classes.size());
    sample.group = row.value("group", "");
    sample.hash = row.at("sha256").get<std::string>();
    sample.height = row.at("size").at(0).get<int>();
    sample.width = row.at("size").at(1).get<int>();
    plan.dataset.samples.push_back(sample);
    plan.folds.resize(row.at("split").size());
    for (std::size_t fold = 0; fold < plan.folds.size(); ++fold) {
      plan.folds[fold].push_back(data::split_from_name(row.at("split").at(fold)));
    }
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
}

}  // namespace

Json to_json(const Plan& plan) {
  Json json;
  json["plan_version"] = kPlanVersion;
  json["settings"] = to_json(plan.options);
  json["study"] = results::to_json(plan.study);
  json["input_size"] = plan.input_size;
  json["units"] = Json::array();
  for (const results::UnitKey& key : plan.units) json["units"].push_back(results::to_json(key));
  json["data"] = data_to_json(plan);
  return json;
}

Plan plan_from_json(const Json& json, const std::string& where) {
  Plan plan;
  try {
    if (json.at("plan_version") != kPlanVersion) {
      throw Error(fmt::format("{}: a plan of version {}; this fathom reads version {}", where,
                              json.at("plan_version").dump(), kPlanVersion));
    }
    set_options(plan.options, json.at("settings"), where);
    plan.study = results::study_from_json(json.at("study"));
    plan.input_size = json.at("input_size").get<std::map<std::string, int>>();
    for (const Json& key : json.at("units")) {
      plan.units.push_back(results::unit_key_from_json(key));
    }
    plan.dataset.stain = plan.options.data.stain;
    read_data(json.at("data"), plan);
  } catch (const nlohmann::json::exception& e) {
    throw Error(fmt::format("{}: not a plan of fathom: {}", where, e.what()));
  }
  return plan;
}

void write_plan(const Plan& plan) {
  write_json(std::filesystem::path(plan.options.out) / kPlanFile, to_json(plan));
}

Plan read_plan(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kPlanFile;
  return plan_from_json(read_json(path), path.string());
}

}  // namespace fathom::study
