#include "fathom/data/dicom_instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

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
    instance.patient = file.patient_id();
    instance.study = file.study_uid();
  } catch (const Error&) {
    return;
  }
}

/// The StudyInstanceUIDs under which files name several patients: a study is of one, so that these
/// were made up, by anonymization for example, and tell nothing of whose the files are.
std::set<std::string> made_up_studies(const std::vector<DicomInstance>& files) {
  std::map<std::string, std::set<std::string>> patients;
  for (const DicomInstance& file : files) {
    if (!file.study.empty() && !file.patient.empty()) patients[file.study].insert(file.patient);
  }
  std::set<std::string> made_up;
  for (const auto& [study, names] : patients) {
    if (names.size() > 1) made_up.insert(study);
  }
  return made_up;
}

/// Files that share a patient or a study, directly or over others. A study that is made up joins
/// those files alone that name no patient.
std::vector<std::vector<std::size_t>> families_of(const std::vector<DicomInstance>& files) {
  Families families(files.size());
  const std::set<std::string> made_up = made_up_studies(files);
  std::map<std::string, std::size_t> patients, studies;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [patient, study] = std::tie(files[i].patient, files[i].study);
    if (!patient.empty()) families.link(i, patients.emplace(patient, i).first->second);
    const bool tells = !study.empty() && (patient.empty() || !made_up.contains(study));
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
  const std::string patient = words_of(file.patient);
  constexpr std::size_t kShortest = 3 + 2;
  return patient.size() >= kShortest && words_of(file.id).find(patient) != std::string::npos;
}

bool may_be_dicom(const std::string& id) {
  return lower(fs::path(id).extension().string()) == ".dcm" || !has_image_extension(id);
}

}  // namespace

std::vector<std::string> DicomInstance::names() const {
  std::vector<std::string> names;
  for (const std::string& name : {patient, study}) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

std::vector<DicomInstance> read_dicom_instances(const fs::path& root,
                                                const std::vector<std::string>& ids) {
  std::vector<DicomInstance> files;
  for (const std::string& id : ids) files.push_back({.id = id});
  parallel_for(ids.size(), [&](std::size_t i) { read_instance(root, files[i]); });
  // Numbers, for a hash of a PatientID would not hide it: there are too few of them not to try
  // them all.
  std::map<std::string, std::size_t> counts;
  for (const std::vector<std::size_t>& family : families_of(files)) {
    const DicomInstance& first = files[family.front()];
    if (first.names().empty()) continue;  // alone
    const bool named =
        std::ranges::any_of(family, [&](std::size_t i) { return !files[i].patient.empty(); });
    const std::string kind = named ? "patient" : "study";
    const std::string group = pseudonym(kind, ++counts[kind]);
    for (const std::size_t i : family) files[i].group = group;
  }
  return files;
}

bool name_one_group(const std::vector<DicomInstance>& files) {
  std::set<std::string> groups;
  for (const DicomInstance& file : files) groups.insert(file.group);
  groups.erase("");
  return files.size() > 1 && groups.size() <= 1;
}

void note_patients(Contents& contents, const std::vector<DicomInstance>& files) {
  for (const DicomInstance& file : files) {
    if (!file.patient.empty()) contents.patient_ids.insert(file.patient);
  }
  if (const std::size_t made_up = made_up_studies(files).size(); made_up > 0) {
    contents.cautions.push_back(
        fmt::format("StudyInstanceUIDs under which DICOM files name several patients: {}. They are "
                    "not taken for studies; the PatientIDs count.",
                    made_up));
  }
  if (const std::size_t twice = written_twice(contents.patient_ids).size(); twice > 0) {
    contents.leaks.push_back(
        fmt::format("PatientIDs that differ in capitals or leading zeros only: {}. If they are one "
                    "patient, write them alike: they count as two, which a split may cut.",
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
  const bool same = name_one_group(files);
  if (same && !grouped && !has_groups_file) {
    contents.cautions.emplace_back(
        "All DICOM files name one patient or study, or none, as anonymised ones do: they give no "
        "groups. Where you know the patients, write groups.csv (path,group).");
  }
  for (const DicomInstance& file : files) {
    samples[file.id]->hidden_names = file.names();
    if (!grouped && !same) samples[file.id]->group = file.group;
  }
}

}  // namespace fathom::data::internal
