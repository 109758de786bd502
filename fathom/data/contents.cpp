#include "fathom/data/contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace {

/// The whole of `name` as a number, or nothing.
bool parse_whole(const std::string& name, std::int64_t& value) {
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, value);
  return error == std::errc() && stopped == end;
}

/// Numeric names in numeric order before all others in the order of their bytes.
bool class_order(const std::string& a, const std::string& b) {
  std::int64_t number_a = 0, number_b = 0;
  const bool a_is_number = parse_whole(a, number_a);
  const bool b_is_number = parse_whole(b, number_b);
  if (a_is_number && b_is_number && number_a != number_b) return number_a < number_b;
  if (a_is_number != b_is_number) return a_is_number;
  return a < b;
}

using Facts = decltype(Dataset::facts);

Facts count_facts(const Contents& contents) {
  Facts counts;
  for (const Entry& entry : contents.entries) {
    for (const auto& [name, value] : entry.facts) ++counts[name][value];
  }
  return counts;
}

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

/// The values and counts of one fact; throws Error when the source has no such fact.
const std::map<std::string, std::size_t>& find_fact(const Facts& facts, const std::string& name,
                                                    const std::string& setting) {
  if (facts.empty()) {
    throw Error(setting + ": this data set's source knows the class of an image and no more");
  }
  const auto found = facts.find(name);
  if (found != facts.end()) return found->second;
  throw Error(setting + ": " + unknown_name("property", name, keys_of(facts)).what());
}

/// The rows of a groups file: path -> group.
std::map<std::string, std::string> read_group_rows(const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  const auto columns = find_columns(table, {"path", "group"}, file.string());
  std::map<std::string, std::string> groups;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& id = table.rows[row][columns[0]];
    const std::string name = trimmed(table.rows[row][columns[1]]);
    const std::string at = fmt::format("{}:{}: ", file.string(), table.lines[row]);
    // The group itself, which may be a patient's name, is not told.
    if (!is_utf8(name)) throw Error(at + "the group is not UTF-8; save the file as UTF-8");
    if (name.empty()) throw Error(at + "the group is empty");
    if (!groups.emplace(id, name).second) {
      throw Error(at + "'" + escaped(id) + "' was already listed; one row per image is allowed");
    }
  }
  return groups;
}

/// The images of each patient or study, by the spreadsheet_key of `name`, that is in several of the
/// groups that people have told. `telling_nothing`: keys that are left out.
std::vector<std::vector<std::string>> cut_by(const Contents& contents,
                                             std::string HiddenNames::*name,
                                             const std::set<std::string>& telling_nothing) {
  std::map<std::string, std::set<std::string>> groups;
  std::map<std::string, std::vector<std::string>> images;
  for (const Entry& entry : contents.entries) {
    const std::string key = spreadsheet_key(entry.sample.hidden.*name);
    if (key.empty() || entry.sample.told_group().empty() || telling_nothing.contains(key)) continue;
    groups[key].insert(entry.sample.told_group());
    images[key].push_back(entry.sample.id);
  }
  std::vector<std::vector<std::string>> cut;
  for (const auto& [key, of_one] : groups) {
    if (of_one.size() > 1) cut.push_back(std::move(images[key]));
  }
  return cut;
}

/// The keys of studies that tell nothing: the only one, and those of several patients.
std::set<std::string> studies_telling_nothing(const Contents& contents) {
  std::map<std::string, std::set<std::string>> patients;
  for (const Entry& entry : contents.entries) {
    const HiddenNames& names = entry.sample.hidden;
    if (names.study.empty()) continue;
    std::set<std::string>& of_study = patients[spreadsheet_key(names.study)];
    const std::string patient = spreadsheet_key(names.patient);
    if (!patient.empty() && patient != contents.anonymous_patient) of_study.insert(patient);
  }
  std::set<std::string> studies;
  for (const auto& [study, of_study] : patients) {
    if (patients.size() == 1 || of_study.size() > 1) studies.insert(study);
  }
  return studies;
}

void doubt_cut(Contents& contents, const std::string& what,
               const std::vector<std::vector<std::string>>& cut, const std::string& advice) {
  if (cut.empty()) return;
  GroupDoubt doubt{
      fmt::format("{} with images in several groups: {}. {}", what, cut.size(), advice), {}};
  for (const std::vector<std::string>& images : cut) doubt.suspects.push_back({images, images});
  contents.group_doubts.push_back(std::move(doubt));
}

/// Cautions of classes that may be one, written in two ways.
void warn_of_capitals(Dataset& dataset) {
  std::map<std::string, std::string> known;
  for (const std::string& name : dataset.classes) {
    const auto [first, is_new] = known.emplace(lower(name), name);
    if (is_new) continue;
    dataset.cautions.push_back(fmt::format(
        "The classes '{}' and '{}' differ in capitals only. If they are one, write them alike.",
        first->second, name));
  }
}

}  // namespace

void read_groups(Contents& contents, const std::filesystem::path& file, bool allow_others) {
  std::map<std::string, std::string> groups = read_group_rows(file);
  const bool told = std::ranges::any_of(
      contents.entries, [](const Entry& entry) { return !entry.sample.group.empty(); });
  for (Entry& entry : contents.entries) {
    const auto found = groups.find(entry.sample.id);
    if (found == groups.end()) {
      throw Error(fmt::format(
          "{}: no row for the image '{}'; every image needs its group. If this file belongs to "
          "other data, move it away",
          file.string(), entry.sample.id));
    }
    entry.sample.group = found->second;
    entry.sample.group_is_made_up = false;
    groups.erase(found);
  }
  if (!groups.empty() && !allow_others) {
    throw Error(fmt::format(
        "{}: '{}' is no image of this data set; paths are relative to the file, with '/'",
        file.string(), escaped(groups.begin()->first)));
  }
  if (told) {
    contents.cautions.push_back(fmt::format(
        "The groups are those of {}; those that the data set itself tells are not used.",
        file.string()));
  }
}

std::string spreadsheet_key(const std::string& name) {
  const std::string key = lower(trimmed(name));
  const std::size_t zeros = std::min(key.find_first_not_of('0'), key.size());
  return zeros > 0 && zeros == key.size() ? "0" : key.substr(zeros);
}

std::string pseudonym(const std::string& kind, std::size_t number) {
  return fmt::format("{}-{:06}", kind, number);
}

std::map<std::string, std::set<std::string>> written_twice(const std::set<std::string>& names) {
  std::map<std::string, std::set<std::string>> spellings;
  for (const std::string& name : names) spellings[spreadsheet_key(name)].insert(name);
  std::erase_if(spellings, [](const auto& named) { return named.second.size() < 2; });
  return spellings;
}

void find_groups_written_twice(Contents& contents) {
  std::map<std::string, std::vector<std::string>> images;  // by group
  std::set<std::string> groups;
  for (const Entry& entry : contents.entries) {
    const std::string& group = entry.sample.told_group();
    if (group.empty()) continue;
    images[group].push_back(entry.sample.id);
    groups.insert(group);
  }
  const auto spellings = written_twice(groups);
  if (spellings.empty()) return;
  // Patients' names are not told.
  const std::set<std::string>& first = spellings.begin()->second;
  const std::string example =
      contents.patient_ids.empty()
          ? fmt::format(" (the first: '{}' and '{}')", *first.begin(), *std::next(first.begin()))
          : "";
  GroupDoubt doubt{
      fmt::format("Groups that differ in capitals or leading zeros only: {}{}. They count as two: "
                  "if they are one patient or slide, write them alike.",
                  spellings.size(), example),
      {}};
  for (const auto& [key, names] : spellings) {
    GroupDoubt::Suspects& suspects = doubt.suspects.emplace_back();
    for (const std::string& name : names) {
      suspects.images.insert(suspects.images.end(), images[name].begin(), images[name].end());
    }
    suspects.others = suspects.images;
  }
  contents.group_doubts.push_back(std::move(doubt));
}

void hide_patients(Contents& contents) {
  const auto names_one = [&](const Entry& entry) {
    const std::string& group = entry.sample.group;
    return !group.empty() && contents.patient_ids.contains(spreadsheet_key(group));
  };
  if (std::ranges::none_of(contents.entries, names_one)) return;
  std::map<std::string, std::string> numbers;
  for (Entry& entry : contents.entries) {
    Sample& sample = entry.sample;
    if (sample.group.empty()) continue;
    const std::string next = pseudonym("group", numbers.size() + 1);
    if (!sample.group_is_made_up) sample.hidden.group = sample.group;
    sample.group = numbers.emplace(sample.group, next).first->second;
    sample.group_is_made_up = true;
  }
}

void find_cut_patients(Contents& contents) {
  doubt_cut(contents, "Patients (by the PatientID of DICOM files)",
            cut_by(contents, &HiddenNames::patient, {contents.anonymous_patient}),
            "Let groups be patients.");
  doubt_cut(contents, "Studies (by the StudyInstanceUID of DICOM files)",
            cut_by(contents, &HiddenNames::study, studies_telling_nothing(contents)),
            "A study is of one patient: give its images one group.");
}

std::string about_groups(const Contents& contents, const Source& source,
                         const std::filesystem::path& groups) {
  const auto has_group = [](const Entry& entry) { return !entry.sample.group.empty(); };
  if (std::ranges::none_of(contents.entries, has_group)) return "";
  if (std::filesystem::exists(groups)) {
    return fmt::format("The groups are those of {}", groups.string());
  }
  const bool told = std::ranges::any_of(
      contents.entries, [](const Entry& entry) { return !entry.sample.told_group().empty(); });
  return fmt::format("The groups come from {}. Give others by {} (path,group)",
                     told ? source.group : "PatientID, StudyInstanceUID or file of DICOM images",
                     groups.string());
}

std::set<Split> parts_named_by(const std::string& id) {
  std::set<Split> parts;
  for (const auto& folder : std::filesystem::path(id).parent_path()) {
    parts.insert(split_of_folder(folder.string()));
  }
  parts.erase(Split::none);
  return parts;
}

Split part_of(const std::string& id) {
  const std::set<Split> parts = parts_named_by(id);
  if (parts.size() > 1) {
    throw Error(
        fmt::format("'{}' lies in folders of two parts, {} and {}; rename the one that is no part",
                    id, split_name(*parts.begin()), split_name(*parts.rbegin())));
  }
  return parts.empty() ? Split::none : *parts.begin();
}

void take_parts(Contents& contents, const std::filesystem::path& root) {
  const Entry *inside = nullptr, *outside = nullptr;
  for (Entry& entry : contents.entries) {
    entry.sample.split = part_of(entry.sample.id);
    (entry.sample.split == Split::none ? outside : inside) = &entry;
  }
  if (inside == nullptr || outside == nullptr) return;
  throw Error(fmt::format(
      "{}: '{}' lies in a folder named after a part (train, valid, test), '{}' in none. Put all "
      "images below such folders, or none",
      root.string(), inside->sample.id, outside->sample.id));
}

void keep_only(Contents& contents, const std::string& condition) {
  if (condition.empty()) return;
  const std::size_t equals = condition.find('=');
  if (equals == std::string::npos) {
    throw Error(fmt::format("only: '{}' is not of the form NAME=VALUE", condition));
  }
  const std::string name = condition.substr(0, equals), value = condition.substr(equals + 1);
  const Facts facts = count_facts(contents);
  const auto& known = find_fact(facts, name, "only");
  if (!known.contains(value)) {
    throw Error("only: " + std::string(unknown_name(name, value, keys_of(known)).what()));
  }
  std::erase_if(contents.entries, [&](const Entry& entry) {
    const auto fact = entry.facts.find(name);
    return fact == entry.facts.end() || fact->second != value;
  });
}

void label_by(Contents& contents, const std::string& fact) {
  if (fact.empty()) return;
  find_fact(count_facts(contents), fact, "label_by");
  for (Entry& entry : contents.entries) {
    const auto found = entry.facts.find(fact);
    if (found == entry.facts.end()) {
      throw Error(fmt::format("label_by: '{}' has no {}", entry.sample.id, fact));
    }
    entry.class_name = found->second;
  }
}

Dataset to_dataset(Contents contents) {
  const auto order = [](const std::string& a, const std::string& b) { return class_order(a, b); };
  std::map<std::string, int, decltype(order)> labels(order);
  for (const Entry& entry : contents.entries) labels[entry.class_name] = 0;
  Dataset dataset;
  dataset.facts = count_facts(contents);
  for (auto& [name, label] : labels) {
    label = static_cast<int>(dataset.classes.size());
    dataset.classes.push_back(name);
  }
  for (Entry& entry : contents.entries) {
    entry.sample.label = labels[entry.class_name];
    dataset.has_groups |= !entry.sample.group.empty();
    dataset.has_splits |= entry.sample.split != Split::none;
    dataset.samples.push_back(std::move(entry.sample));
  }
  dataset.skipped = std::move(contents.skipped);
  dataset.cautions = std::move(contents.cautions);
  dataset.leaks = std::move(contents.leaks);
  dataset.group_doubts = std::move(contents.group_doubts);
  dataset.anonymous_patient = std::move(contents.anonymous_patient);
  warn_of_capitals(dataset);
  std::ranges::sort(dataset.samples, {}, &Sample::id);
  std::ranges::sort(dataset.skipped, {}, &SkippedImage::id);
  return dataset;
}

}  // namespace fathom::data::internal
