#include "fathom/data/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/contents.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

const std::vector<std::string> kColumns = {"path", "label", "group", "split"};

struct Columns {
  int path, label, group, split;  ///< -1: not there
};

/// Finds the columns. A column nearly called like a known one is refused rather than ignored: a
/// mistyped "group" would let slides be cut in silence.
Columns manifest_columns(const CsvTable& table, const std::string& where) {
  for (const std::string& column : table.columns) {
    const std::string near = nearest_name(column, kColumns);
    const bool known = std::find(kColumns.begin(), kColumns.end(), column) != kColumns.end();
    if (!known && !near.empty() && table.find(near) < 0) {
      throw Error(
          fmt::format("{}:1: unknown column '{}'; did you mean '{}'?", where, column, near));
    }
  }
  find_columns(table, {"path", "label"}, where);
  return {table.find("path"), table.find("label"), table.find("group"), table.find("split")};
}

/// Reads the rows of one manifest.
class ManifestReader {
 public:
  ManifestReader(const fs::path& file, const FindImages& find)
      : file_(file.string()),
        find_(find),
        table_(read_csv(file)),
        columns_(manifest_columns(table_, file_)) {}

  Contents read() {
    for (std::size_t row = 0; row < table_.rows.size(); ++row) read_row(row);
    refuse_missing_splits();
    refuse_missing_groups();
    warn_of_unread_groups();
    return std::move(contents_);
  }

 private:
  std::string at(std::size_t row) const { return fmt::format("{}:{}", file_, table_.lines[row]); }

  std::string cell(std::size_t row, int column) const {
    if (column < 0) return "";
    const std::string& text = table_.rows[row][static_cast<std::size_t>(column)];
    if (!is_utf8(text)) {
      // A group may be a patient's name, which is not told.
      const std::string found = column == columns_.group ? "the group" : "'" + escaped(text) + "'";
      throw Error(fmt::format("{}: {} is not UTF-8; save the file as UTF-8", at(row), found));
    }
    return text;
  }

  /// A cell that names something: blanks around it are slips, which would cut a patient in two.
  std::string name_cell(std::size_t row, int column) const { return trimmed(cell(row, column)); }

  void read_row(std::size_t row) {
    const std::string path = cell(row, columns_.path);
    if (path.empty()) throw Error(at(row) + ": the path is empty");
    const std::string label = name_cell(row, columns_.label);
    if (label.empty()) throw Error(at(row) + ": the label is empty");
    const Split split = read_split(row);
    const std::string group = name_cell(row, columns_.group);
    (group.empty() ? rows_without_group_ : rows_with_group_).push_back(row);
    for (Sample& sample : find_(path, at(row))) {
      refuse_repeated(row, sample.id);
      sample.group = group;
      sample.split = split;
      contents_.entries.push_back({std::move(sample), label});
    }
  }

  Split read_split(std::size_t row) {
    const std::string split = name_cell(row, columns_.split);
    try {
      const Split known = split.empty() ? Split::none : split_from_name(split);
      (known == Split::none ? rows_without_split_ : rows_with_split_).push_back(row);
      return known;
    } catch (const Error& error) {
      throw Error(at(row) + ": " + error.what());
    }
  }

  void refuse_repeated(std::size_t row, const std::string& id) {
    const auto [before, is_new] = rows_.emplace(id, row);
    if (is_new) return;
    throw Error(fmt::format("{}: '{}' was already listed in line {}; one row per image is allowed",
                            at(row), id, table_.lines[before->second]));
  }

  void refuse_missing_splits() const {
    if (rows_with_split_.empty() || rows_without_split_.empty()) return;
    throw Error(at(rows_without_split_.front()) +
                ": the split is empty or none, but other rows have one; write train, valid or "
                "test in every row, or in none");
  }

  /// An image forgotten there would be cut from its group in silence.
  void refuse_missing_groups() const {
    if (rows_with_group_.empty() || rows_without_group_.empty()) return;
    throw Error(at(rows_without_group_.front()) +
                ": the group is empty, but other rows have one; write the patient, slide or tile "
                "in every row (a name of its own for an image that belongs to no other), or in "
                "none");
  }

  /// Without groups, a column that looks like them must not be passed over in silence.
  void warn_of_unread_groups() {
    static const std::set<std::string> kLikely = {"patient",  "patient_id", "patientid", "slide",
                                                  "slide_id", "case",       "case_id",   "subject"};
    if (columns_.group >= 0 || fs::exists(fs::path(file_).parent_path() / kGroupsFile)) return;
    for (const std::string& column : table_.columns) {
      if (!kLikely.contains(lower(column))) continue;
      contents_.cautions.push_back(fmt::format(
          "{} has no column 'group', but '{}', which is not read. If it tells which images belong "
          "together, name it 'group'.",
          file_, column));
    }
  }

  std::string file_;
  const FindImages& find_;
  CsvTable table_;
  Columns columns_;
  Contents contents_;
  std::map<std::string, std::size_t> rows_;
  std::vector<std::size_t> rows_with_split_, rows_without_split_;
  std::vector<std::size_t> rows_with_group_, rows_without_group_;
};

}  // namespace

Contents read_manifest(const fs::path& file, const FindImages& find) {
  return ManifestReader(file, find).read();
}

}  // namespace fathom::data::internal
