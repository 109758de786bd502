#include "fathom/results/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fathom/base/atomic_file.h"
#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"

namespace fathom::results {
namespace {

const std::vector<std::string> kFixedColumns{"image", "split", "label", "predicted"};
constexpr const char* kGroupColumn = "group";

/// The rows of validation or of test.
struct Part {
  const char* split;
  const std::vector<std::string>&images, &groups;
  const stats::Predictions& predictions;
};

void add_rows(std::string& text, const std::vector<std::string>& classes, const Part& part,
              bool with_groups) {
  const stats::Predictions& predictions = part.predictions;
  const std::size_t images = part.images.size();
  FATHOM_CHECK(predictions.classes == classes.size() && images == predictions.size() &&
               predictions.probabilities.size() == images * classes.size() &&
               (!with_groups || part.groups.size() == images));
  for (std::size_t i = 0; i < images; ++i) {
    const double* row = &predictions.probabilities[i * classes.size()];
    const auto predicted = std::max_element(row, row + classes.size()) - row;
    std::vector<std::string> cells{part.images[i], part.split,
                                   classes.at(static_cast<std::size_t>(predictions.labels[i])),
                                   classes.at(static_cast<std::size_t>(predicted))};
    if (with_groups) cells.push_back(part.groups[i]);
    for (std::size_t c = 0; c < classes.size(); ++c) cells.push_back(fmt::format("{:.9g}", row[c]));
    text += csv_line(cells);
  }
}

/// Columns before the probabilities.
std::size_t fixed_columns(const CsvTable& table) {
  const bool with_groups = table.columns.size() > kFixedColumns.size() &&
                           table.columns[kFixedColumns.size()] == kGroupColumn;
  return kFixedColumns.size() + (with_groups ? 1 : 0);
}

std::vector<std::string> classes_of(const CsvTable& table, const std::string& where) {
  const std::vector<std::string>& columns = table.columns;
  const std::size_t fixed = fixed_columns(table);
  std::vector<std::string> classes;
  for (std::size_t i = fixed; i < columns.size() && columns[i].starts_with("p_"); ++i) {
    classes.push_back(columns[i].substr(2));
  }
  if (columns.size() != fixed + classes.size() || classes.size() < 2 ||
      !std::equal(kFixedColumns.begin(), kFixedColumns.end(), columns.begin())) {
    throw Error(where +
                ":1: the columns must be image,split,label,predicted, then group where it is "
                "known, and then p_<class> for each of two or more classes");
  }
  return classes;
}

double probability(const std::string& cell, const std::string& where) {
  constexpr double kRounding = 1e-6;  // a softmax in single precision may end a little above 1
  double value = -1;
  const char* end = cell.data() + cell.size();
  const auto parsed = std::from_chars(cell.data(), end, value);
  const bool in_range = value >= 0 && value <= 1 + kRounding;
  if (parsed.ec != std::errc() || parsed.ptr != end || !in_range) {
    throw Error(fmt::format("{}: '{}' is not a probability (0 to 1)", where, cell));
  }
  return value;
}

/// `fixed`: the columns before the probabilities.
void read_row(PredictionsFile& file, const std::vector<std::string>& row, std::size_t fixed,
              const std::string& where) {
  const bool is_test = row[1] == "test";
  if (!is_test && row[1] != "valid") {
    throw Error(fmt::format("{}: split '{}'; allowed are valid and test", where, row[1]));
  }
  const auto label = std::find(file.classes.begin(), file.classes.end(), row[2]);
  if (label == file.classes.end()) {
    throw Error(where + ": " + unknown_name("class", row[2], file.classes).what());
  }
  stats::Predictions& predictions = is_test ? file.test : file.valid;
  (is_test ? file.test_images : file.valid_images).push_back(row[0]);
  if (fixed > kFixedColumns.size()) {
    (is_test ? file.test_groups : file.valid_groups).push_back(row[kFixedColumns.size()]);
  }
  predictions.labels.push_back(static_cast<int>(label - file.classes.begin()));
  for (std::size_t c = fixed; c < row.size(); ++c) {
    predictions.probabilities.push_back(probability(row[c], where));
  }
}

}  // namespace

stats::Groups groups_of(const std::vector<std::string>& names, std::size_t images) {
  return names.empty() ? stats::single_images(images) : stats::make_groups(names);
}

std::string write_predictions(const std::filesystem::path& path, const PredictionsFile& file) {
  const bool with_groups = !file.valid_groups.empty() || !file.test_groups.empty();
  std::vector<std::string> columns = kFixedColumns;
  if (with_groups) columns.emplace_back(kGroupColumn);
  for (const std::string& name : file.classes) columns.push_back("p_" + name);
  std::string text = csv_line(columns);
  add_rows(text, file.classes, {"valid", file.valid_images, file.valid_groups, file.valid},
           with_groups);
  add_rows(text, file.classes, {"test", file.test_images, file.test_groups, file.test},
           with_groups);
  write_file_atomically(path, text);
  return sha256_hex(text);
}

std::string external_file_name(const std::string& set) {
  return fmt::format("external-{}.csv", set);
}

void require_vouched(const std::filesystem::path& path, const std::string& found,
                     const std::string& vouched) {
  if (found == vouched) return;
  throw Error(
      fmt::format("{}: not the file that the unit wrote: its SHA-256 is {}, the journal says {}. "
                  "Restore the file from a copy",
                  path.string(), found, vouched));
}

PredictionsFile read_predictions(const std::filesystem::path& path, const std::string& sha256) {
  const std::string where = path.string();
  const std::string text = read_file(path);
  require_vouched(path, sha256_hex(text), sha256);
  const CsvTable table = parse_csv(text, where);
  PredictionsFile file;
  file.classes = classes_of(table, where);
  file.valid.classes = file.test.classes = file.classes.size();
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    read_row(file, table.rows[r], fixed_columns(table),
             fmt::format("{}:{}", where, table.lines[r]));
  }
  return file;
}

}  // namespace fathom::results
