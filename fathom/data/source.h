// The kinds of data set that can be read: one explicit table, asked in its order.
// Not for pixels: a source only lists samples.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data {

struct Source {
  std::string name;         ///< Dataset::source
  std::string description;  ///< what it looks like on disk, for help and errors
  bool (*recognizes)(const std::filesystem::path& path);
  /// Fills root, classes, samples, skipped, has_groups and has_splits, in any order: open_dataset
  /// sorts and checks. Throws Error.
  Dataset (*open)(const std::filesystem::path& path);
};

const std::vector<Source>& sources();

namespace internal {

/// A list of samples whose classes are still names.
struct NamedSample {
  Sample sample;
  std::string class_name;
};

/// Makes the sorted list of classes and sets every label.
Dataset label_samples(std::vector<NamedSample> named);

Dataset open_folder(const std::filesystem::path& folder);
Dataset open_csv(const std::filesystem::path& file);

/// Whether the name ends like an image that image::decode reads (.png, .JPG, ...).
bool has_image_extension(const std::filesystem::path& path);

bool is_utf8(std::string_view text);
/// Bytes that are no UTF-8 text, made readable: "caf\xe9.png".
std::string escaped(std::string_view bytes);

}  // namespace internal
}  // namespace fathom::data
