#include "fathom/data/external.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/error.h"
#include "fathom/base/log.h"

namespace fathom::data {
namespace {

/// "site2=DIR" in two; the name becomes a part of file names.
std::pair<std::string, std::string> name_and_path(const std::string& entry) {
  const auto equals = entry.find('=');
  const std::string name = entry.substr(0, equals);
  const bool plain = !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (equals == std::string::npos || equals + 1 == entry.size() || !plain) {
    throw Error(fmt::format(
        "external: '{}' is not NAME=PATH with a name of letters, digits, '-', '_' and '.'", entry));
  }
  return {name, entry.substr(equals + 1)};
}

using ClassNames = std::map<std::string, std::string>;

/// What "NAME:THEIRS=OURS" says, by name.
std::map<std::string, ClassNames> class_names(const DataOptions& options) {
  std::map<std::string, ClassNames> maps;
  std::vector<std::string> names;
  for (const std::string& entry : options.external) names.push_back(name_and_path(entry).first);
  for (const std::string& entry : options.external_classes) {
    const auto colon = entry.find(':');
    const auto equals = entry.rfind('=');
    if (colon == std::string::npos || equals == std::string::npos || equals < colon) {
      throw Error(fmt::format("external_classes: '{}' is not NAME:THEIRS=OURS", entry));
    }
    const std::string name = entry.substr(0, colon);
    if (std::ranges::find(names, name) == names.end()) {
      throw unknown_name("external set in external_classes", name, names);
    }
    maps[name][entry.substr(colon + 1, equals - colon - 1)] = entry.substr(equals + 1);
  }
  return maps;
}

/// Their class numbers to ours; -1: left out.
std::vector<int> match_classes(const std::string& name, const Dataset& theirs, const Dataset& own,
                               const ClassNames& names) {
  for (const auto& [from, to] : names) {
    if (std::ranges::find(theirs.classes, from) == theirs.classes.end()) {
      throw unknown_name("class of '" + name + "' in external_classes", from, theirs.classes);
    }
  }
  std::vector<int> numbers;
  for (const std::string& their_name : theirs.classes) {
    const auto mapped = names.find(their_name);
    const std::string& our_name = mapped == names.end() ? their_name : mapped->second;
    const auto found = std::ranges::find(own.classes, our_name);
    if (found == own.classes.end() && !(mapped != names.end() && our_name.empty())) {
      throw Error(fmt::format(
          "external set '{0}': class '{1}' is none of the study's ({2}). Say which it is with "
          "external_classes = [\"{0}:{1}=CLASS\"], or leave it out with \"{0}:{1}=\"",
          name, our_name, fmt::join(own.classes, ", ")));
    }
    numbers.push_back(found == own.classes.end() ? -1
                                                 : static_cast<int>(found - own.classes.begin()));
  }
  return numbers;
}

ExternalSet open_one(const std::string& entry, const DataOptions& options, const Dataset& own,
                     const std::map<std::string, ClassNames>& names) {
  const auto [name, path] = name_and_path(entry);
  DataOptions theirs;
  theirs.data = path;
  theirs.stain = options.stain;
  Dataset dataset = open_dataset(theirs);
  if (dataset.source == own.source) {
    theirs.label_by = options.label_by;
    theirs.only = options.only;
    dataset = open_dataset(theirs);
  }
  const auto mapped = names.find(name);
  const std::vector<int> numbers =
      match_classes(name, dataset, own, mapped == names.end() ? ClassNames{} : mapped->second);
  log_info("reading {} images of {} (external)", dataset.samples.size(), path);
  scan(dataset, options.skip_bad);
  for (Sample& sample : dataset.samples) {
    sample.label = numbers[static_cast<std::size_t>(sample.label)];
    sample.split = Split::test;
  }
  std::erase_if(dataset.samples, [](const Sample& sample) { return sample.label < 0; });
  dataset.look_alikes.clear();  // their indices are gone, and nothing is cut here
  dataset.classes = own.classes;
  return {name, std::move(dataset)};
}

}  // namespace

std::vector<ExternalSet> open_external(const DataOptions& options, const Dataset& own) {
  const std::map<std::string, ClassNames> names = class_names(options);
  std::vector<ExternalSet> sets;
  for (const std::string& entry : options.external) {
    sets.push_back(open_one(entry, options, own, names));
    const auto same = std::ranges::count(sets, sets.back().name, &ExternalSet::name);
    if (same > 1) {
      throw Error(fmt::format("external: '{}' names two sets; give each a name of its own",
                              sets.back().name));
    }
  }
  return sets;
}

std::vector<std::string> external_warnings(const Dataset& own,
                                           const std::vector<ExternalSet>& external) {
  std::map<std::string, const Sample*> ours;
  for (const Sample& sample : own.samples) ours[sample.hash] = &sample;
  std::vector<std::string> warnings;
  for (const ExternalSet& set : external) {
    std::size_t shared = 0;
    std::string example;
    for (const Sample& sample : set.dataset.samples) {
      const auto found = ours.find(sample.hash);
      if (found == ours.end()) continue;
      if (++shared == 1) example = fmt::format("{} is {}", sample.id, found->second->id);
    }
    if (shared == 0) continue;
    warnings.push_back(
        fmt::format("{} of {} images of the external set '{}' are also among the study's own (for "
                    "example, {}): "
                    "what it measures is not generalization",
                    shared, set.dataset.samples.size(), set.name, example));
  }
  return warnings;
}

}  // namespace fathom::data
