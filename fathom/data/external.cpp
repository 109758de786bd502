#include "fathom/data/external.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/data/contents.h"
#include "fathom/data/look_alikes.h"
#include "fathom/data/source.h"

namespace fathom::data {
namespace {

/// What "site2=DIR" or "site2=folder:DIR" says.
struct Setting {
  std::string name;
  std::string source;  ///< "" = to be found out
  std::string path;
};

/// The name becomes a part of file names.
Setting read_setting(const std::string& entry) {
  const auto equals = entry.find('=');
  const std::size_t start = external_path_start(entry);
  const std::string name = entry.substr(0, equals);
  if (equals == std::string::npos || start == entry.size() || !is_external_name(name)) {
    throw Error(
        fmt::format("external: '{}' is not NAME=PATH or NAME=SOURCE:PATH with a name of letters, "
                    "digits, '-', '_' and '.'",
                    entry));
  }
  const std::string source = entry.substr(equals + 1, start - equals - 1);
  return {name, source.substr(0, source.find(':')), entry.substr(start)};
}

using ClassNames = std::map<std::string, std::string>;

/// What "NAME:THEIRS=OURS" says, by name.
std::map<std::string, ClassNames> class_names(const DataOptions& options) {
  std::map<std::string, ClassNames> maps;
  std::vector<std::string> names;
  for (const std::string& entry : options.external) names.push_back(read_setting(entry).name);
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

/// A number says of no class what it is: that of another kind of data set may mean anything.
void refuse_number(const std::string& name, const std::string& their_name, const Dataset& theirs,
                   const Dataset& own) {
  const bool is_number = their_name.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || theirs.source == own.source) return;
  throw Error(fmt::format(
      "external set '{0}' ({2}): its class '{1}' is a number, which need not mean what it means in "
      "the study ({3}). Say which of the study's classes ({4}) it is with external_classes = "
      "[\"{0}:{1}=CLASS\"], or leave it out with \"{0}:{1}=\"",
      name, their_name, theirs.source, own.source, fmt::join(own.classes, ", ")));
}

/// Their class numbers to ours; -1: left out.
std::vector<int> match_classes(const std::string& name, const Dataset& theirs, const Dataset& own,
                               const ClassNames& names) {
  for (const auto& [from, to] : names) {
    if (std::ranges::find(theirs.classes, from) == theirs.classes.end()) {
      throw unknown_name("class of '" + name + "' in external_classes", from, theirs.classes);
    }
    if (!to.empty() && std::ranges::find(own.classes, to) == own.classes.end()) {
      throw Error(fmt::format("external_classes: '{}:{}={}': {}", name, from, to,
                              unknown_name("class of the study", to, own.classes).what()));
    }
  }
  std::vector<int> numbers;
  for (const std::string& their_name : theirs.classes) {
    const auto mapped = names.find(their_name);
    if (mapped == names.end()) refuse_number(name, their_name, theirs, own);
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
  if (std::ranges::all_of(numbers, [](int number) { return number < 0; })) {
    throw Error(fmt::format(
        "external set '{}': external_classes leaves every class out; name one of the study's ({}) "
        "for at least one, or leave the set out",
        name, fmt::join(own.classes, ", ")));
  }
  return numbers;
}

/// The images of a set that are among the study's own: equal to one, or alike.
struct Shared {
  std::size_t equal = 0, alike = 0;
  std::string equal_example, alike_example;  ///< "theirs.png is ours.png"
};

/// For the hash of each of their images that looks like some of our own, the first such.
std::map<std::string, const Sample*> find_alike(const Dataset& own,
                                                const std::vector<image::Fingerprint>& own_prints,
                                                const Dataset& theirs,
                                                const std::vector<image::Fingerprint>& prints) {
  std::vector<image::Fingerprint> all = own_prints;
  all.insert(all.end(), prints.begin(), prints.end());
  std::map<std::string, const Sample*> alike;
  for (const std::vector<std::size_t>& family : find_look_alikes(all)) {
    if (family.front() >= own.samples.size()) continue;  // none of ours, which come first
    for (const std::size_t i : family) {
      if (i < own.samples.size()) continue;
      alike.emplace(theirs.samples[i - own.samples.size()].hash, &own.samples[family.front()]);
    }
  }
  return alike;
}

Shared find_shared(const Dataset& own, const std::vector<image::Fingerprint>& own_prints,
                   const Dataset& theirs, const std::vector<image::Fingerprint>& prints) {
  std::map<std::string, const Sample*> ours;
  for (const Sample& sample : own.samples) ours.emplace(sample.hash, &sample);
  const auto alike = find_alike(own, own_prints, theirs, prints);
  Shared shared;
  for (const Sample& sample : theirs.samples) {
    if (const auto same = ours.find(sample.hash); same != ours.end()) {
      if (++shared.equal == 1) shared.equal_example = sample.id + " is " + same->second->id;
    } else if (const auto like = alike.find(sample.hash); like != alike.end()) {
      if (++shared.alike == 1) shared.alike_example = sample.id + " and " + like->second->id;
    }
  }
  return shared;
}

using Keys = std::set<std::string>;

/// The keys of all that a sample's group is called, but for what tells nothing outside of its set
/// and, of a patient and a study, those in `telling_nothing`.
Keys keys_of_group(const Sample& sample, const Keys& telling_nothing) {
  const HiddenNames& hidden = sample.hidden;
  Keys keys;
  for (const std::string& name : {hidden.patient, hidden.study}) {
    const std::string key = internal::spreadsheet_key(name);
    if (!telling_nothing.contains(key)) keys.insert(key);
  }
  keys.insert(internal::spreadsheet_key(sample.told_group()));
  keys.erase("");
  return keys;
}

/// The key of the one that a set names by this name, "" where there are several or most of the
/// images name none.
std::string only_key(const Dataset& dataset, std::string HiddenNames::*name) {
  Keys keys;
  std::size_t named = 0;
  for (const Sample& sample : dataset.samples) {
    const std::string& own = sample.hidden.*name;
    if (own.empty()) continue;
    ++named;
    keys.insert(internal::spreadsheet_key(own));
  }
  return keys.size() == 1 && 2 * named > dataset.samples.size() ? *keys.begin() : "";
}

/// The key of the patient whom most images of a set name and nobody is meant: nearly all of its
/// DICOM files do, or no other is named.
std::string nobody_in(const Dataset& dataset) {
  const auto named = std::ranges::count_if(dataset.samples, [&](const Sample& sample) {
    return internal::spreadsheet_key(sample.hidden.patient) == dataset.anonymous_patient;
  });
  const bool most = 2 * static_cast<std::size_t>(named) > dataset.samples.size();
  if (!dataset.anonymous_patient.empty() && most) return dataset.anonymous_patient;
  return only_key(dataset, &HiddenNames::patient);
}

/// Where both sets name one and the same patient so, as anonymised files do: the keys of this
/// patient and of a study that goes with it everywhere.
Keys keys_of_anonymised(const Dataset& own, const Dataset& theirs) {
  Keys keys;
  const std::string patient = nobody_in(own);
  if (patient.empty() || patient != nobody_in(theirs)) return keys;
  keys.insert(patient);
  const std::string study = only_key(own, &HiddenNames::study);
  if (study == only_key(theirs, &HiddenNames::study)) keys.insert(study);
  return keys;
}

/// How many of their images are of a group (patient, slide) that is called like one of ours.
std::size_t count_in_shared_groups(const Dataset& own, const Dataset& theirs,
                                   const Keys& telling_nothing) {
  Keys our_keys;
  for (const Sample& sample : own.samples) our_keys.merge(keys_of_group(sample, telling_nothing));
  const auto group_of = [](const Sample& sample) {
    return sample.group.empty() ? sample.id : sample.group;
  };
  std::set<std::string> shared;
  for (const Sample& sample : theirs.samples) {
    const Keys keys = keys_of_group(sample, telling_nothing);
    const auto is_ours = [&](const std::string& key) { return our_keys.contains(key); };
    if (std::ranges::any_of(keys, is_ours)) shared.insert(group_of(sample));
  }
  return static_cast<std::size_t>(std::ranges::count_if(
      theirs.samples, [&](const Sample& sample) { return shared.contains(group_of(sample)); }));
}

/// What `strict` refuses.
std::vector<std::string> leaks_of(const ExternalSet& set, const Shared& shared,
                                  std::size_t in_shared_groups) {
  std::vector<std::string> leaks;
  for (const std::string& leak : set.dataset.leaks) {
    leaks.push_back(fmt::format("External set '{}': {}", set.name, leak));
  }
  const std::size_t images = set.dataset.samples.size();
  if (shared.equal > 0) {
    leaks.push_back(fmt::format(
        "{} of {} images of the external set '{}' are also among the study's own (for example, "
        "{}): what it measures is not generalization.",
        shared.equal, images, set.name, shared.equal_example));
  }
  if (shared.alike > 0) {
    leaks.push_back(fmt::format(
        "{} of {} images of the external set '{}' look like some of the study's own (turned, "
        "mirrored or saved again; for example, {}). Where they come from one picture, what it "
        "measures is not generalization.",
        shared.alike, images, set.name, shared.alike_example));
  }
  if (in_shared_groups > 0) {
    leaks.push_back(fmt::format(
        "{} of {} images of the external set '{}' are of groups (patients, slides) that are called "
        "like groups of the study. Where they are the same, what it measures is not "
        "generalization; where they only share a name, give them others.",
        in_shared_groups, images, set.name));
  }
  return leaks;
}

void refuse_shared(const std::vector<std::string>& leaks) {
  if (leaks.empty()) return;
  throw Error(fmt::format(
      "strict: correct the external set (take out what is the study's own), or leave out --strict "
      "to go on with warnings\n  {}",
      fmt::join(leaks, "\n  ")));
}

void warn_of_gaps(ExternalSet& set) {
  const Dataset& dataset = set.dataset;
  const std::string named = fmt::format("External set '{}': ", set.name);
  for (const std::string& caution : dataset.cautions) set.warnings.push_back(named + caution);
  for (const GroupDoubt& doubt : dataset.group_doubts) {
    set.warnings.push_back(named + doubt.text + " Its intervals may take one patient for several.");
  }
  const auto alone = std::ranges::count(dataset.samples, "", &Sample::group);
  if (alone > 0) {
    set.warnings.push_back(
        fmt::format("{}images without a group: {} of {}. Each counts as a patient of its own.",
                    named, alone, dataset.samples.size()));
  }
  std::vector<std::string> absent;
  for (std::size_t label = 0; label < dataset.classes.size(); ++label) {
    const auto number = static_cast<int>(label);
    if (std::ranges::count(dataset.samples, number, &Sample::label) > 0) continue;
    absent.push_back(fmt::format("'{}'", dataset.classes[label]));
  }
  if (absent.empty()) return;
  const bool one_left = absent.size() + 1 == dataset.classes.size();
  set.warnings.push_back(fmt::format("{}it has no images of {}: {}", named, fmt::join(absent, ", "),
                                     one_left
                                         ? "with one class no AUC is defined."
                                         : "its AUC is the mean over the classes that it has."));
}

/// Numbers the classes as the study does, and drops images of those left out with their
/// fingerprints.
void renumber(Dataset& dataset, const std::vector<int>& numbers, const Dataset& own,
              std::vector<image::Fingerprint>& prints) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    Sample& sample = dataset.samples[i];
    sample.label = numbers[static_cast<std::size_t>(sample.label)];
    sample.split = Split::test;
    if (sample.label < 0) continue;
    prints[kept] = prints[i];
    std::swap(dataset.samples[kept++], sample);
  }
  dataset.samples.resize(kept);
  prints.resize(kept);
  dataset.look_alikes.clear();  // their indices are gone, and nothing is cut here
  dataset.classes = own.classes;
}

ExternalSet open_one(const std::string& entry, const DataOptions& options, const Dataset& own,
                     const std::vector<image::Fingerprint>& own_prints,
                     const std::map<std::string, ClassNames>& names) {
  const auto [name, source, path] = read_setting(entry);
  DataOptions theirs;
  theirs.data = path;
  theirs.source = source;
  theirs.stain = options.stain;
  ExternalSet set{.name = name, .dataset = open_dataset(theirs)};
  if (set.dataset.source == own.source) {
    theirs.label_by = options.label_by;
    theirs.only = options.only;
    set.dataset = open_dataset(theirs);
  }
  const auto mapped = names.find(name);
  const std::vector<int> numbers =
      match_classes(name, set.dataset, own, mapped == names.end() ? ClassNames{} : mapped->second);
  log_info("reading {} images of {} (external)", set.dataset.samples.size(), path);
  std::vector<image::Fingerprint> prints = scan(set.dataset, options.skip_bad);
  renumber(set.dataset, numbers, own, prints);
  warn_of_gaps(set);
  const Keys anonymised = keys_of_anonymised(own, set.dataset);
  if (!anonymised.empty()) {
    set.warnings.push_back(
        fmt::format("External set '{}': its DICOM files and those of the study name one and the "
                    "same patient, as anonymised ones do: patients are not compared.",
                    set.name));
  }
  set.leaks = leaks_of(set, find_shared(own, own_prints, set.dataset, prints),
                       count_in_shared_groups(own, set.dataset, anonymised));
  if (options.strict) refuse_shared(set.leaks);
  set.warnings.insert(set.warnings.end(), set.leaks.begin(), set.leaks.end());
  return set;
}

}  // namespace

std::size_t external_path_start(const std::string& entry) {
  const std::size_t start = entry.find('=') + 1, colon = entry.find(':', start);
  if (colon == std::string::npos) return start;
  const std::string before = entry.substr(start, colon - start);
  const bool is_source = std::ranges::find(sources(), before, &Source::name) != sources().end();
  return is_source ? colon + 1 : start;
}

bool is_external_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
}

std::vector<ExternalSet> open_external(const DataOptions& options, const Dataset& own,
                                       const std::vector<image::Fingerprint>& own_prints) {
  const std::map<std::string, ClassNames> names = class_names(options);
  std::vector<ExternalSet> sets;
  for (const std::string& entry : options.external) {
    sets.push_back(open_one(entry, options, own, own_prints, names));
    const auto same = std::ranges::count(sets, sets.back().name, &ExternalSet::name);
    if (same > 1) {
      throw Error(fmt::format("external: '{}' names two sets; give each a name of its own",
                              sets.back().name));
    }
  }
  return sets;
}

}  // namespace fathom::data
