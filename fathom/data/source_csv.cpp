// A table of image files: path,label[,group][,split].
#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/data/listing.h"
#include "fathom/data/manifest.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// The id of the image file that a row names: its path relative to the table, also of an absolute
/// path below it, so that the data may be moved; the absolute path elsewhere.
std::string find_image(const fs::path& file, std::string path, const std::string& at) {
  const fs::path folder = file.parent_path();
  std::error_code ignored;
  if (!fs::is_regular_file(folder / path, ignored)) {  // written on Windows, perhaps
    std::replace(path.begin(), path.end(), '\\', '/');
  }
  if (!fs::is_regular_file(folder / path, ignored)) {
    throw Error(fmt::format("{}: no file '{}' in {}; paths are relative to the CSV file", at, path,
                            folder.empty() ? "." : folder.string()));
  }
  const fs::path normal = fs::path(path).lexically_normal();
  if (normal.is_relative()) return normal.generic_string();
  const fs::path root = fs::absolute(file).lexically_normal().parent_path();
  const fs::path below = normal.lexically_relative(root);
  return (*below.begin() == ".." ? normal : below).generic_string();
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
    return std::vector{Sample{.id = find_image(file, path, at)}};
  });
}

}  // namespace fathom::data::internal
