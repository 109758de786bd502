#include "fathom/data/unlabelled.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "fathom/base/error.h"
#include "fathom/data/listing.h"

namespace fathom::data {
namespace fs = std::filesystem;

Dataset open_images(const std::vector<std::string>& paths) {
  Dataset dataset;
  dataset.source = "paths";
  std::set<std::string> seen;
  const auto add = [&](std::string id) {
    if (seen.insert(id).second) dataset.samples.push_back({.id = std::move(id), .label = -1});
  };
  for (const fs::path path : paths) {
    if (!internal::is_folder(path)) {
      std::error_code ignored;
      if (!fs::exists(path, ignored)) {
        throw Error(fmt::format("{}: no such file or folder", path.string()));
      }
      add(path.generic_string());
      continue;
    }
    const internal::ImageList found = internal::list_images(path, path);
    for (const std::string& id : found.ids) add((path / id).generic_string());
    for (const SkippedImage& file : found.skipped) {
      dataset.skipped.push_back({(path / file.id).generic_string(), file.reason});
    }
  }
  if (!dataset.samples.empty()) return dataset;
  throw Error(fmt::format("{}: no image below it ({} by their names)", fmt::join(paths, ", "),
                          image::kFormatNames));
}

}  // namespace fathom::data
