#include "fathom/data/dicom_instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/data/contents.h"
#include "fathom/data/families.h"
#include "fathom/data/image_array.h"
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

/// What a group is made of and called after.
struct Kind {
  std::string HiddenNames::*name;
  const char* word;
};
constexpr Kind kPatient = {&HiddenNames::patient, "patient"};
constexpr Kind kStudy = {&HiddenNames::study, "study"};

/// The keys of what the files that can be read name; "" among them where one names nothing.
std::set<std::string> keys_in(const std::vector<DicomInstance>& files, const Kind& kind) {
  std::set<std::string> keys;
  for (const DicomInstance& file : files) {
    if (file.is_readable) keys.insert(spreadsheet_key(file.hidden.*kind.name));
  }
  return keys;
}

/// Leaves out one study that all files name while they name several patients.
void drop_made_up_study(std::vector<DicomInstance>& files) {
  std::set<std::string> patients = keys_in(files, kPatient);
  patients.erase("");
  if (patients.size() < 2 || keys_in(files, kStudy).size() > 1) return;
  for (DicomInstance& file : files) {
    file.study_is_made_up = !file.hidden.study.empty();
    file.hidden.study.clear();
  }
}

std::size_t count_readable(const std::vector<DicomInstance>& files) {
  return static_cast<std::size_t>(std::ranges::count_if(files, &DicomInstance::is_readable));
}

/// The names of each kind that tell files apart, as their keys; "" where a file has none.
class TellingNames {
 public:
  explicit TellingNames(const std::vector<DicomInstance>& files)
      : files_(files),
        anonymous_(anonymous_patient(files)),
        studies_tell_(keys_in(files, kStudy).size() > 1) {}

  std::string of(std::size_t file, const Kind& kind) const {
    const std::string key = spreadsheet_key(files_[file].hidden.*kind.name);
    if (kind.name == kStudy.name) return studies_tell_ ? key : "";
    return key == anonymous_ ? "" : key;
  }

 private:
  const std::vector<DicomInstance>& files_;
  std::string anonymous_;
  bool studies_tell_;
};

/// Files that share a patient or a study, directly or over others.
std::vector<std::vector<std::size_t>> families_of(std::size_t files, const TellingNames& names) {
  Families families(files);
  for (const Kind& kind : {kPatient, kStudy}) {
    std::map<std::string, std::size_t> first_of;
    for (std::size_t i = 0; i < files; ++i) {
      const std::string name = names.of(i, kind);
      if (!name.empty()) families.link(i, first_of.emplace(name, i).first->second);
    }
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
/// nobody, and would be found in the numbers of files; nor does ANON, ANONYMOUS, ANONYMIZED.
bool path_tells_patient(const DicomInstance& file) {
  const std::string patient = words_of(file.hidden.patient);
  constexpr std::size_t kShortest = 3 + 2;
  return patient.size() >= kShortest && !patient.starts_with("/anon") &&
         words_of(file.id).find(patient) != std::string::npos;
}

bool may_be_dicom(const std::string& id) {
  return lower(fs::path(id).extension().string()) == ".dcm" || !has_image_extension(id);
}

/// Files that belong together, and two of them, for a message.
struct Found {
  std::size_t count = 0;
  std::string example;
};

/// Studies under which files name several patients.
Found studies_of_several(const std::vector<DicomInstance>& files) {
  const TellingNames names(files);
  std::map<std::string, std::map<std::string, std::string>> paths;  // of each patient of each study
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string patient = names.of(i, kPatient), study = names.of(i, kStudy);
    if (!patient.empty() && !study.empty()) paths[study].emplace(patient, files[i].id);
  }
  Found found;
  for (const auto& [study, of_patients] : paths) {
    if (of_patients.size() < 2 || ++found.count > 1) continue;
    found.example = fmt::format("'{}' and '{}'", of_patients.begin()->second,
                                std::next(of_patients.begin())->second);
  }
  return found;
}

void warn_of_spellings(Contents& contents, const std::vector<DicomInstance>& files) {
  std::set<std::string> patients;
  for (const DicomInstance& file : files) patients.insert(file.hidden.patient);
  patients.erase("");
  const std::size_t twice = written_twice(patients).size();
  if (twice == 0) return;
  contents.cautions.push_back(fmt::format(
      "PatientIDs that differ in capitals or leading zeros only: {}. They are taken for "
      "one patient.",
      twice));
}

void warn_of_studies(Contents& contents, const std::vector<DicomInstance>& files,
                     const std::set<std::string>& groups) {
  if (const Found found = studies_of_several(files); found.count > 0) {
    contents.cautions.push_back(fmt::format(
        "StudyInstanceUIDs under which DICOM files name several patients: {} (such as {}). A study "
        "is of one person, so these patients are one group. Where that is wrong, write groups.csv "
        "(path,group).",
        found.count, found.example));
  }
  if (std::ranges::any_of(files, &DicomInstance::study_is_made_up)) {
    contents.cautions.emplace_back(
        "All DICOM files name the same StudyInstanceUID, and several patients: it is not taken for "
        "a study; the PatientIDs count.");
  }
  const auto studies = std::ranges::count_if(
      groups, [](const std::string& group) { return group.starts_with(kStudy.word); });
  if (studies == 0) return;
  contents.cautions.push_back(
      fmt::format("Groups that are studies (StudyInstanceUID): {}. Their DICOM files name no "
                  "patient, or nearly "
                  "all the same one as anonymised files do, so that images of one patient in two "
                  "studies cannot "
                  "be told apart. Where you know the patients, write groups.csv (path,group).",
                  studies));
}

/// The images of the files of which `counts`.
template <class Counts>
std::vector<std::string> images_where(const std::vector<DicomInstance>& files, Counts counts) {
  std::vector<std::string> images;
  for (const DicomInstance& file : files) {
    if (!file.is_readable || !counts(file)) continue;
    const std::vector<std::string> own = file.image_ids();
    images.insert(images.end(), own.begin(), own.end());
  }
  return images;
}

/// Of a patient whom nearly all files name, as anonymised ones do, but not all.
void doubt_anonymous(Contents& contents, const std::vector<DicomInstance>& files) {
  const std::string anonymous = anonymous_patient(files);
  const auto is_anonymous = [&](const DicomInstance& file) {
    return spreadsheet_key(file.hidden.patient) == anonymous;
  };
  const std::size_t all = count_readable(files);
  const auto named = static_cast<std::size_t>(std::ranges::count_if(
      files, [&](const auto& file) { return file.is_readable && is_anonymous(file); }));
  if (anonymous.empty() || named == all) return;
  const std::vector<std::string> images = images_where(files, is_anonymous);
  contents.group_doubts.push_back(
      {fmt::format(
           "DICOM files that name one and the same patient: {} of {}. That is taken for what "
           "anonymised files name, and tells no patient. If it is one patient, or where you "
           "know the patients, say so by groups.csv (path,group).",
           named, all),
       {{images, images}}});
}

/// Of files that may be of the patients of others.
void doubt_untold(Contents& contents, const std::vector<DicomInstance>& files) {
  const auto is_untold = [](const DicomInstance& file) {
    return file.is_readable && file.group.empty();
  };
  contents.group_doubts.push_back(
      {fmt::format(
           "DICOM files that tell neither patient nor study (PatientID, StudyInstanceUID), beside "
           "files that do: {} (the first: '{}'). Each may be of any of these patients: say whose "
           "they are by groups.csv (path,group).",
           std::ranges::count_if(files, is_untold), std::ranges::find_if(files, is_untold)->id),
       {{images_where(files, is_untold), images_where(files, [](const auto&) { return true; })}}});
}

/// The last folder of a path, however it is written ("DICOM/", ".").
fs::path name_of_folder(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole.filename() : whole.parent_path().filename();
}

/// The folders called DICOM that only other images are read from, or nothing.
void warn_of_dicom_folders(Contents& contents, const fs::path& root) {
  struct Files {
    bool read = false, named_dcm = false;  ///< some DICOM file is
  };
  std::map<std::string, Files> folders;
  const fs::path name = name_of_folder(root);
  const auto look = [&](const std::string& id, bool is_read) {
    for (fs::path folder = (name / id).parent_path(); folder.has_filename();
         folder = folder.parent_path()) {
      if (lower(folder.filename().string()) != "dicom") continue;
      folders[folder.string()].read |= is_read;
      folders[folder.string()].named_dcm |= lower(fs::path(id).extension().string()) == ".dcm";
    }
  };
  for (const Entry& entry : contents.entries) look(entry.sample.id, may_be_dicom(entry.sample.id));
  for (const SkippedImage& file : contents.skipped) look(file.id, false);
  for (const auto& [folder, files] : folders) {
    if (files.read) continue;
    contents.cautions.push_back(fmt::format(
        "No DICOM file is read from the folder '{}': {}, so that no patients are known from it. "
        "DICOM files with other names need a labels.csv (path,label).",
        folder, files.named_dcm ? "those named .dcm are left out" : "there is none named .dcm"));
  }
}

}  // namespace

std::vector<std::string> DicomInstance::image_ids() const {
  if (frames == 1) return {id};
  std::vector<std::string> ids;
  for (std::size_t frame = 0; frame < frames; ++frame) ids.push_back(container_id(id, frame));
  return ids;
}

std::vector<DicomInstance> read_dicom_instances(const fs::path& root,
                                                const std::vector<std::string>& ids) {
  std::vector<DicomInstance> files;
  for (const std::string& id : ids) files.push_back({.id = id});
  parallel_for(ids.size(), [&](std::size_t i) { read_instance(root, files[i]); });
  return files;
}

std::string anonymous_patient(const std::vector<DicomInstance>& files) {
  std::map<std::string, std::map<std::string, std::size_t>> spellings;  // of each key, with counts
  for (const DicomInstance& file : files) {
    if (file.is_readable) ++spellings[spreadsheet_key(file.hidden.patient)][file.hidden.patient];
  }
  const std::size_t all = count_readable(files);
  for (const auto& [key, written] : spellings) {
    const bool is_one = !key.empty() && written.size() == 1;
    if (is_one && 10 * written.begin()->second >= 9 * all) return key;
  }
  return "";
}

/// Groups are numbers, for a hash of a PatientID would not hide it: there are too few of them not
/// to try them all.
void group_instances(std::vector<DicomInstance>& files) {
  drop_made_up_study(files);
  const TellingNames names(files);
  std::map<std::string, std::size_t> counts;
  for (const std::vector<std::size_t>& family : families_of(files.size(), names)) {
    for (const Kind& kind : {kPatient, kStudy}) {
      const bool told =
          std::ranges::any_of(family, [&](std::size_t i) { return !names.of(i, kind).empty(); });
      if (!told) continue;
      const std::string group = pseudonym(kind.word, ++counts[kind.word]);
      for (const std::size_t i : family) files[i].group = group;
      break;
    }
  }
}

void note_patients(Contents& contents, const std::vector<DicomInstance>& files) {
  std::set<std::string> ids;
  for (const DicomInstance& file : files) {
    if (!file.hidden.patient.empty()) ids.insert(file.hidden.patient);
  }
  for (const std::string& id : ids) contents.patient_ids.insert(spreadsheet_key(id));
  const auto told = std::ranges::count_if(files, path_tells_patient);
  if (told == 0) return;
  contents.leaks.push_back(
      fmt::format("Paths of DICOM files that contain the file's PatientID: {}. Paths are written, "
                  "into plans and predictions: give these files and folders other names.",
                  told));
}

void note_groups(Contents& contents, const std::vector<DicomInstance>& files) {
  std::set<std::string> groups;
  for (const DicomInstance& file : files) {
    if (file.is_readable) groups.insert(file.group);
  }
  const bool has_untold = groups.erase("") > 0;
  warn_of_spellings(contents, files);
  warn_of_studies(contents, files, groups);
  doubt_anonymous(contents, files);
  if (!groups.empty() && has_untold) doubt_untold(contents, files);
  if (groups.size() == 1) {
    contents.cautions.emplace_back(
        "All DICOM files that tell a patient or study are one group. If they were anonymised, and "
        "are of several patients, write groups.csv (path,group).");
  } else if (groups.empty() && count_readable(files) > 1) {
    const bool has_frames =
        std::ranges::any_of(files, [](const DicomInstance& file) { return file.frames > 1; });
    contents.cautions.push_back(fmt::format(
        "All DICOM files name the same patient or study, or none, as anonymised ones do: they give "
        "no groups{}. Where you know the patients, write groups.csv (path,group).",
        has_frames ? " but the frames of each file" : ""));
  }
}

void take_patients(Contents& contents, const fs::path& root, bool has_groups_file) {
  warn_of_dicom_folders(contents, root);
  std::map<std::string, Sample*> samples;
  for (Entry& entry : contents.entries) {
    if (may_be_dicom(entry.sample.id)) samples[entry.sample.id] = &entry.sample;
  }
  std::vector<std::string> ids;
  for (const auto& [id, sample] : samples) ids.push_back(id);
  std::vector<DicomInstance> files = read_dicom_instances(root, ids);
  group_instances(files);
  contents.anonymous_patient = anonymous_patient(files);
  note_patients(contents, files);
  const bool grouped = std::ranges::any_of(
      contents.entries, [](const Entry& entry) { return !entry.sample.group.empty(); });
  for (const DicomInstance& file : files) {
    Sample& sample = *samples[file.id];
    sample.hidden = file.hidden;
    if (grouped) continue;
    sample.group = file.group;
    sample.group_is_made_up = true;
  }
  if (!grouped && !has_groups_file) note_groups(contents, files);
}

}  // namespace fathom::data::internal
