// Sources whose file names tell class and patient: BreaKHis and breast IDC.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "fathom/base/error.h"
#include "fathom/data/contents.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// A way of naming images.
struct Naming {
  const char* pattern;  ///< ECMAScript, without the ending
  const char* example;
  void (*read)(const std::smatch& match, Entry& entry);
};

std::regex regex_of(const Naming& naming) {
  return std::regex(std::string(naming.pattern) + R"(\.(png|jpe?g|tiff?|bmp))",
                    std::regex::icase | std::regex::optimize);
}

std::string recognize_named(const fs::path& folder, const Naming& naming) {
  constexpr std::size_t kLooked = 20;
  if (!is_folder(folder)) return "";
  const std::vector<std::string> names = glance(folder, kLooked);
  const std::regex regex = regex_of(naming);
  const auto fitting = std::ranges::count_if(
      names, [&](const std::string& name) { return std::regex_match(name, regex); });
  // A stray picture must not turn the folders, which are patients here, into classes.
  if (2 * static_cast<std::size_t>(fitting) <= names.size()) return "";
  return fmt::format("{} of the first {} images found in it are named like {}", fitting,
                     names.size(), naming.example);
}

Contents open_named(const fs::path& folder, const Naming& naming) {
  ImageList found = list_images(folder, folder);
  Contents contents{.skipped = std::move(found.skipped)};
  const std::regex regex = regex_of(naming);
  for (const std::string& id : found.ids) {
    std::string name = id.substr(id.find_last_of('/') + 1);
    std::ranges::transform(name, name.begin(), ::toupper);  // names are read in any case
    std::smatch match;
    if (!std::regex_match(name, match, regex)) {
      contents.skipped.push_back({id, fmt::format("not named like {}", naming.example)});
      continue;
    }
    Entry& entry = contents.entries.emplace_back();
    entry.sample.id = id;
    naming.read(match, entry);
  }
  take_parts(contents, folder);
  return contents;
}

/// The subtypes by the names of BreaKHis's own folders.
std::string breakhis_subtype(const std::string& code) {
  static const std::map<std::string, std::string> kNames = {{"A", "adenosis"},
                                                            {"F", "fibroadenoma"},
                                                            {"PT", "phyllodes_tumor"},
                                                            {"TA", "tubular_adenoma"},
                                                            {"DC", "ductal_carcinoma"},
                                                            {"LC", "lobular_carcinoma"},
                                                            {"MC", "mucinous_carcinoma"},
                                                            {"PC", "papillary_carcinoma"}};
  const auto found = kNames.find(code);
  return found == kNames.end() ? code : found->second;
}

/// PROCEDURE_CLASS_TYPE-YEAR-SLIDE-MAGNIFICATION-NUMBER: Spanhol et al. 2016,
/// doi:10.1109/TBME.2015.2496264. Letters after the slide's number (22549AB, 22549CD) are left out
/// of the group: they may well be parts of one case, and a case too many in a group does no harm.
const Naming kBreakhis = {R"([A-Z]+_([BM])_([A-Z]+)-(\d+)-(\d+)([A-Z]*)-(\d+)-(\d+))",
                          "SOB_B_TA-14-4659-40-001.png",
                          [](const std::smatch& match, Entry& entry) {
                            entry.class_name = match[1] == "B" ? "benign" : "malignant";
                            entry.sample.group = match[3].str() + "-" + match[4].str();
                            entry.facts["subtype"] = breakhis_subtype(match[2]);
                            entry.facts["magnification"] = match[6];
                          }};

/// Cruz-Roa et al. 2014, doi:10.1117/12.2043872; the names are those of the set as Janowczyk &
/// Madabhushi 2016 (doi:10.4103/2153-3539.186902) publish it.
const Naming kIdc = {R"((\d+)_idx\d+_x\d+_y\d+_class([01]))", "10253_idx5_x1001_y1001_class0.png",
                     [](const std::smatch& match, Entry& entry) {
                       entry.class_name = match[2];
                       entry.sample.group = match[1];
                     }};

}  // namespace

std::string recognize_breakhis(const fs::path& path) { return recognize_named(path, kBreakhis); }
Contents open_breakhis(const fs::path& folder) { return open_named(folder, kBreakhis); }

std::string recognize_idc(const fs::path& path) { return recognize_named(path, kIdc); }
Contents open_idc(const fs::path& folder) { return open_named(folder, kIdc); }

}  // namespace fathom::data::internal
