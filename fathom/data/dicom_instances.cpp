#include "fathom/data/dicom_instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/data/contents.h"
#include "fathom/data/families.h"
#include "fathom/data/listing.h"
#include "fathom/image/dicom.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

void read_instance(const fs::path& root, DicomInstance& instance) {
  try {
    const image::DicomFile file(root / instance.id);
    instance.uid = file.instance_uid();
    instance.frames = file.frames();
    instance.hidden = {.patient = file.patient_id(), .study = file.study_uid()};
    instance.is_readable = true;
  } catch (const Error&) {
    return;
  }
}

/// Marks the studies under which files name several patients: a study is of one, so that these
/// were made up, by anonymization for example, and tell nothing of whose the files are.
void mark_made_up_studies(std::vector<DicomInstance>& files) {
  std::map<std::string, std::set<std::string>> patients;
  for (const DicomInstance& file : files) {
    const auto& [patient, study, is_made_up, group] = file.hidden;
    if (!study.empty() && !patient.empty()) patients[study].insert(spreadsheet_key(patient));
  }
  for (DicomInstance& file : files) {
    const auto found = patients.find(file.hidden.study);
    file.hidden.study_is_made_up = found != patients.end() && found->second.size() > 1;
  }
}

/// Files that share a patient or a study, directly or over others. A study that is made up joins
/// those files alone that name no patient.
std::vector<std::vector<std::size_t>> families_of(const std::vector<DicomInstance>& files) {
  Families families(files.size());
  std::map<std::string, std::size_t> patients, studies;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [patient, study, is_made_up, group] = files[i].hidden;
    if (!patient.empty()) {
      families.link(i, patients.emplace(spreadsheet_key(patient), i).first->second);
    }
    const bool tells = !study.empty() && (patient.empty() || !is_made_up);
    if (tells) families.link(i, studies.emplace(study, i).first->second);
  }
  return families.list();
}

/// Letters and digits in small letters, all else as one '/': "/mueller/1965/".
std::string words_of(const std::string& text) {
  std::string words = "/";
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c >= 0x80) {
      words += static_cast<char>(std::tolower(c));
    } else if (words.back() != '/') {
      words += '/';
    }
  }
  return words.back() == '/' ? words : words + '/';
}

/// Whether the words of the PatientID stand in the path. Shorter ones than three letters name
/// nobody, and would be found in the numbers of files.
bool path_tells_patient(const DicomInstance& file) {
  const std::string patient = words_of(file.hidden.patient);
  constexpr std::size_t kShortest = 3 + 2;
  return patient.size() >= kShortest && words_of(file.id).find(patient) != std::string::npos;
}

bool may_be_dicom(const std::string& id) {
  return lower(fs::path(id).extension().string()) == ".dcm" || !has_image_extension(id);
}

/// The groups of the files that can be read, "" where one has none.
std::set<std::string> groups_of(const std::vector<DicomInstance>& files) {
  std::set<std::string> groups;
  for (const DicomInstance& file : files) {
    if (file.is_readable) groups.insert(file.group);
  }
  return groups;
}

/// What whoever has anonymised files must know. `groups`: those of the files.
void warn_of_one_group(Contents& contents, const std::set<std::string>& groups) {
  if (groups.size() < 2) {
    contents.cautions.emplace_back(
        "All DICOM files name the same patient or study, or all name none, as anonymised ones do: "
        "they give no groups. Where you know the patients, write groups.csv (path,group).");
  } else if (groups.size() == 2 && groups.contains("")) {
    contents.cautions.emplace_back(
        "All DICOM files that name a patient or study name the same: they are one group. If they "
        "were anonymised, and are of several patients, write groups.csv (path,group).");
  }
}

}  // namespace

std::vector<DicomInstance> read_dicom_instances(const fs::path& root,
                                                const std::vector<std::string>& ids) {
  std::vector<DicomInstance> files;
  for (const std::string& id : ids) files.push_back({.id = id});
  parallel_for(ids.size(), [&](std::size_t i) { read_instance(root, files[i]); });
  mark_made_up_studies(files);
  // Numbers, for a hash of a PatientID would not hide it: there are too few of them not to try
  // them all.
  std::map<std::string, std::size_t> counts;
  for (const std::vector<std::size_t>& family : families_of(files)) {
    const HiddenNames& first = files[family.front()].hidden;
    if (first.patient.empty() && first.study.empty()) continue;  // alone
    const bool named = std::ranges::any_of(
        family, [&](std::size_t i) { return !files[i].hidden.patient.empty(); });
    const std::string kind = named ? "patient" : "study";
    const std::string group = pseudonym(kind, ++counts[kind]);
    for (const std::size_t i : family) files[i].group = group;
  }
  return files;
}

void note_patients(Contents& contents, const std::vector<DicomInstance>& files) {
  std::set<std::string> ids, made_up;
  for (const DicomInstance& file : files) {
    if (!file.hidden.patient.empty()) ids.insert(file.hidden.patient);
    if (file.hidden.study_is_made_up) made_up.insert(file.hidden.study);
  }
  for (const std::string& id : ids) contents.patient_ids.insert(spreadsheet_key(id));
  if (!made_up.empty()) {
    contents.cautions.push_back(
        fmt::format("StudyInstanceUIDs under which DICOM files name several patients: {}. They are "
                    "not taken for studies; the PatientIDs count.",
                    made_up.size()));
  }
  if (const std::size_t twice = written_twice(ids).size(); twice > 0) {
    contents.cautions.push_back(
        fmt::format("PatientIDs that differ in capitals or leading zeros only: {}. Where no groups "
                    "are given, they are taken for one patient.",
                    twice));
  }
  const auto told = std::ranges::count_if(files, path_tells_patient);
  if (told == 0) return;
  contents.leaks.push_back(
      fmt::format("Paths of DICOM files that contain the file's PatientID: {}. Paths are written, "
                  "into plans and predictions: give these files and folders other names.",
                  told));
}

void take_patients(Contents& contents, const fs::path& root, bool has_groups_file) {
  std::map<std::string, Sample*> samples;
  for (Entry& entry : contents.entries) {
    if (may_be_dicom(entry.sample.id)) samples[entry.sample.id] = &entry.sample;
  }
  std::vector<std::string> ids;
  for (const auto& [id, sample] : samples) ids.push_back(id);
  const std::vector<DicomInstance> files = read_dicom_instances(root, ids);
  note_patients(contents, files);
  const bool grouped = std::ranges::any_of(
      contents.entries, [](const Entry& entry) { return !entry.sample.group.empty(); });
  const std::set<std::string> groups = groups_of(files);
  const bool several = files.size() > 1;
  if (several && !grouped && !has_groups_file) warn_of_one_group(contents, groups);
  for (const DicomInstance& file : files) {
    Sample& sample = *samples[file.id];
    sample.hidden = file.hidden;
    if (grouped || (several && groups.size() < 2)) continue;
    sample.group = file.group;
    sample.group_is_made_up = true;
  }
}

}  // namespace fathom::data::internal
