// PatchCamelyon: camelyonpatch_level_2_split_{train,valid,test}_{x,y}.h5 and ..._meta.csv.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/containers/hdf5.h"
#include "fathom/data/image_array.h"
#include "fathom/data/listing.h"
#include "fathom/data/recent_files.h"
#include "fathom/data/source.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

using containers::Hdf5Bytes;

std::string file_of(const std::string& part, const std::string& ending) {
  return "camelyonpatch_level_2_split_" + part + ending;
}

/// The images of one part, open.
struct PcamImages {
  explicit PcamImages(const fs::path& path)
      : bytes(path, "x"), shape(image_shape(bytes.shape(), path.string() + ": data set 'x'")) {}
  Hdf5Bytes bytes;
  ImageShape shape;
};

std::shared_ptr<const PcamImages> images_of(const fs::path& path) {
  static RecentFiles<PcamImages> recent(3);
  return recent.get(path);
}

std::vector<std::uint8_t> read_labels(const fs::path& path, std::size_t images) {
  const Hdf5Bytes labels(path, "y");
  if (labels.row_bytes() != 1 || labels.shape()[0] != images) {
    throw Error(fmt::format("{}: data set 'y' of {} for {} images", path.string(),
                            fmt::join(labels.shape(), " x "), images));
  }
  std::vector<std::uint8_t> values = labels.all(images);
  const auto other = std::ranges::find_if(values, [](std::uint8_t value) { return value > 1; });
  if (other != values.end()) {
    throw Error(fmt::format("{}: data set 'y': the label {} of image {}; 0 and 1 are allowed",
                            path.string(), *other, other - values.begin()));
  }
  return values;
}

/// The slide of every image; empty when there is no such table.
std::vector<std::string> read_slides(const fs::path& path, std::size_t images) {
  if (!fs::exists(path)) return {};
  const CsvTable table = read_csv(path);
  const std::size_t column = find_columns(table, {"wsi"}, path.string())[0];
  if (table.rows.size() != images) {
    throw Error(fmt::format("{}: {} rows for {} images; one row an image is needed", path.string(),
                            table.rows.size(), images));
  }
  std::vector<std::string> slides;
  for (std::size_t row = 0; row < images; ++row) {
    slides.push_back(trimmed(table.rows[row][column]));
    if (!slides.back().empty() && is_utf8(slides.back())) continue;
    throw Error(fmt::format("{}:{}: the slide '{}' is empty or not UTF-8", path.string(),
                            table.lines[row], escaped(slides.back())));
  }
  return slides;
}

/// Slides of some parts only would leave the images of the others without groups, in silence.
void refuse_missing_tables(const fs::path& folder, const std::vector<std::string>& parts) {
  const auto has_table = [&](const std::string& part) {
    return fs::exists(folder / file_of(part, "_meta.csv"));
  };
  if (std::ranges::none_of(parts, has_table)) return;
  const auto missing = std::ranges::find_if_not(parts, has_table);
  if (missing == parts.end()) return;
  throw Error(
      fmt::format("{}: missing, but other parts have their table of slides; add it, or take "
                  "the others away",
                  (folder / file_of(*missing, "_meta.csv")).string()));
}

void add_part(Contents& contents, const fs::path& folder, const std::string& part) {
  const std::string file = file_of(part, "_x.h5");
  const std::size_t images = images_of(folder / file)->shape.count;
  const std::vector<std::uint8_t> labels = read_labels(folder / file_of(part, "_y.h5"), images);
  const std::vector<std::string> slides = read_slides(folder / file_of(part, "_meta.csv"), images);
  for (std::size_t i = 0; i < images; ++i) {
    Sample sample{.id = container_id(file, i), .split = split_from_name(part)};
    if (!slides.empty()) sample.group = slides[i];
    contents.entries.push_back({std::move(sample), std::to_string(labels[i])});
  }
}

}  // namespace

std::string recognize_pcam(const fs::path& path) {
  std::error_code ignored;
  const std::string file = file_of("train", "_x.h5");
  return fs::is_regular_file(path / file, ignored) ? "it holds " + file : "";
}

Contents open_pcam(const fs::path& folder) {
  std::vector<std::string> parts = {"train", "valid", "test"};
  std::erase_if(parts,
                [&](const auto& part) { return !fs::exists(folder / file_of(part, "_x.h5")); });
  refuse_missing_tables(folder, parts);
  Contents contents;
  for (const std::string& part : parts) add_part(contents, folder, part);
  return contents;
}

image::Image load_pcam(const fs::path& root, const std::string& id) {
  const auto [file, index] = parse_container_id(id);
  const auto images = images_of(root / file);
  return to_image(images->bytes.row(index), images->shape);
}

}  // namespace fathom::data::internal
