#include "fathom/data/dicom_instances.h"

#include <fmt/format.h>

#include <map>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/image/dicom.h"

namespace fathom::data::internal {
namespace {

/// Whose images a file holds: "patient" or "study" and its ID; nothing where the file says neither.
using Owner = std::pair<std::string, std::string>;

Owner read_instance(const std::filesystem::path& root, DicomInstance& instance) {
  try {
    const image::DicomFile file(root / instance.id);
    instance.uid = file.instance_uid();
    instance.frames = file.frames();
    if (!file.patient_id().empty()) return {"patient", file.patient_id()};
    if (!file.study_uid().empty()) return {"study", file.study_uid()};
    return {};
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

DicomInstances read_dicom_instances(const std::filesystem::path& root,
                                    const std::vector<std::string>& ids) {
  DicomInstances found;
  for (const std::string& id : ids) found.files.push_back({.id = id});
  std::vector<Owner> owners(ids.size());
  parallel_for(ids.size(), [&](std::size_t i) { owners[i] = read_instance(root, found.files[i]); });
  // Numbers, for a hash of a PatientID would not hide it: there are too few of them not to try
  // them all.
  std::map<Owner, std::string> pseudonyms;
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const auto [known, is_new] = pseudonyms.emplace(owners[i], "");
    const auto& [kind, id] = owners[i];
    if (kind == "patient") found.patient_ids.insert(id);
    if (is_new && !kind.empty()) known->second = fmt::format("{}-{:06}", kind, ++counts[kind]);
    found.files[i].group = known->second;
  }
  return found;
}

}  // namespace fathom::data::internal
