#include "fathom/data/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace fathom::data {
namespace {
namespace fs = std::filesystem;

/// The whole of `name` as a number, or nothing.
bool parse_whole(const std::string& name, std::int64_t& value) {
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, value);
  return error == std::errc() && stopped == end;
}

/// Numeric names in numeric order before all others in the order of their bytes.
bool class_order(const std::string& a, const std::string& b) {
  std::int64_t number_a = 0, number_b = 0;
  const bool a_is_number = parse_whole(a, number_a);
  const bool b_is_number = parse_whole(b, number_b);
  if (a_is_number && b_is_number && number_a != number_b) return number_a < number_b;
  if (a_is_number != b_is_number) return a_is_number;
  return a < b;
}

bool is_csv(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), ::tolower);
  std::error_code ignored;
  return extension == ".csv" && fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

const std::vector<Source>& sources() {
  static const std::vector<Source> table = {
      {"folder",
       "a folder with one sub-folder of images per class, with or without train, valid and test "
       "folders above them",
       is_folder, internal::open_folder},
      {"csv", "a .csv file with the columns path,label[,group][,split]", is_csv,
       internal::open_csv},
  };
  return table;
}

namespace internal {

Dataset label_samples(std::vector<NamedSample> named) {
  const auto order = [](const std::string& a, const std::string& b) { return class_order(a, b); };
  std::map<std::string, int, decltype(order)> labels(order);
  for (const NamedSample& entry : named) labels[entry.class_name] = 0;
  Dataset dataset;
  for (auto& [name, label] : labels) {
    label = static_cast<int>(dataset.classes.size());
    dataset.classes.push_back(name);
  }
  for (NamedSample& entry : named) {
    entry.sample.label = labels[entry.class_name];
    dataset.samples.push_back(std::move(entry.sample));
  }
  return dataset;
}

bool has_image_extension(const fs::path& path) {
  static constexpr std::array kExtensions = {".png", ".jpg",  ".jpeg", ".jpe",
                                             ".tif", ".tiff", ".bmp"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), ::tolower);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool is_utf8(std::string_view text) {
  // JSON is where a name that is no UTF-8 would end a study, so JSON's own check decides.
  try {
    return !Json(std::string(text)).dump().empty();
  } catch (const Json::exception&) {
    return false;
  }
}

std::string escaped(std::string_view bytes) {
  std::string result;
  for (const char byte : bytes) {
    const auto code = static_cast<std::uint8_t>(byte);
    result += code >= 0x20 && code < 0x7f ? std::string(1, byte) : fmt::format("\\x{:02x}", code);
  }
  return result;
}

}  // namespace internal
}  // namespace fathom::data
