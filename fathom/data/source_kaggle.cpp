// Kaggle's histopathologic cancer detection: train_labels.csv (id,label) beside train/ID.tif.
#include <fmt/format.h>

#include <set>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/listing.h"
#include "fathom/data/source.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

constexpr const char* kLabels = "train_labels.csv";

/// One row as an entry. `images` maps names without ending to ids; what is taken leaves it.
Entry read_row(const std::string& name, const std::string& label,
               std::map<std::string, std::string>& images, const std::string& at) {
  const auto image = images.find(name);
  if (image == images.end()) {
    throw Error(fmt::format("{}: no image train/{}.tif, or it is listed twice", at, escaped(name)));
  }
  if (label.empty() || !is_utf8(label)) {
    throw Error(fmt::format("{}: the label '{}' is empty or not UTF-8", at, escaped(label)));
  }
  Entry entry{Sample{.id = image->second}, label};
  images.erase(image);
  return entry;
}

}  // namespace

std::string recognize_kaggle(const fs::path& path) {
  std::error_code ignored;
  const bool fits = fs::is_regular_file(path / kLabels, ignored) && is_folder(path / "train");
  return fits ? fmt::format("{} lies beside a folder train", kLabels) : "";
}

Contents open_kaggle(const fs::path& folder) {
  const CsvTable table = read_csv(folder / kLabels);
  const std::string where = (folder / kLabels).string();
  const auto columns = find_columns(table, {"id", "label"}, where);
  ImageList found = list_images(folder, folder / "train");
  Contents contents{.skipped = std::move(found.skipped)};
  std::map<std::string, std::string> images;
  for (const std::string& image : found.ids) {
    const auto [first, is_new] = images.emplace(fs::path(image).stem().string(), image);
    if (is_new) continue;
    throw Error(fmt::format("{}: '{}' and '{}' are both the image '{}'; remove one of them",
                            folder.string(), first->second, image, first->first));
  }
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& cells = table.rows[row];
    contents.entries.push_back(read_row(cells[columns[0]], trimmed(cells[columns[1]]), images,
                                        fmt::format("{}:{}", where, table.lines[row])));
  }
  for (const auto& [name, image] : images) {
    contents.skipped.push_back({image, fmt::format("has no row in {}", kLabels)});
  }
  return contents;
}

}  // namespace fathom::data::internal
