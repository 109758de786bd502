// A table of image files: path,label[,group][,split].
#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/data/listing.h"
#include "fathom/data/manifest.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// The id of the image file that a row names: its path relative to the table.
std::string find_image(const fs::path& folder, std::string path, const std::string& at) {
  std::error_code ignored;
  if (!fs::is_regular_file(folder / path, ignored)) {  // written on Windows, perhaps
    std::replace(path.begin(), path.end(), '\\', '/');
  }
  if (!fs::is_regular_file(folder / path, ignored)) {
    throw Error(fmt::format("{}: no file '{}' in {}; paths are relative to the CSV file", at, path,
                            folder.empty() ? "." : folder.string()));
  }
  return fs::path(path).lexically_normal().generic_string();
}

}  // namespace

std::string recognize_csv(const fs::path& path) {
  std::error_code ignored;
  const bool is_csv =
      lower(path.extension().string()) == ".csv" && fs::is_regular_file(path, ignored);
  return is_csv ? "it is a .csv file" : "";
}

Contents open_csv(const fs::path& file) {
  return read_manifest(file, [&](const std::string& path, const std::string& at) {
    return std::vector{Sample{.id = find_image(file.parent_path(), path, at)}};
  });
}

}  // namespace fathom::data::internal
