#include "fathom/study/options.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/data/external.h"
#include "fathom/weights/card.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

Json to_json(const toml::node& node, const std::string& where) {
  if (const auto* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = to_json(value, where);
    return object;
  }
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const auto& value : *array) list.push_back(to_json(value, where));
    return list;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto truth = node.value_exact<bool>()) return *truth;
  if (const auto whole = node.value_exact<std::int64_t>()) return *whole;
  if (const auto number = node.value_exact<double>()) return *number;
  throw Error(
      fmt::format("{}:{}: dates and times are not settings", where, node.source().begin.line));
}

/// A path that stands in a settings file is meant from the file's folder.
void resolve(std::string& path, const fs::path& folder) {
  if (!path.empty() && fs::path(path).is_relative()) path = (folder / path).lexically_normal();
}

template <class T>
void refuse_doubles(const char* name, std::vector<T> values) {
  std::ranges::sort(values);
  const auto twice = std::ranges::adjacent_find(values);
  if (twice != values.end()) {
    throw Error(fmt::format("{}: {} stands twice; name it once", name, *twice));
  }
}

}  // namespace

std::vector<Section> StudyOptions::sections() {
  return {
      {"study",
       {{"name", &name, "Title of the report; the name of the output folder by default."},
        {"out", &out, "Folder of the study: plan, journal, units, report."},
        {"arch", &arch, "Architectures, see 'fathom weights list'."},
        choice_field("blocks", &blocks, {"stages", "fine"},
                     "What a network is cut into: its usual stages, or fine = every residual "
                     "block, dense layer or convolution of these, where there are several."),
        {"weights", &weights,
         "Pretrained weights: NAME or FILE, or ARCH=NAME_OR_FILE for each of several "
         "architectures; by default the imported set of each."},
        {"depths", &depths,
         "all = every depth from the head to the whole network (all,norm-only = and norm-only); or "
         "a "
         "list of: head, block names (the lowest tuned block), numbers of tuned blocks, norm-only, "
         "all."},
        {"seeds", &seeds, "Repetitions of every unit with another seed.", 1, 1000},
        {"margin", &rule.margin,
         "Validation AUC that one is willing to lose against the best level: the shallowest level "
         "shown to lose less is recommended.",
         results::kSmallestMargin, results::kLargestMargin},
        {"confidence", &rule.confidence,
         "Confidence at which less than the margin must be shown to be lost.",
         results::kLowestConfidence, results::kHighestConfidence},
        {"corrupted_images", &corrupted_images,
         "Test images that every unit also scores under every corruption (stain shift, blur, JPEG, "
         "...) at five severities; 0 = none.",
         0, 1e9},
        {"probe_images", &probe_images,
         "Images of each part, at most, that the linear probe of the frozen network's boundaries "
         "looks at; 0 = no probe in a study.",
         0, 1e9},
        {"cka_images", &cka_images,
         "Test images on which the features of every tuned network are compared with the "
         "pretrained "
         "ones, block by block (linear CKA); 0 = none.",
         0, 4096},
        {"checkpoint_seconds", &checkpoint_seconds,
         "Seconds, at least, between two checkpoints of a training, from which a study that was "
         "killed goes on; one that is stopped by Ctrl-C or SIGTERM always writes one.",
         0.0, 1e6},
        {"cache", &cache,
         "Folder of imported weights and of the prefix cache; by default the user's cache folder."},
        {"cache_gib", &cache_gib,
         "Bound of the prefix cache in GiB, least recently used files go first; 0 = store the "
         "head's features alone.",
         0.0, 1e6}}},
      {"data", data.fields()},
      {"train", train.fields()},
  };
}

Json to_json(StudyOptions options) {
  Json sections = Json::object();
  for (const Section& section : options.sections()) {
    sections[section.name] = fields_to_json(section.fields);
  }
  return sections;
}

void set_options(StudyOptions& options, const Json& sections, const std::string& where) {
  const std::vector<Section> known = options.sections();
  for (const auto& [name, table] : sections.items()) {
    const auto section = std::find_if(known.begin(), known.end(),
                                      [&name = name](const Section& s) { return s.name == name; });
    if (section == known.end()) {
      std::vector<std::string> names;
      for (const Section& s : known) names.push_back(s.name);
      throw Error(where + ": " + unknown_name("section", name, names).what());
    }
    fields_from_json(section->fields, table, fmt::format("{} [{}]", where, name));
  }
}

StudyOptions read_options(const fs::path& path) {
  if (!fs::is_regular_file(path)) {
    throw Error(fmt::format("{}: no such settings file", path.string()));
  }
  StudyOptions options;
  options.out.clear();  // to tell whether the file sets it
  try {
    set_options(options, to_json(toml::parse_file(path.string()), path.string()), path.string());
  } catch (const toml::parse_error& e) {
    throw Error(fmt::format("{}:{}: {}", path.string(), e.source().begin.line, e.description()));
  }
  const fs::path folder = path.parent_path();
  resolve(options.data.data, folder);
  resolve(options.data.split_file, folder);
  resolve(options.data.cleared_look_alikes, folder);
  resolve(options.out, folder);
  for (std::string& entry : options.data.external) {
    const std::size_t start = data::external_path_start(entry);
    std::string path = entry.substr(start);
    resolve(path, folder);
    entry.replace(start, std::string::npos, path);
    // A path without "./" in front may begin as the name of a source.
    if (data::external_path_start(entry) != start) entry.insert(start, "./");
  }
  if (options.out.empty()) options.out = StudyOptions().out;
  resolve_places(options, folder);
  return options;
}

void resolve_places(StudyOptions& options, const fs::path& folder) {
  resolve(options.cache, folder);
  for (std::string& entry : options.weights) {
    const auto equals = entry.find('=');
    const std::size_t start = equals == std::string::npos ? 0 : equals + 1;
    std::string file = entry.substr(start);
    // A name of an imported set has no slash and no such file beside the settings.
    if (file.find('/') == std::string::npos && !fs::is_regular_file(folder / file)) continue;
    resolve(file, folder);
    entry.replace(start, std::string::npos, file);
  }
}

fs::path cache_folder(const StudyOptions& options) {
  return options.cache.empty() ? weights::default_cache_folder() : fs::path(options.cache);
}

void check_complete(const StudyOptions& options) {
  if (options.data.data.empty()) {
    throw Error("no images: say --data FOLDER (a sub-folder for each class) or --data FILE.csv");
  }
  if (options.arch.empty()) {
    throw Error("no architecture: say --arch NAME[,NAME...], for example --arch squeezenet1_1");
  }
  if (options.train.learning_rates.empty()) {
    throw Error("no learning rate: say --learning-rates RATE[,RATE...], for example 1e-4");
  }
  refuse_doubles("arch", options.arch);
  refuse_doubles("learning_rates", options.train.learning_rates);
  refuse_doubles("head_learning_rates", options.train.head_learning_rates);
}

}  // namespace fathom::study
