#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/listing.h"
#include "fathom/data/source.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

const std::vector<std::string> kColumns = {"path", "label", "group", "split"};

struct Columns {
  int path, label, group, split;  ///< -1: not there
};

/// Finds the columns. A column nearly called like a known one is refused rather than ignored: a
/// mistyped "group" would let slides be cut in silence.
Columns find_columns(const CsvTable& table, const std::string& where) {
  for (const std::string& column : table.columns) {
    const std::string near = nearest_name(column, kColumns);
    const bool known = std::find(kColumns.begin(), kColumns.end(), column) != kColumns.end();
    if (!known && !near.empty() && table.find(near) < 0) {
      throw Error(
          fmt::format("{}:1: unknown column '{}'; did you mean '{}'?", where, column, near));
    }
  }
  const Columns columns{table.find("path"), table.find("label"), table.find("group"),
                        table.find("split")};
  if (columns.path < 0 || columns.label < 0) {
    throw Error(fmt::format(
        "{}:1: the columns 'path' and 'label' are needed ('group' and 'split' are optional); "
        "found: {}",
        where, fmt::join(table.columns, ", ")));
  }
  return columns;
}

/// Reads the rows of one manifest.
class ManifestReader {
 public:
  explicit ManifestReader(const fs::path& file)
      : file_(file.string()),
        folder_(file.parent_path()),
        table_(read_csv(file)),
        columns_(find_columns(table_, file_)) {}

  Contents read() {
    Contents contents;
    for (std::size_t row = 0; row < table_.rows.size(); ++row) {
      contents.entries.push_back(read_row(row));
    }
    const bool has_splits = std::ranges::any_of(
        contents.entries, [](const Entry& entry) { return entry.sample.split != Split::none; });
    if (has_splits) refuse_missing_splits(contents);
    return contents;
  }

 private:
  std::string at(std::size_t row) const { return fmt::format("{}:{}", file_, table_.lines[row]); }

  std::string cell(std::size_t row, int column) const {
    if (column < 0) return "";
    const std::string& text = table_.rows[row][static_cast<std::size_t>(column)];
    if (!is_utf8(text)) {
      throw Error(
          fmt::format("{}: '{}' is not UTF-8; save the file as UTF-8", at(row), escaped(text)));
    }
    return text;
  }

  /// A cell that names something: blanks around it are slips, which would cut a patient in two.
  std::string name_cell(std::size_t row, int column) const {
    const std::string text = cell(row, column);
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }

  Entry read_row(std::size_t row) {
    Entry entry;
    entry.sample.id = find_image(row);
    entry.class_name = name_cell(row, columns_.label);
    if (entry.class_name.empty()) throw Error(at(row) + ": the label is empty");
    entry.sample.group = name_cell(row, columns_.group);
    const std::string split = name_cell(row, columns_.split);
    try {
      if (!split.empty()) entry.sample.split = split_from_name(split);
    } catch (const Error& error) {
      throw Error(at(row) + ": " + error.what());
    }
    const auto [before, is_new] = rows_.emplace(entry.sample.id, row);
    if (!is_new) {
      throw Error(
          fmt::format("{}: '{}' was already listed in line {}; one row per image is allowed",
                      at(row), entry.sample.id, table_.lines[before->second]));
    }
    return entry;
  }

  /// The image's path relative to the manifest.
  std::string find_image(std::size_t row) const {
    std::string path = cell(row, columns_.path);
    if (path.empty()) throw Error(at(row) + ": the path is empty");
    std::error_code ignored;
    if (!fs::is_regular_file(folder_ / path, ignored)) {  // written on Windows, perhaps
      std::replace(path.begin(), path.end(), '\\', '/');
    }
    if (!fs::is_regular_file(folder_ / path, ignored)) {
      throw Error(fmt::format("{}: no file '{}' in {}; paths are relative to the CSV file", at(row),
                              path, folder_.empty() ? "." : folder_.string()));
    }
    return fs::path(path).lexically_normal().generic_string();
  }

  void refuse_missing_splits(const Contents& contents) const {
    for (std::size_t row = 0; row < table_.rows.size(); ++row) {
      if (contents.entries[row].sample.split != Split::none) continue;
      throw Error(at(row) +
                  ": the split is empty, but other rows have one; write train, valid or "
                  "test in every row, or in none");
    }
  }

  std::string file_;
  fs::path folder_;
  CsvTable table_;
  Columns columns_;
  std::map<std::string, std::size_t> rows_;
};

}  // namespace

std::string recognize_csv(const fs::path& path) {
  std::error_code ignored;
  const bool is_csv =
      lower(path.extension().string()) == ".csv" && fs::is_regular_file(path, ignored);
  return is_csv ? "it is a .csv file" : "";
}

Contents open_csv(const fs::path& file) { return ManifestReader(file).read(); }

}  // namespace fathom::data::internal
